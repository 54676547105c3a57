import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe } from 'node:test';

import { startChromium } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { pageTest } from '../support/page-test.js';
import { watchSockets } from '../support/sockets.js';
import {
  SIGN_IN,
  complaint,
  isSignIn,
  openSignIn,
  signIn,
  signOut,
  submitPassword,
} from '../support/sign-in-page.js';
import { until } from '../support/wait.js';
import { Workbench } from '../support/workbench.js';

describe('signing in and out', { timeout: 180_000 }, () => {
  let door, chromium, context, page;
  const shown = () => page;

  before(async () => {
    door = await Door.open({ files: { 'notes.txt': '' } });
    chromium = await startChromium({ trustedRoot: await door.doorcode(['cert', 'export', 'localhost']) });
  });

  after(async () => {
    await chromium?.close();
    await door?.close();
  });

  beforeEach(async () => {
    context = await chromium.browser.createBrowserContext();
    page = await context.newPage();
  });

  afterEach(async () => {
    await context?.close();
  });

  async function openEditor() {
    await signIn(page, door);
    await new Workbench(page).ready('notes.txt');
  }

  pageTest('a wrong password is refused, and the form is there again', shown, async () => {
    await openSignIn(page, door);
    const answer = await submitPassword(page, 'not the password');
    assert.equal(answer.status(), 401);
    assert.ok(isSignIn(page));
    assert.match(await complaint(page), /password/);
    assert.deepEqual(await context.cookies(), []);
  });

  pageTest('the right password works after a wrong one', shown, async () => {
    await openSignIn(page, door);
    await submitPassword(page, 'not the password');
    await submitPassword(page, door.password);
    await new Workbench(page).ready('notes.txt');
  });

  pageTest('works without JavaScript', shown, async () => {
    await page.setJavaScriptEnabled(false);
    const answer = await signIn(page, door);
    assert.equal(answer.status(), 200);
    assert.ok(!isSignIn(page));
    const [cookie, ...others] = await context.cookies();
    assert.deepEqual(others, []);
    assert.equal(cookie.name, '__Host-doorcode');
    const { secure, httpOnly, sameSite, path } = cookie;
    assert.deepEqual(
      { secure, httpOnly, sameSite, path },
      { secure: true, httpOnly: true, sameSite: 'Lax', path: '/' },
    );
  });

  pageTest('a one-time link signs in once', shown, async () => {
    const link = (await door.doorcode(['open', '--print'])).trim();
    await page.goto(link, { waitUntil: 'domcontentloaded' });
    await new Workbench(page).ready('notes.txt');

    const somebodyElse = await chromium.browser.createBrowserContext();
    const theirs = await somebodyElse.newPage();
    const answer = await theirs.goto(link, { waitUntil: 'domcontentloaded' });
    assert.ok(answer.status() >= 400, `the link answered ${answer.status()} the second time`);
    assert.deepEqual(await somebodyElse.cookies(), []);
    await somebodyElse.close();
  });

  pageTest('signing out closes the editor and asks for the password again', shown, async () => {
    const sockets = await watchSockets(page);
    await openEditor();
    await until('the editor has its sockets', () => sockets.count() >= 2);
    await signOut(await context.newPage(), door);
    await until('the sockets are closed', () => sockets.count() === 0, { seconds: 5 });
    await page.goto(door.address, { waitUntil: 'domcontentloaded' });
    assert.equal(new URL(page.url()).pathname, SIGN_IN);
  });

  pageTest('revoking a session closes the editor and asks for the password again', shown, async () => {
    const sockets = await watchSockets(page);
    await openEditor();
    await until('the editor has its sockets', () => sockets.count() >= 2);
    const session = (await door.json(['sessions', 'list'])).find(({ tunnels }) => tunnels > 0);
    assert.ok(session, 'no session has an open editor');
    await door.doorcode(['sessions', 'revoke', session.id]);
    await until('the sockets are closed', () => sockets.count() === 0, { seconds: 5 });
    await page.goto(door.address, { waitUntil: 'domcontentloaded' });
    assert.equal(new URL(page.url()).pathname, SIGN_IN);
  });
});
