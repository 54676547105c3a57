import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';

import { startChromium } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { pageTest } from '../support/page-test.js';
import { screenshot } from '../support/screenshots.js';
import { signIn } from '../support/sign-in-page.js';
import { until } from '../support/wait.js';
import { Workbench } from '../support/workbench.js';

const README = `# Rendered heading

Some *words*, and a picture that only arrives when the webview's service worker runs:

![A picture](door.svg)
`;

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="160">
  <rect x="10" y="10" width="100" height="150" rx="6" fill="#2f6f9f"/><circle cx="92" cy="88" r="6" fill="#fff"/>
</svg>`;

describe('the editor behind the door, in a Chromium that trusts its root', { timeout: 180_000 }, () => {
  let door, chromium, page, workbench;
  const shown = () => page;

  before(async () => {
    door = await Door.open({
      files: { 'notes.txt': 'as it was\n', 'README.md': README, 'door.svg': PICTURE },
    });
    chromium = await startChromium({ trustedRoot: await door.doorcode(['cert', 'export', 'localhost']) });
    page = await chromium.browser.newPage();
    workbench = new Workbench(page);
  });

  after(async () => {
    await chromium?.close();
    await door?.close();
  });

  pageTest('opens the folder after signing in', shown, async () => {
    await signIn(page, door);
    await workbench.ready('notes.txt');
  });

  pageTest('saves what is typed to the disk', shown, async () => {
    await workbench.openFile('notes.txt');
    await workbench.typeAtStart('typed in a browser\n');
    await workbench.save();
    assert.equal(await readFile(join(door.folder, 'notes.txt'), 'utf8'), 'typed in a browser\nas it was\n');
  });

  pageTest('runs a command in a terminal', shown, async () => {
    await workbench.typeInTerminal('echo $((6 * 7)) from $PWD > answer.txt');
    const answer = () => readFile(join(door.folder, 'answer.txt'), 'utf8');
    assert.equal(await until('the command has run', answer), `42 from ${door.folder}\n`);
  });

  pageTest('renders a Markdown preview, which needs a service worker', shown, async () => {
    await workbench.openFile('README.md');
    await workbench.command('Markdown: Open Preview');
    const preview = await workbench.webview('the preview shows the heading and the picture', () => {
      const picture = document.querySelector('img[alt="A picture"]');
      return document.querySelector('h1')?.textContent === 'Rendered heading' && picture?.naturalWidth > 0;
    });
    assert.equal(await preview.$eval('em', (emphasis) => emphasis.textContent), 'words');
    await screenshot(page, 'editor-markdown-preview');
  });

  pageTest('leaves nothing behind when the engine is killed, window and terminal open', shown, async () => {
    // Wrapper, server, pty host, extension host, file watcher, shell, and the engine.
    assert.ok((await door.killEngine()) >= 7);
  });
});
