import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startChromium } from '../../browser/support/browsers.js';
import { isSignIn } from '../../browser/support/sign-in-page.js';
import { until } from '../../browser/support/wait.js';
import { Workbench } from '../../browser/support/workbench.js';
import { Desktop } from '../support/desktop.js';

describe('the tray menu', { timeout: 180_000 }, () => {
  let desktop, program, tray, chromium;

  before(async () => {
    desktop = await Desktop.open();
    program = desktop.start();
    tray = await desktop.tray();
    await desktop.reaches('running');
    chromium = await startChromium({ trustedRoot: await desktop.doorcode(['cert', 'export', 'localhost']) });
  });

  after(async () => {
    await chromium?.close();
    await desktop?.close();
  });

  test('has a line for each thing a person does, the state first', async () => {
    await until('the status line is about a running editor', async () =>
      /^Running/.test((await tray.labels())[0]),
    );
    const [status, ...others] = await tray.labels();
    assert.ok(status.includes(desktop.address), status);
    assert.deepEqual(
      others.map((label) => label.replace(/^(Quit).*/, '$1')),
      [
        'Open in browser',
        'Open folder…',
        'Copy address',
        'Copy password',
        'Password required',
        'Start',
        'Stop',
        'Restart',
        'Trust this certificate…',
        'Connection health…',
        'Logs…',
        'Settings…',
        'Start at login',
        'About',
        'Quit',
      ],
    );
    assert.ok((await tray.tooltip()).text.includes(desktop.address));
  });

  test('Open in browser opens the editor, signed in', async () => {
    await tray.choose('Open in browser');
    const page = await newVisitor();
    await page.goto(await desktop.browser.next(), { waitUntil: 'domcontentloaded' });
    await new Workbench(page).ready('notes.txt');
    await until('the status line counts the visitor', async () =>
      /1 connected/.test((await tray.labels())[0]),
    );
  });

  test('Stop, Start and Restart do what they say, and only what is possible can be chosen', async () => {
    await tray.choose('Stop');
    await desktop.reaches('stopped');
    await until('the status line says so', async () => /^Stopped/.test((await tray.labels())[0]));
    assert.deepEqual(await possible(), { Start: true, Stop: false, Restart: false });

    await tray.choose('Start');
    const { editor } = await desktop.reaches('running');
    await until('it can be stopped', async () => (await tray.entry('Stop')).enabled);
    assert.deepEqual(await possible(), { Start: false, Stop: true, Restart: true });

    await tray.choose('Restart');
    await until('another process is the editor', async () => {
      const status = await desktop.reaches('running');
      return status.editor.pid !== editor.pid;
    });
  });

  test('Password required lets everybody in when it is off, and asks again when it is on', async () => {
    assert.equal((await tray.entry('Password required')).checked, true);
    assert.ok(await isAsked());

    await tray.choose('Password required');
    await until('nobody is asked for a password', async () => (await desktop.status()).auth === 'none');
    await until('the tick is gone', async () => (await tray.entry('Password required')).checked === false);
    assert.ok(!(await isAsked()));

    await tray.choose('Password required');
    await until('a password is asked for', async () => (await desktop.status()).auth === 'password');
    await until('the tick is there', async () => (await tray.entry('Password required')).checked);
    assert.ok(await isAsked());
  });

  test('a folder that was opened can be opened again', async () => {
    const folder = join(desktop.session.home, 'other project');
    await mkdir(folder);
    await desktop.doorcode(['open', folder]);
    await desktop.browser.next();
    const recent = await until('the menu offers it', () => tray.entry(/other project/));
    await tray.choose(recent.label);
    const page = await newVisitor();
    await page.goto(await desktop.browser.next(), { waitUntil: 'domcontentloaded' });
    await page.waitForSelector('.monaco-workbench', { timeout: 60_000 });
    assert.equal(new URL(page.url()).searchParams.get('folder'), folder);
  });

  test('each of several hosts can be opened', async () => {
    await desktop.changeSettings((text) =>
      text.replace('[gateway]\n', '[gateway]\nhosts = ["localhost", "code.localhost"]\n'),
    );
    await until('there is a line for each', async () => {
      const lines = (await tray.labels()).filter(
        (label) => label.startsWith('Open ') && label.includes('localhost'),
      );
      return lines.length === 2;
    });
    await tray.choose('Open code.localhost in browser');
    const opened = await readFile(new URL(await desktop.browser.next()), 'utf8');
    assert.match(opened, /https:\/\/code\.localhost:\d+\/\.doorcode\/enter/);
  });

  test('Start at login writes an entry that starts this program without its window', async () => {
    assert.equal((await tray.entry('Start at login')).checked, false);
    await tray.choose('Start at login');
    await until('it is ticked', async () => (await tray.entry('Start at login')).checked);
    assert.match(await desktop.autostart(), /^Exec=.*\/doorcode-desktop"? --hidden$/m);

    await tray.choose('Start at login');
    await until('the tick is gone', async () => !(await tray.entry('Start at login')).checked);
    assert.equal(await desktop.autostart(), undefined);
  });

  test('a shortcut of the whole desktop opens the editor, once it is set', async () => {
    await desktop.changeSettings((text) => `${text}\n[desktop]\nshortcut = "Ctrl+Alt+D"\n`);
    await until('pressing it opens the browser', async () => {
      await desktop.pressKeys('ctrl+alt+d');
      return desktop.browser.wasAsked();
    });
  });

  test('Quit says that it stops the editor, and does', async () => {
    const { label } = await tray.entry(/^Quit/);
    assert.match(label, /stop/i);
    await tray.choose(label);
    assert.equal((await program.ended).code, 0);
    assert.equal((await desktop.status()).engine.pid, null);
    await until('the editor is gone', async () => (await desktop.processes('code-server')).length === 0);
  });

  async function possible() {
    const names = ['Start', 'Stop', 'Restart'];
    const entries = await Promise.all(names.map((name) => tray.entry(name)));
    return Object.fromEntries(entries.map(({ label, enabled }) => [label, enabled]));
  }

  /** A page of somebody who has never been here. */
  async function newVisitor() {
    const context = await chromium.browser.createBrowserContext();
    return context.newPage();
  }

  /** Whether such a person is asked for the password. */
  async function isAsked() {
    const page = await newVisitor();
    const answer = await page.goto(desktop.address, { waitUntil: 'domcontentloaded' });
    assert.equal(answer.status(), 200);
    return isSignIn(page);
  }
});
