import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startChromium } from '../support/browsers.js';
import { Door } from '../support/door.js';

describe('trust in Chromium', { timeout: 120_000 }, () => {
  let door, chromium;

  before(async () => {
    door = await Door.open();
  });

  after(async () => {
    await chromium?.close();
    await door?.close();
  });

  test('a root that nobody trusted is refused', async () => {
    chromium = await startChromium();
    const page = await chromium.browser.newPage();
    await assert.rejects(page.goto(door.address), /net::ERR_CERT_AUTHORITY_INVALID/);
  });
});
