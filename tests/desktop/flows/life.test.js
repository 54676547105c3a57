import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { startChromium } from '../../browser/support/browsers.js';
import { isSignIn } from '../../browser/support/sign-in-page.js';
import { until } from '../../browser/support/wait.js';
import { Workbench } from '../../browser/support/workbench.js';
import { Desktop } from '../support/desktop.js';
import { anonymousMegabytes } from '../support/measurements.js';
import { Tray } from '../support/tray.js';

/** What there is for the window and goes with it: its own process, and those of WebKit. */
const WINDOW = /--window|\/WebKit/;
const PAGE = 'WebKitWebProcess';

describe('a desktop without a place for tray icons', { timeout: 120_000 }, () => {
  let desktop, program;

  before(async () => {
    desktop = await Desktop.open({ has: { panel: false } });
    program = desktop.start();
  });

  after(async () => {
    await desktop?.close();
  });

  test('the editor runs all the same', async () => {
    await desktop.reaches('running');
    assert.equal(program.child.exitCode, null);
  });

  test('launching it again shows the window', async () => {
    assert.deepEqual(await desktop.windows(), []);
    assert.equal((await desktop.start([]).ended).code, 0);
    await desktop.showsWindow();
    assert.equal((await desktop.start([]).ended).code, 0);
    await desktop.showsWindow();
  });

  test('the icon appears when a panel does, and again when that one was started anew', async () => {
    await desktop.session.openPanel();
    await desktop.tray();
    await desktop.session.closePanel();
    assert.ok(!(await Tray.isThere(desktop.session.bus)));
    await desktop.session.openPanel();
    const tray = await desktop.tray();
    assert.match((await tray.labels())[0], /^Running/);
  });
});

describe('a desktop without a session bus', { timeout: 120_000 }, () => {
  let desktop, program;

  before(async () => {
    desktop = await Desktop.open({ has: { bus: false } });
    program = desktop.start([]);
  });

  after(async () => {
    await desktop?.close();
  });

  test('has the window to work from', async () => {
    await desktop.showsWindow();
    await desktop.reaches('running');
  });

  test('a second program does not start a second engine', async () => {
    const { engine } = await desktop.status();
    assert.equal(engine.pid, program.child.pid);
    const second = desktop.start([]);
    await until('there are two windows', async () => (await desktop.windows()).length === 2);
    assert.equal((await desktop.status()).engine.pid, engine.pid);
    second.child.kill('SIGTERM');
    assert.equal((await second.ended).code, 0);
    assert.equal((await desktop.reaches('running')).engine.pid, engine.pid);
  });
});

describe('a second launch', { timeout: 120_000 }, () => {
  let desktop;

  before(async () => {
    desktop = await Desktop.open();
    desktop.start();
    await desktop.reaches('running');
  });

  after(async () => {
    await desktop?.close();
  });

  test('hands over what it was asked for, and ends', async () => {
    await ends(['--open']);
    await desktop.browser.next();
    const folder = desktop.session.home;
    await ends(['--open-folder', folder]);
    await desktop.browser.next();
    assert.deepEqual((await desktop.status()).recent_folders, [folder]);
    assert.deepEqual(await desktop.windows(), []);
  });

  test('with nothing asked for shows the one window', async () => {
    await ends([]);
    const window = await desktop.showsWindow();
    await ends(['--hidden']);
    assert.equal(await desktop.showsWindow(), window);
  });

  test('stops the editor', async () => {
    await ends(['--stop']);
    await desktop.reaches('stopped');
  });

  async function ends(args) {
    const second = desktop.start(args);
    assert.equal((await second.ended).code, 0, second.output());
  }
});

describe('the end of the program', { timeout: 180_000 }, () => {
  let desktop;

  beforeEach(async () => {
    desktop = await Desktop.open();
  });

  afterEach(async () => {
    await desktop?.close();
  });

  test('kill -9 leaves no process of it, and who was signed in still is after the next start', async () => {
    const others = await desktop.processes('');
    const killed = desktop.start([]);
    await desktop.showsWindow();
    await desktop.reaches('running');
    const chromium = await startChromium({
      trustedRoot: await desktop.doorcode(['cert', 'export', 'localhost']),
    });
    try {
      const page = await chromium.browser.newPage();
      await page.goto((await desktop.doorcode(['open', '--print'])).trim(), {
        waitUntil: 'domcontentloaded',
      });
      await new Workbench(page).ready('notes.txt');

      killed.child.kill('SIGKILL');
      await killed.ended;
      const left = async () => (await desktop.processes('')).filter((id) => !others.includes(id));
      await until('only what ran before it runs', async () => (await left()).length === 0, { seconds: 5 });

      desktop.start();
      await desktop.reaches('running');
      await page.goto(desktop.address, { waitUntil: 'domcontentloaded' });
      assert.ok(!isSignIn(page));
      await new Workbench(page).ready('notes.txt');
    } finally {
      await chromium.close();
    }
  });

  test('SIGTERM stops the editor in order', async () => {
    const program = desktop.start();
    await desktop.reaches('running');
    program.child.kill('SIGTERM');
    assert.equal((await program.ended).code, 0);
    assert.deepEqual(await desktop.processes('code-server'), []);
  });
});

describe('the window', { timeout: 120_000 }, () => {
  let desktop, program, tray, status;

  before(async () => {
    desktop = await Desktop.open();
    program = desktop.start();
    tray = await desktop.tray();
    status = await desktop.reaches('running');
  });

  after(async () => {
    await desktop?.close();
  });

  test('is not there when the program was started at sign-in', async () => {
    assert.deepEqual(await desktop.windows(), []);
    assert.deepEqual(await desktop.processes(WINDOW), []);
  });

  test('comes with a click on the icon, and is gone for good when it is closed, as often as one likes', async () => {
    for (const time of ['first', 'second', 'third']) {
      await tray.activate();
      await desktop.showsPage();
      await until(`one process shows the page the ${time} time`, async () => {
        return (await desktop.processes(PAGE)).length === 1;
      });
      await desktop.closeWindow();
      await noWindowIsLeft();
    }
    await isUntouched();
  });

  test('costs the program no memory once it is closed', async () => {
    const id = program.child.pid;
    const before = await anonymousMegabytes(id);
    await tray.activate();
    await desktop.showsPage();
    await desktop.closeWindow();
    await noWindowIsLeft();
    const grown = (await anonymousMegabytes(id)) - before;
    assert.ok(grown < 5, `it has ${grown.toFixed(1)} MB more than before`);
  });

  test('whose page is killed in its first moments takes nothing else with it', async () => {
    await tray.activate();
    const killed = new Set();
    await until('it was opened anew once, and stays closed', async () => {
      const pages = await desktop.processes(PAGE);
      for (const page of pages.filter((id) => !killed.has(id))) {
        process.kill(page, 'SIGKILL');
        killed.add(page);
      }
      return killed.size === 2 && (await desktop.processes(WINDOW)).length === 0;
    });
    await isUntouched();
    await tray.activate();
    await desktop.showsPage();
    await desktop.closeWindow();
    await noWindowIsLeft();
  });

  test('can be opened again after its page has crashed, which the editor does not notice', async () => {
    await tray.activate();
    await desktop.showsPage();
    const [page, ...others] = await desktop.processes(PAGE);
    assert.deepEqual(others, []);
    process.kill(page, 'SIGKILL');
    await until('that process is gone', async () => !(await desktop.processes(PAGE)).includes(page));
    await until('it can be opened again', async () => {
      await tray.activate();
      const now = await desktop.processes(PAGE);
      return now.length === 1 && now[0] !== page;
    });
    await desktop.showsPage();
    await isUntouched();
  });

  async function noWindowIsLeft() {
    await until('nothing of the window runs', async () => (await desktop.processes(WINDOW)).length === 0);
  }

  async function isUntouched() {
    const now = await desktop.status();
    assert.equal(program.child.exitCode, null);
    assert.deepEqual(
      [now.state, now.engine.pid, now.editor.pid],
      ['running', status.engine.pid, status.editor.pid],
    );
  }
});

describe('an engine that runs without a desktop', { timeout: 120_000 }, () => {
  let desktop, engine, program, tray;

  before(async () => {
    desktop = await Desktop.open();
    engine = await desktop.startHeadless();
    program = desktop.start();
    tray = await desktop.tray();
  });

  after(async () => {
    await desktop?.close();
  });

  test('is what the tray shows and drives', async () => {
    await until('the tray shows it', async () => /^Running/.test((await tray.labels())[0]));
    await tray.choose('Stop');
    const { engine: now } = await desktop.reaches('stopped');
    assert.equal(now.pid, engine.child.pid);
    await tray.choose('Start');
    await desktop.reaches('running');
  });

  test('goes on when the tray quits, which says so', async () => {
    const { label } = await tray.entry(/^Quit/);
    assert.match(label, /keeps running|stays/i);
    await tray.choose(label);
    assert.equal((await program.ended).code, 0);
    const status = await desktop.status();
    assert.deepEqual([status.state, status.engine.pid], ['running', engine.child.pid]);
  });

  test('is followed by one of the tray when it ends', async () => {
    program = desktop.start();
    await desktop.tray();
    engine.child.kill('SIGTERM');
    await engine.ended;
    await until('the tray has an engine of its own', async () => {
      return (await desktop.status()).engine.pid === program.child.pid;
    });
  });
});

describe('an editor that Quit is to leave running', { timeout: 120_000 }, () => {
  let desktop;

  before(async () => {
    desktop = await Desktop.open({ settings: '\n[desktop]\non_quit = "keep"\n' });
  });

  after(async () => {
    await desktop?.endKeptEngine();
    await desktop?.close();
  });

  test('runs on, and is there for the next start', async () => {
    const program = desktop.start();
    const tray = await desktop.tray();
    const { engine, editor } = await desktop.reaches('running');
    assert.notEqual(engine.pid, program.child.pid);
    await tray.choose(/^Quit/);
    assert.equal((await program.ended).code, 0);

    desktop.start();
    const again = await desktop.tray();
    await until('the tray shows it', async () => /^Running/.test((await again.labels())[0]));
    const now = await desktop.status();
    assert.deepEqual([now.engine.pid, now.editor.pid], [engine.pid, editor.pid]);
  });
});
