import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';

import { assertAccessible } from '../support/accessibility.js';
import { startChromium } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { pageTest } from '../support/page-test.js';
import { screenshot } from '../support/screenshots.js';
import { signIn } from '../support/sign-in-page.js';
import { Workbench } from '../support/workbench.js';

describe('an editor that is not ready', { timeout: 120_000 }, () => {
  let door, chromium, page;
  const shown = () => page;

  before(async () => {
    door = await Door.open({ files: { 'notes.txt': '' }, editorWaits: true });
    chromium = await startChromium({ trustedRoot: await door.doorcode(['cert', 'export', 'localhost']) });
    page = await chromium.browser.newPage();
  });

  after(async () => {
    await chromium?.close();
    await door?.close();
  });

  pageTest('while it starts, a page says so and turns into the editor by itself', shown, async () => {
    const answer = await signIn(page, door);
    assert.equal(answer.status(), 503);
    await inspect(answer, 'editor-starting');

    await door.letEditorStart();
    await new Workbench(page).ready('notes.txt');
  });

  pageTest('when it is stopped, a page says so, and it can be started again', shown, async () => {
    await door.doorcode(['stop']);
    const answer = await page.goto(door.address, { waitUntil: 'domcontentloaded' });
    assert.equal(answer.status(), 503);
    await inspect(answer, 'editor-stopped');

    await door.doorcode(['start']);
    await page.goto(door.address, { waitUntil: 'domcontentloaded' });
    await new Workbench(page).ready('notes.txt');
  });

  /** Looks at a page that reloads itself on purpose: a copy that does not, or the reload would come in between. */
  async function inspect(answer, name) {
    const html = await answer.text();
    const copy = await chromium.browser.newPage();
    await copy.setContent(html.replace(/<meta http-equiv="refresh"[^>]*>/, ''));
    await assertAccessible(copy);
    await screenshot(copy, name);
    await copy.close();
  }
});
