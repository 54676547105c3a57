import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startChromium } from '../../browser/support/browsers.js';
import { openSignIn, submitPassword } from '../../browser/support/sign-in-page.js';
import { until } from '../../browser/support/wait.js';
import { Desktop } from '../support/desktop.js';

const PASSWORD = 'a password of the desktop tests';

describe('notifications', { timeout: 180_000 }, () => {
  let desktop, chromium, notifications;

  before(async () => {
    desktop = await Desktop.open({ browser: 'chromium-for-tests' });
    notifications = desktop.session.notifications;
    desktop.start();
    await desktop.reaches('running');
    await desktop.doorcode(['password', 'set', '--stdin'], PASSWORD);
    chromium = await startChromium({ trustedRoot: await desktop.doorcode(['cert', 'export', 'localhost']) });
  });

  after(async () => {
    await chromium?.close();
    await desktop?.close();
  });

  test('one says, the first time, that the default browser does not trust the certificate', async () => {
    const tray = await desktop.tray();
    for (const time of ['first', 'second']) {
      await tray.choose('Open in browser');
      assert.ok(await desktop.browser.next(), `the ${time} time`);
    }
    const warnings = notifications.all().filter(({ summary }) => /browser will warn/.test(summary));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0].body, /doorcode trust install/);
  });

  test('one says that the editor crashed and was started again', async () => {
    const { editor } = await desktop.status();
    process.kill(editor.pid, 'SIGKILL');
    await notifications.arrives(/editor crashed/);
    await desktop.reaches('running');
  });

  test('a click on it shows the window', async () => {
    await notifications.clickNewest();
    await desktop.showsWindow();
    await desktop.closeWindow();
  });

  test('one says that a device signed in', async () => {
    await signIn(PASSWORD);
    await notifications.arrives(/signed in/);
  });

  test('one that was turned off does not come', async () => {
    await desktop.changeSettings((text) => `${text}\n[notifications]\nnew_device = false\n`);
    const before = notifications.all().length;
    await signIn(PASSWORD);
    // The crash that comes after it is told, so the sign-in would have been told by then.
    process.kill((await desktop.reaches('running')).editor.pid, 'SIGKILL');
    await until('the crash is told', () => notifications.all().length > before);
    const since = notifications.all().slice(before);
    assert.ok(!since.some(({ summary, body }) => /signed in/i.test(summary + body)), JSON.stringify(since));
  });

  test('one says that the editor was given up', async () => {
    const { editor } = await desktop.reaches('running');
    await desktop.editor.fail();
    process.kill(editor.pid, 'SIGKILL');
    await desktop.reaches('failed');
    await notifications.arrives(/editor is not started again/);
    await desktop.editor.goOn();
    await desktop.doorcode(['start']);
    await desktop.reaches('running');
  });

  // The last one: from then on, nobody on this machine is let in for a while.
  test('one says that somebody guesses passwords', async () => {
    const page = await newVisitor();
    const context = page.browserContext();
    await until('the door turns the guesser away', async () => {
      await openSignIn(page, desktop);
      const answer = await submitPassword(page, 'not the password');
      return answer.status() === 429;
    });
    await context.close();
    await notifications.arrives(/guessing passwords/);
  });

  async function newVisitor() {
    const context = await chromium.browser.createBrowserContext();
    return context.newPage();
  }

  async function signIn(password) {
    const page = await newVisitor();
    await openSignIn(page, desktop);
    const answer = await submitPassword(page, password);
    assert.equal(answer.status(), 200);
  }
});
