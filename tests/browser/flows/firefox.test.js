import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startFirefox } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { screenshot } from '../support/screenshots.js';
import { alertText, isSignIn, openSignIn, submitPassword } from '../support/sign-in-page.js';
import { Workbench } from '../support/workbench.js';

describe('Firefox ESR that trusts the root', { timeout: 180_000 }, () => {
  let door, firefox, page;

  before(async () => {
    door = await Door.open({ files: { 'notes.txt': '' } });
    firefox = await startFirefox({ trustedRoot: await door.doorcode(['cert', 'export', 'localhost']) });
    page = await firefox.browser.newPage();
  });

  after(async () => {
    await firefox?.close();
    await door?.close();
  });

  test('is refused with a wrong password', async () => {
    await openSignIn(page, door);
    await submitPassword(page, 'not the password');
    assert.ok(isSignIn(page));
    assert.ok(await alertText(page), 'the page says nothing');
  });

  test('signs in and reaches the workbench', async () => {
    await submitPassword(page, door.password);
    await new Workbench(page).ready('notes.txt');
    await screenshot(page, 'firefox-workbench');
  });
});
