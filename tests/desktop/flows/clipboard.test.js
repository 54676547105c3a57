import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../../browser/support/wait.js';
import { Desktop } from '../support/desktop.js';

/** How long a copied password stays in the clipboard. */
const KEPT_SECONDS = 45;

describe('what the tray copies', { timeout: 120_000 }, () => {
  let desktop, tray;

  before(async () => {
    desktop = await Desktop.open();
    desktop.start();
    tray = await desktop.tray();
    await desktop.reaches('running');
  });

  after(async () => {
    await desktop?.close();
  });

  test('the address', async () => {
    await tray.choose('Copy address');
    await until('it is in the clipboard', async () => (await desktop.clipboard()) === desktop.address);
  });

  test('the password, which is gone after 45 seconds', async () => {
    const password = (await desktop.doorcode(['password', 'show'])).trim();
    assert.ok(password);
    const isCopied = async () => (await desktop.clipboard()) === password;
    await tray.choose('Copy password');
    await until('it is in the clipboard', isCopied);
    const copied = performance.now();
    await until('it is gone', async () => !(await isCopied()), { seconds: KEPT_SECONDS + 5 });
    const kept = (performance.now() - copied) / 1000;
    assert.ok(kept > KEPT_SECONDS - 5, `it was gone after ${kept.toFixed(1)} s`);
    assert.ok(!(await desktop.clipboard()), 'there is something else in the clipboard');
  });
});
