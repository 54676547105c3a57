import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { writeEditorSettings } from './editor-settings.js';
import { freePort } from './ports.js';
import { killProcessesOf, processesOf, run, start, stop } from './processes.js';
import { codeServer, doorcode, node as nodeProgram } from './programs.js';
import { removeFolder, scratchFolder } from './scratch.js';
import { until } from './wait.js';

/**
 * A real `doorcode up` with a real code-server behind it, in a home of its own.
 *
 * `address` is where it answers, on `port` of 127.0.0.1; `password` signs in, `folder` is what the editor shows,
 * `settingsFile` is its settings.toml.
 */
export class Door {
  password = 'a password of the browser tests';
  #home;
  #env;
  #program;
  #engine;

  /**
   * Starts one; when this returns, the editor runs, or waits for `letEditorStart`.
   *
   * @param {{
   *   files?: Record<string, string>,
   *   editorWaits?: boolean,
   *   env?: Record<string, string>,
   *   settings?: (door: Door) => string | Promise<string>,
   * }} [options] `files` are in the folder; `env` is added to the environment; `settings` gives the tables of settings.toml
   *   but `[editor]`, for a door that needs no password
   */
  static async open({ files = {}, editorWaits = false, env = {}, settings } = {}) {
    const door = new Door();
    try {
      await door.#prepare(files, editorWaits, env);
      await door.configure(settings ? await settings(door) : door.#usual());
      if (!settings) await door.doorcode(['password', 'set', '--stdin'], door.password);
      await door.#up(editorWaits ? 'starting' : 'running');
    } catch (error) {
      await door.close().catch(() => {}); // What failed first is what matters.
      throw error;
    }
    return door;
  }

  /** Runs a subcommand on this door and gives what it printed. */
  async doorcode(args, input = '') {
    return run(doorcode(), ['--settings', this.settingsFile, ...args], { env: this.#env, input });
  }

  /** The environment of the person whose door it is: their home, and nothing of the machine's session. */
  get person() {
    return { ...this.#env };
  }

  /** The person's home: a folder of this door's own. */
  get home() {
    return this.#home;
  }

  /** Writes settings.toml: `[editor]`, then `tables`. An engine that runs takes them over a moment later. */
  async configure(tables) {
    const written = `${this.settingsFile}.new`;
    await writeFile(written, `[editor]\nprogram = ${JSON.stringify(this.#program)}\n\n${tables}`);
    await rename(written, this.settingsFile);
  }

  /** Starts a subcommand that goes on until something happens or it is stopped; see `start` in processes.js. */
  begin(args) {
    return start(doorcode(), ['--settings', this.settingsFile, ...args], { env: this.#env });
  }

  /** The same, of a subcommand that prints JSON. */
  async json(args) {
    return JSON.parse(await this.doorcode([...args, '--json']));
  }

  /** Ends the wait of an editor that was told to. */
  async letEditorStart() {
    await writeFile(this.#go(), '');
  }

  /**
   * Ends it and removes its home.
   *
   * @throws when something that it started, window and terminal included, outlives it by more than a second
   */
  async close() {
    try {
      if (this.#engine) await stop(this.#engine, 15);
      await until('nothing of it runs', async () => (await processesOf(this.#home)).length === 0, {
        seconds: 1,
      });
    } finally {
      await killProcessesOf(this.#home);
      await removeFolder(this.#home);
    }
  }

  /**
   * Kills the engine alone, so that it has no chance to end anything itself.
   *
   * @returns how many processes there were, the engine included
   * @throws when any of them lives for more than a second longer
   */
  async killEngine() {
    const before = await processesOf(this.#home);
    this.#engine.child.kill('SIGKILL');
    await until('nothing of it runs', async () => (await processesOf(this.#home)).length === 0, {
      seconds: 1,
    });
    return before.length;
  }

  #usual() {
    return `[gateway]\nlisten = ["127.0.0.1:${this.port}"]\nhosts = ["localhost"]\n`;
  }

  async #prepare(files, editorWaits, env) {
    this.#home = await scratchFolder();
    const within = (name) => join(this.#home, name);
    this.folder = within('project');
    this.settingsFile = within('settings.toml');
    const node = nodeProgram();
    this.#env = {
      PATH: `${dirname(node)}:${process.env.PATH}`,
      HOME: this.#home,
      LANG: 'C.UTF-8',
      DOORCODE_KEYRING: 'none',
      XDG_CONFIG_HOME: within('config'),
      XDG_DATA_HOME: within('data'),
      XDG_STATE_HOME: within('state'),
      XDG_RUNTIME_DIR: within('run'),
      ...env,
    };
    await mkdir(this.#env.XDG_RUNTIME_DIR, { mode: 0o700 });
    this.port = await freePort();
    this.address = `https://localhost:${this.port}`;
    this.#program = editorWaits ? await this.#writeWaitingEditor(node) : codeServer();
    await mkdir(this.folder);
    for (const [name, content] of Object.entries(files)) await writeFile(join(this.folder, name), content);
    await writeEditorSettings(join(this.#env.XDG_DATA_HOME, 'doorcode'));
  }

  /** The real code-server, but for its version it waits before it answers anything. */
  async #writeWaitingEditor(node) {
    const script = join(this.#home, 'waiting-code-server');
    const wait = `case " $* " in *" --version "*) ;; *) until [ -e '${this.#go()}' ]; do sleep 0.05; done ;; esac`;
    await writeFile(script, `#!/bin/sh\n${wait}\nexec '${node}' '${codeServer()}' "$@"\n`, { mode: 0o755 });
    return script;
  }

  /** The file that a waiting editor waits for. */
  #go() {
    return join(this.#home, 'go');
  }

  async #up(wanted) {
    const engine = start(doorcode(), ['--settings', this.settingsFile, 'up', this.folder], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#engine = engine;
    engine.ended.then(() => (this.#engine = undefined));
    const reached = async () => {
      if (!this.#engine) return 'ended';
      const { state } = await this.json(['status']);
      return state === wanted && state;
    };
    const state = await until(`the editor is ${wanted}`, reached, { seconds: 60 }).catch((cause) => {
      throw new Error(`doorcode up printed:\n${engine.output()}`, { cause });
    });
    if (state === 'ended') throw new Error(`doorcode up ended:\n${engine.output()}`);
  }
}
