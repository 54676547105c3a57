import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startChromium } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { screenshot } from '../support/screenshots.js';
import { signIn } from '../support/sign-in-page.js';
import { until } from '../support/wait.js';
import { Workbench } from '../support/workbench.js';

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

describe('the editor behind the door, in a Chromium that trusts its root', { timeout: 180_000 }, () => {
  let door, chromium, page, workbench;

  before(async () => {
    door = await Door.open({
      files: {
        'notes.txt': 'as it was\n',
        'README.md': '# Rendered heading\n\nSome *words*.\n\n![A picture](pixel.png)\n',
        'pixel.png': PIXEL,
      },
    });
    chromium = await startChromium({ trustedRoot: await door.doorcode(['cert', 'export', 'localhost']) });
    page = await chromium.browser.newPage();
    workbench = new Workbench(page);
  });

  after(async () => {
    await chromium?.close();
    await door?.close();
  });

  test('opens the folder after signing in', async () => {
    await signIn(page, door);
    await workbench.ready('notes.txt');
  });

  test('saves what is typed to the disk', async () => {
    await workbench.openFile('notes.txt');
    await workbench.typeAtStart('typed in a browser\n');
    await workbench.save();
    assert.equal(await readFile(join(door.folder, 'notes.txt'), 'utf8'), 'typed in a browser\nas it was\n');
  });

  test('runs a command in a terminal', async () => {
    await workbench.typeInTerminal('echo $((6 * 7)) from $PWD > answer.txt');
    const answer = () => readFile(join(door.folder, 'answer.txt'), 'utf8');
    assert.equal(await until('the command has run', answer), `42 from ${door.folder}\n`);
  });

  test('renders a Markdown preview, which needs a service worker', async () => {
    await workbench.openFile('README.md');
    await workbench.command('Markdown: Open Preview');
    const preview = await workbench.webview('the preview shows the heading and the picture', () => {
      const picture = document.querySelector('img[alt="A picture"]');
      return document.querySelector('h1')?.textContent === 'Rendered heading' && picture?.naturalWidth > 0;
    });
    assert.equal(await preview.$eval('em', (emphasis) => emphasis.textContent), 'words');
    await screenshot(page, 'editor-markdown-preview');
  });
});
