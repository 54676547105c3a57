import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';

import { startFirefox } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { pageTest } from '../support/page-test.js';
import { screenshot } from '../support/screenshots.js';
import { complaint, isSignIn, openSignIn, submitPassword } from '../support/sign-in-page.js';
import { Workbench } from '../support/workbench.js';

describe('Firefox ESR that trusts the root', { timeout: 180_000 }, () => {
  let door, firefox, page;
  const shown = () => page;

  before(async () => {
    door = await Door.open({ files: { 'notes.txt': '' } });
    firefox = await startFirefox({ trustedRoot: await door.doorcode(['cert', 'export', 'localhost']) });
    page = await firefox.browser.newPage();
  });

  after(async () => {
    await firefox?.close();
    await door?.close();
  });

  pageTest('is refused with a wrong password', shown, async () => {
    await openSignIn(page, door);
    await submitPassword(page, 'not the password');
    assert.ok(isSignIn(page));
    assert.match(await complaint(page), /password/);
  });

  pageTest('signs in and reaches the workbench', shown, async () => {
    await submitPassword(page, door.password);
    await new Workbench(page).ready('notes.txt');
    await screenshot(page, 'firefox-workbench');
  });
});
