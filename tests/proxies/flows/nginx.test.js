import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';

import { startChromium } from '../../browser/support/browsers.js';
import { pageTest } from '../../browser/support/page-test.js';
import { watchSockets } from '../../browser/support/sockets.js';
import { until } from '../../browser/support/wait.js';
import { Workbench } from '../../browser/support/workbench.js';
import { confirmSignOut, signInAtProvider } from '../support/provider.js';
import { PERSON, Site } from '../support/site.js';

describe('nginx with its recipe', { timeout: 120_000 }, () => {
  let site, chromium, page, sockets;
  const shown = () => page;

  before(async () => {
    site = await Site.open();
    chromium = await startChromium({ trustedRoot: site.authority.root });
    page = await chromium.browser.newPage();
    sockets = await watchSockets(page);
  });

  after(async () => {
    await chromium?.close();
    await site?.close();
  });

  pageTest('sends a person to the provider, and from there to the editor', shown, async () => {
    await page.goto(site.url, { waitUntil: 'domcontentloaded' });
    assert.equal(new URL(page.url()).origin, site.provider.issuer);
    await signInAtProvider(page, PERSON);
    await new Workbench(page).ready('notes.txt');
    await until('the editor has its sockets', () => sockets.count() >= 2);
  });

  pageTest('runs a command in a terminal', shown, async () => {
    await new Workbench(page).typeInTerminal('echo $((6 * 7)) > answer.txt');
    const answer = () => readFile(join(site.door.folder, 'answer.txt'), 'utf8');
    assert.equal(await until('the command has run', answer), '42\n');
  });

  pageTest('sign out', shown, async () => {
    await page.goto(`${site.url}/oauth2/sign_out`, { waitUntil: 'domcontentloaded' });
    await confirmSignOut(page);
    await page.waitForSelector('input[name=email]');
    assert.equal(new URL(page.url()).origin, site.provider.issuer);
  });
});
