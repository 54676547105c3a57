import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../../browser/support/wait.js';
import { Desktop } from '../support/desktop.js';

describe('what is broken', { timeout: 240_000 }, () => {
  let desktop, window, tray;

  before(async () => {
    desktop = await Desktop.open();
    window = await desktop.startWithWindow();
    tray = await desktop.tray();
    await desktop.reaches('running');
  });

  after(async () => {
    await desktop?.close();
  });

  test('is nothing in the editor while it runs', async () => {
    await window.go('Health');
    await window.press('button', 'Check now');
    await until('the links of the editor hold', async () => {
      const outcomes = await editorLinks();
      return outcomes.length > 2 && outcomes.every((outcome) => outcome === 'pass');
    });
    assert.equal(await window.execute(() => document.querySelector('h1')?.innerText), 'Connection health');
    await window.screenshot('health');
  });

  test('is named by the page and by the tray when the editor does not answer, and forgotten once it does', async () => {
    const icon = await picture();
    const { editor } = await desktop.status();
    const frozen = await desktop.processes(/out\/node\/entry/);
    assert.ok(frozen.includes(editor.pid), `${editor.pid} is not among ${frozen}`);
    signal(frozen, 'SIGSTOP');
    try {
      await window.says(/Something is broken/);
      await window.says(/First of all\s+[^\n]*editor/i);
      assert.ok((await editorLinks()).includes('fail'));
      await until('the tray names it', async () => /^Needs attention · .*editor/i.test(await statusLine()));
      assert.notEqual(await picture(), icon, 'the icon is the same');
      await window.screenshot('health-broken');
    } finally {
      signal(frozen, 'SIGCONT');
    }
    await window.says(/Everything works|It works, with a warning/);
    await until('the tray forgets it', async () => !/editor/i.test(await statusLine()));
  });

  test('is an editor that ends again and again, which leads to its log and is started from there', async () => {
    await desktop.editor.fail();
    process.kill((await desktop.status()).editor.pid, 'SIGKILL');
    await desktop.reaches('failed');
    await window.says(/Something is broken/);
    await until('the tray says that it failed', async () => /^Failed/.test(await statusLine()));
    const links = await editorLinks();
    assert.equal(links[0], 'fail');
    assert.ok(
      links.slice(1).every((outcome) => outcome === 'not_reached'),
      String(links),
    );
    await window.screenshot('health-failed');
    await desktop.editor.goOn();
    await window.go('Overview');
    await window.press('button', 'Start');
    await desktop.reaches('running');
    await window.go('Health');
    await window.says(/Everything works|It works, with a warning/);
    await until('the tray says that it runs', async () => !/^Failed/.test(await statusLine()));
  });

  test('was told as it happened', async () => {
    const events = window.execute(() => document.querySelector('[role=log]')?.getAttribute('aria-label'));
    assert.equal(await events, 'Events of the engine');
    await desktop.doorcode(['restart']);
    await window.says(/\d\d:\d\d:\d\d\s+The editor runs/);
  });

  /** How each link of the editor's chain came out, from the first to the last. */
  async function editorLinks() {
    return window.execute(() =>
      [...document.querySelectorAll('[data-probe^=editor-]')].map(({ classList }) => classList[0]),
    );
  }

  async function statusLine() {
    return (await tray.labels())[0];
  }

  async function picture() {
    return JSON.stringify(await tray.icon());
  }
});

function signal(ids, name) {
  for (const id of ids) {
    try {
      process.kill(id, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // It has ended by itself.
    }
  }
}
