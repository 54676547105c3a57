import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';

import { killProcessesOf, processesOf, run, start, stop } from './processes.js';
import { removeFolder, scratchFolder } from './scratch.js';
import { until } from './wait.js';

/** What a person would have clicked away already, and what would talk to the world. */
const EDITOR_SETTINGS = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  // The terminal's text in the document, where a test can read it.
  'terminal.integrated.gpuAcceleration': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'files.autoSave': 'off',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'chat.disableAIFeatures': true,
};

/**
 * A real `doorcode up` with a real code-server behind it, in a home of its own.
 *
 * `address` is where it answers, `password` signs in, `folder` is what the editor shows.
 */
export class Door {
  password = 'a password of the browser tests';
  #home;
  #env;
  #settings;
  #engine;

  /**
   * Starts one; when this returns, the editor runs.
   *
   * @param {{ files?: Record<string, string> }} [options] what is in the folder
   */
  static async open({ files = {} } = {}) {
    const door = new Door();
    try {
      await door.#prepare(files);
      await door.doorcode(['password', 'set', '--stdin'], door.password);
      await door.#up();
    } catch (error) {
      await door.close().catch(() => {}); // What failed first is what matters.
      throw error;
    }
    return door;
  }

  /** Runs a subcommand on this door and gives what it printed. */
  async doorcode(args, input = '') {
    return run(program(), ['--settings', this.#settings, ...args], { env: this.#env, input });
  }

  /** The same, of a subcommand that prints JSON. */
  async json(args) {
    return JSON.parse(await this.doorcode([...args, '--json']));
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

  async #prepare(files) {
    this.#home = await scratchFolder();
    const within = (name) => join(this.#home, name);
    this.folder = within('project');
    this.#settings = within('settings.toml');
    const node = required('DOORCODE_TEST_NODE');
    this.#env = {
      PATH: `${dirname(node)}:${process.env.PATH}`,
      HOME: this.#home,
      LANG: 'C.UTF-8',
      DOORCODE_KEYRING: 'none',
      XDG_CONFIG_HOME: within('config'),
      XDG_DATA_HOME: within('data'),
      XDG_STATE_HOME: within('state'),
      XDG_RUNTIME_DIR: within('run'),
    };
    await mkdir(this.#env.XDG_RUNTIME_DIR, { mode: 0o700 });
    const port = await freePort();
    this.address = `https://localhost:${port}`;
    await writeFile(
      this.#settings,
      `[editor]\nprogram = ${JSON.stringify(required('DOORCODE_TEST_CODE_SERVER'))}\n\n` +
        `[gateway]\nlisten = ["127.0.0.1:${port}"]\nhosts = ["localhost"]\n`,
    );
    await mkdir(this.folder);
    for (const [name, content] of Object.entries(files)) await writeFile(join(this.folder, name), content);
    await this.#writeEditorSettings();
  }

  async #writeEditorSettings() {
    const data = join(this.#env.XDG_DATA_HOME, 'doorcode');
    const user = join(data, 'editor', 'data', 'User');
    await mkdir(user, { recursive: true, mode: 0o700 });
    await chmod(data, 0o700);
    await writeFile(join(user, 'settings.json'), JSON.stringify(EDITOR_SETTINGS));
  }

  async #up() {
    const engine = start(program(), ['--settings', this.#settings, 'up', this.folder], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#engine = engine;
    engine.ended.then(() => (this.#engine = undefined));
    const running = async () => {
      if (!this.#engine) return 'ended';
      return (await this.json(['status'])).state === 'running' && 'running';
    };
    const state = await until('the editor runs', running, { seconds: 60 }).catch((cause) => {
      throw new Error(`doorcode up printed:\n${engine.output()}`, { cause });
    });
    if (state === 'ended') throw new Error(`doorcode up ended:\n${engine.output()}`);
  }
}

function program() {
  return required('DOORCODE_BIN');
}

function required(variable) {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: run these tests with \`make test\``);
  return value;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
