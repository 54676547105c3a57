import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { writeEditorSettings } from '../../browser/support/editor-settings.js';
import { freePort } from '../../browser/support/ports.js';
import { processesOf, run, start, stop } from '../../browser/support/processes.js';
import { doorcode } from '../../browser/support/programs.js';
import { until } from '../../browser/support/wait.js';
import { DefaultBrowser } from './default-browser.js';
import { Editor } from './editor.js';
import { Session } from './session.js';
import { Tray } from './tray.js';
import { Window } from './window.js';

/** How long a code-server may take to start on a busy machine. */
const EDITOR = { seconds: 60 };

/** `doorcode-desktop` in a session of its own, with the `doorcode` command beside it. */
export class Desktop {
  session;
  editor;
  browser;
  /** What the editor shows. */
  folder;
  /** Where the door answers. */
  address;
  #programs = [];
  #windows = [];

  /**
   * A session in which nothing of Doorcode runs yet.
   *
   * @param {{ has?: Parameters<typeof Session.open>[0], empty?: boolean, settings?: string, browser?: string }} [options] `has` is what the
   * session has; in an `empty` home Doorcode has never run, and only the port is not its own choice; `settings` is TOML that is
   * added to the settings file; `browser` is what the default browser is called
   */
  static async open({ has, empty = false, settings = '', browser = 'test-browser' } = {}) {
    const desktop = new Desktop();
    desktop.session = await Session.open(has);
    try {
      await desktop.#prepare(browser);
      if (!empty) await desktop.#settle(settings);
    } catch (error) {
      await desktop.close().catch(() => {}); // What failed first is what matters.
      throw error;
    }
    return desktop;
  }

  /** Starts the program; as at sign-in, without its window, unless told otherwise. */
  start(args = ['--hidden']) {
    const program = start(desktopProgram(), args, {
      env: this.session.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#programs.push(program);
    return program;
  }

  /** Starts it with its window, which a test then holds in its hands. */
  async startWithWindow(args = []) {
    const window = await Window.open(desktopProgram(), args, this.session);
    this.#windows.push(window);
    return window;
  }

  /** Its tray icon. */
  async tray() {
    return Tray.of(this.session.bus);
  }

  /** Runs a subcommand of `doorcode` and gives what it printed. */
  async doorcode(args, input = '') {
    return run(doorcode(), args, { env: this.session.env, input });
  }

  /** The same, of a subcommand that prints JSON. */
  async json(args) {
    return JSON.parse(await this.doorcode([...args, '--json']));
  }

  /** What the engine says of itself; also when it is stopped or failing, which the exit status says too. */
  async status() {
    const { env } = this.session;
    const text = await run('sh', ['-c', '"$0" status --json; [ $? -le 4 ]', doorcode()], { env });
    return JSON.parse(text);
  }

  /** Waits until the engine says this of the editor, and gives its status. */
  async reaches(state) {
    let status;
    const reached = async () => {
      status = await this.status();
      return status.state === state && status;
    };
    return until(`the editor is ${state}`, reached, EDITOR).catch((cause) => {
      throw new Error(`${cause.message}; it says ${JSON.stringify(status)}`, { cause });
    });
  }

  /** Waits until no engine runs. */
  async engineEnds() {
    await until('no engine runs', async () => (await this.status()).engine.pid === null);
  }

  /** Starts `doorcode up`, without a desktop. */
  async startHeadless() {
    const engine = start(doorcode(), ['up', this.folder], {
      env: this.session.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#programs.push(engine);
    await this.reaches('running');
    return engine;
  }

  /** Ends an engine that is a process of its own and that no test has started itself. */
  async endKeptEngine() {
    const { engine } = await this.status();
    if (engine.pid === null) return;
    process.kill(engine.pid, 'SIGTERM');
    await this.engineEnds();
  }

  /** The ids of the session's running processes whose command line contains this text, or matches it. */
  async processes(part) {
    const ids = await processesOf(this.session.home);
    const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''))); // It may end.
    // A process that has ended and that nobody has waited for has no command line.
    const isMeant = (line) => (part instanceof RegExp ? part.test(line) : line.includes(part));
    return ids.filter((_, index) => lines[index] && isMeant(lines[index].replaceAll('\0', ' ')));
  }

  /** The ids of its windows on the screen. */
  async windows() {
    const { env } = this.session;
    const found = await run('xdotool', ['search', '--onlyvisible', '--name', '^Doorcode$'], { env }).catch(
      () => '',
    ); // None.
    return found.split('\n').filter(Boolean);
  }

  /** Waits until it shows exactly one window, and gives its id. */
  async showsWindow() {
    const windows = await until('there is one window', async () => {
      const found = await this.windows();
      return found.length === 1 && found;
    });
    return windows[0];
  }

  /** Waits until its one window shows a page, and gives a part of the screen where the page is. */
  async showsPage() {
    const { display, env } = this.session;
    const window = await this.showsWindow();
    // Active: the window manager has put it where it stays.
    const place = ['windowactivate', '--sync', window, 'getwindowgeometry', '--shell', window];
    const text = await run('xdotool', place, { env });
    const [left, top, width, height] = ['X', 'Y', 'WIDTH', 'HEIGHT'].map((name) =>
      Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(text)[1]),
    );
    // Without its rim: xdotool may be wrong by the size of the frame.
    const rim = 40;
    const part = { left: left + rim, top: top + rim, width: width - 2 * rim, height: height - 2 * rim };
    await until('the window shows text', () => display.picture().crop(part).hasText());
    return part;
  }

  /** Closes the window as the window manager does, and waits until it is gone. */
  async closeWindow() {
    const { env } = this.session;
    const window = await this.showsWindow();
    const isClosed = async () => (await this.windows()).length === 0;
    // Openbox does not always hear a key that comes right after it has activated the window.
    for (const isLast of [false, true]) {
      await run('xdotool', ['windowactivate', '--sync', window, 'key', 'alt+F4'], { env });
      try {
        return await until('the window is closed', isClosed, { seconds: 10 });
      } catch (error) {
        if (isLast) throw error;
      }
    }
  }

  /** Presses keys, whatever window has the focus; named as xdotool does. */
  async pressKeys(keys) {
    await run('xdotool', ['key', keys], { env: this.session.env });
  }

  /** What is in the clipboard; undefined if nobody has put anything there. */
  async clipboard() {
    const { env } = this.session;
    return run('xclip', ['-selection', 'clipboard', '-out'], { env }).catch(() => undefined);
  }

  /** The desktop entry that starts the program at sign-in; undefined if there is none. */
  async autostart() {
    const file = join(this.session.env.XDG_CONFIG_HOME, 'autostart', 'doorcode.desktop');
    return readFile(file, 'utf8').catch(() => undefined);
  }

  /** The settings file's text. */
  async settings() {
    return readFile(this.#settingsFile(), 'utf8');
  }

  /** Rewrites it, as a person does in a text editor. */
  async changeSettings(change) {
    await writeFile(this.#settingsFile(), change(await this.settings()));
  }

  /**
   * Ends it and its session.
   *
   * @throws when something outlives its program
   */
  async close() {
    try {
      for (const { child, ended, output } of this.#programs.reverse()) {
        if (child.exitCode === null && child.signalCode === null) await stop({ child, ended, output }, 20);
      }
      for (const window of this.#windows) await window.close();
    } finally {
      await this.session.close();
    }
  }

  async #prepare(browser) {
    const { session } = this;
    this.editor = await Editor.install(session);
    this.browser = await DefaultBrowser.install(session, browser);
    const port = await freePort();
    this.address = `https://localhost:${port}`;
    await mkdir(dirname(this.#settingsFile()), { mode: 0o700 });
    await writeFile(this.#settingsFile(), `[gateway]\nlisten = ["127.0.0.1:${port}"]\n`);
  }

  /** As if a person had gone through the first run. */
  async #settle(settings) {
    const { home, env } = this.session;
    this.folder = join(home, 'project');
    await mkdir(this.folder);
    await writeFile(join(this.folder, 'notes.txt'), 'as it was\n');
    await this.changeSettings(
      (text) => `${text}\n[editor]\nfolder = ${JSON.stringify(this.folder)}\n${settings}`,
    );
    const data = join(env.XDG_DATA_HOME, 'doorcode');
    await writeEditorSettings(data);
    await writeFile(join(data, 'desktop.json'), JSON.stringify({ done: true }), { mode: 0o600 });
  }

  #settingsFile() {
    return join(this.session.env.XDG_CONFIG_HOME, 'doorcode', 'settings.toml');
  }
}

/** It is installed beside the command. */
function desktopProgram() {
  return join(dirname(doorcode()), 'doorcode-desktop');
}
