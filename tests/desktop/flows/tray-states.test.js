import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../../browser/support/wait.js';
import { Desktop } from '../support/desktop.js';
import { throughStates } from '../support/states.js';

const STATUS_LINES = {
  running: /^Running/,
  attention: /attention/i,
  stopped: /^Stopped/,
  starting: /^Starting/,
  failed: /^Failed/,
};

describe('the tray icon', { timeout: 120_000 }, () => {
  let desktop, tray;

  before(async () => {
    desktop = await Desktop.open();
    desktop.start();
    tray = await desktop.tray();
  });

  after(async () => {
    await desktop?.close();
  });

  test('is another one in each state, and the status line and the tooltip say which', async () => {
    const icons = new Map();
    await throughStates(desktop, async (state) => {
      const said = async () => STATUS_LINES[state].test((await tray.labels())[0]);
      await until(`the status line says ${state}`, said);
      assert.match((await tray.tooltip()).text, STATUS_LINES[state]);
      const icon = JSON.stringify(await tray.icon());
      assert.ok(icon.length > 100, 'there is no picture');
      assert.equal(icons.get(icon), undefined, `${state} looks the same`);
      icons.set(icon, state);
    });
    assert.equal(icons.size, Object.keys(STATUS_LINES).length);
  });
});
