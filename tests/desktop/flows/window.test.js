import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startChromium } from '../../browser/support/browsers.js';
import { isSignIn } from '../../browser/support/sign-in-page.js';
import { watchSockets } from '../../browser/support/sockets.js';
import { until } from '../../browser/support/wait.js';
import { Workbench } from '../../browser/support/workbench.js';
import { Desktop } from '../support/desktop.js';

describe('the window', { timeout: 180_000 }, () => {
  let desktop, window, chromium;

  before(async () => {
    desktop = await Desktop.open();
    window = await desktop.startWithWindow();
    await desktop.reaches('running');
    chromium = await startChromium({ trustedRoot: await desktop.doorcode(['cert', 'export', 'localhost']) });
  });

  after(async () => {
    await chromium?.close();
    await desktop?.close();
  });

  test('shows the address, the editor and its state', async () => {
    await window.go('Overview');
    await window.says(/Running/);
    const text = await window.text();
    const { editor } = await desktop.status();
    for (const fact of [desktop.address, editor.version])
      assert.ok(text.includes(fact), `${fact} is not in:\n${text}`);
    await window.screenshot('overview');
  });

  test('stops the editor and starts it', async () => {
    await window.press('button', 'Stop');
    await window.says(/Stop the editor\?/);
    await window.press('button', 'Stop');
    await desktop.reaches('stopped');
    await window.says(/Stopped/);
    await window.press('button', 'Start');
    await desktop.reaches('running');
    await window.says(/Running/);
  });

  test('turns the password off and on, and who comes then notices', async () => {
    await window.go('Sign-in');
    assert.ok(await isAsked());
    await window.press('choice', /Whoever reaches the address/);
    await window.press('button', 'Ask nobody');
    await until('nobody is asked', async () => (await desktop.status()).auth === 'none');
    assert.ok(!(await isAsked()));
    await window.screenshot('sign-in-none');
    await window.press('choice', /Whoever knows the password/);
    await until('a password is asked for', async () => (await desktop.status()).auth === 'password');
    assert.ok(await isAsked());
  });

  test('shows the password only when it is asked to', async () => {
    const password = (await desktop.doorcode(['password', 'show'])).trim();
    assert.ok(!(await wholePage()).includes(password));
    await window.press('button', 'Show');
    await until('it is there', async () => (await wholePage()).includes(password));
    await window.press('button', 'Hide');
    await until('it is gone', async () => !(await wholePage()).includes(password));
  });

  test('ends a session, which closes its editor', async () => {
    const page = await newVisitor();
    const sockets = await watchSockets(page);
    await page.goto((await desktop.doorcode(['open', '--print'])).trim(), { waitUntil: 'domcontentloaded' });
    await new Workbench(page).ready('notes.txt');
    await until('the editor has its sockets', () => sockets.count() >= 2);
    await window.press('button', /^End the session of/);
    await until('the sockets are closed', () => sockets.count() === 0, { seconds: 10 });
    await page.goto(desktop.address, { waitUntil: 'domcontentloaded' });
    assert.ok(isSignIn(page));
  });

  test('refuses a bad setting in words, and keeps the file as it was', async () => {
    await window.go('Settings');
    const before = await desktop.settings();
    await window.fill('Sign out when idle for', 'a while');
    const complaint = await until('it says what is wrong', () => window.complaint('Sign out when idle for'));
    assert.match(complaint, /a while|duration|7d/);
    await window.screenshot('settings-refused');
    assert.equal(await desktop.settings(), before);
  });

  test('saves a good one, and takes it back', async () => {
    const before = await desktop.settings();
    await window.enter('Sign out when idle for', '3d');
    await until('it is in the file', async () => /^idle = "3d"$/m.test(await desktop.settings()));
    await window.press('button', 'Undo the last change');
    await until('it is as it was', async () => (await desktop.settings()) === before);
  });

  test('follows the log', async () => {
    await window.go('Logs');
    await window.press('tab', 'Access');
    const page = await newVisitor();
    await page.goto(`${desktop.address}/a-page-that-is-asked-for-now`, { waitUntil: 'domcontentloaded' });
    await window.says(/a-page-that-is-asked-for-now/);
    await until('its end is in sight', () =>
      window.execute(() => {
        const { scrollHeight, scrollTop, clientHeight } = document.querySelector('[role=log]');
        return scrollHeight > clientHeight && scrollHeight - scrollTop - clientHeight < 2;
      }),
    );
    await window.screenshot('logs');
  });

  test('has every page', async () => {
    for (const page of ['Overview', 'Certificates', 'Sign-in', 'Logs', 'Settings', 'About']) {
      await window.go(page);
      await until(`${page} is the heading`, () => heading().then((text) => text === page));
      await window.screenshot(`page-${page.toLowerCase()}`);
    }
    assert.doesNotMatch(await window.text(), /Something went wrong/); // What no page expected stays until it is dismissed.
  });

  test('is destroyed when it is closed, and the editor goes on', async () => {
    const { editor } = await desktop.status();
    await desktop.closeWindow();
    await until(
      'nothing shows a page',
      async () => (await desktop.processes('WebKitWebProcess')).length === 0,
    );
    assert.equal((await desktop.reaches('running')).editor.pid, editor.pid);
    await (await desktop.tray()).choose(/^Quit/);
    await desktop.engineEnds();
  });

  async function heading() {
    return window.execute(() => document.querySelector('h1')?.innerText);
  }

  /** Everything in the document, what is in fields included. */
  async function wholePage() {
    return window.execute(() => {
      const fields = [...document.querySelectorAll('input, textarea')].map(({ value }) => value);
      return document.documentElement.outerHTML + fields.join('\n');
    });
  }

  async function newVisitor() {
    const context = await chromium.browser.createBrowserContext();
    return context.newPage();
  }

  async function isAsked() {
    const page = await newVisitor();
    const answer = await page.goto(desktop.address, { waitUntil: 'domcontentloaded' });
    assert.equal(answer.status(), 200);
    return isSignIn(page);
  }
});
