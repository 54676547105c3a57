import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startChromium } from '../../browser/support/browsers.js';
import { isSignIn, openSignIn, submitPassword } from '../../browser/support/sign-in-page.js';
import { until } from '../../browser/support/wait.js';
import { Workbench } from '../../browser/support/workbench.js';
import { Desktop } from '../support/desktop.js';

describe('the first run, from an empty home', { timeout: 180_000 }, () => {
  let desktop, window, chromium, folder, password;

  before(async () => {
    desktop = await Desktop.open({ empty: true });
    folder = join(desktop.session.home, 'my code');
    await mkdir(folder);
    await writeFile(join(folder, 'first.txt'), '');
    window = await desktop.startWithWindow();
  });

  after(async () => {
    await chromium?.close();
    await desktop?.close();
  });

  test('begins with the folder', async () => {
    await window.says(/Which folder/);
    await window.screenshot('welcome-folder');
    await window.fill('Folder', folder);
    await window.press('button', 'Continue');
    await until('it is in the settings', async () => /^folder = .*my code/m.test(await desktop.settings()));
  });

  test('finds the code-server that is there', async () => {
    await window.says(/code-server [\d.]+\S* is ready/);
    await window.screenshot('welcome-editor');
    await window.press('button', 'Continue');
  });

  test('lets the person set a password', async () => {
    await window.says(/Your password/);
    await window.screenshot('welcome-password');
    password = 'a password of the first run';
    await window.press('button', 'Set your own…');
    await window.fill('New password', password);
    await window.press('button', 'Set password');
    await until(
      'it is in the keyring',
      async () => (await desktop.doorcode(['password', 'show'])).trim() === password,
    );
    await window.press('button', 'Continue');
  });

  test('goes on without trust', async () => {
    await window.says(/browser trust it/);
    await window.screenshot('welcome-trust');
    await window.press('button', 'Skip');
  });

  test('ends with the editor open in the browser', async () => {
    await window.screenshot('welcome-open');
    await window.press('button', /^(Start and open|Open the editor)$/);
    const link = await desktop.browser.next();
    chromium = await startChromium({ trustedRoot: await desktop.doorcode(['cert', 'export', 'localhost']) });
    const page = await chromium.browser.newPage();
    await page.goto(link, { waitUntil: 'domcontentloaded' });
    await new Workbench(page).ready('first.txt');
  });

  test('the password lets another browser in', async () => {
    const context = await chromium.browser.createBrowserContext();
    const page = await context.newPage();
    await openSignIn(page, desktop);
    await submitPassword(page, password);
    assert.ok(!isSignIn(page));
  });
});
