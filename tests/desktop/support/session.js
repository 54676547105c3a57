import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { killProcessesOf, processesOf, start, stop } from '../../browser/support/processes.js';
import { node } from '../../browser/support/programs.js';
import { removeFolder, scratchFolder } from '../../browser/support/scratch.js';
import { until } from '../../browser/support/wait.js';
import { Bus } from './bus.js';
import { Display } from './display.js';
import { Keyring } from './keyring.js';
import { Notifications } from './notifications.js';
import { Panel } from './panel.js';

/**
 * A person's graphical session: home, screen, window manager, session bus, and what usually runs on it.
 *
 * Nothing in it knows of the machine's own session, so that any number of them go on side by side.
 */
export class Session {
  home;
  /** The environment of everything that is started in it. */
  env;
  display;
  bus;
  notifications;
  #panel;
  #parts = [];

  /** @param {{ bus?: boolean, panel?: false | 'dark' | 'light', keyring?: boolean }} [has] all of it unless told */
  static async open({ bus = true, panel = bus && 'dark', keyring = bus } = {}) {
    const session = new Session();
    try {
      await session.#prepare();
      await session.#openScreen();
      if (bus) await session.#openBus();
      if (panel) await session.openPanel(panel);
      if (keyring) session.#parts.push(await Keyring.open(session));
    } catch (error) {
      await session.close().catch(() => {}); // What failed first is what matters.
      throw error;
    }
    return session;
  }

  /** Starts the panel that hosts tray icons. */
  async openPanel(look = 'dark') {
    this.#panel = await Panel.open(this, look);
  }

  /** Ends it, as when a desktop's shell crashes. */
  async closePanel() {
    const panel = this.#panel;
    this.#panel = undefined;
    await panel?.close();
  }

  /**
   * Ends everything of it and removes its home.
   *
   * @throws when something that was started in it had to be killed
   */
  async close() {
    try {
      await this.closePanel();
      for (const part of this.#parts.reverse()) await part.close();
      await until('nothing of the session runs', async () => (await processesOf(this.home)).length === 0, {
        seconds: 5,
      });
    } finally {
      await killProcessesOf(this.home);
      await removeFolder(this.home);
    }
  }

  async #prepare() {
    this.home = await scratchFolder();
    const within = (...names) => join(this.home, ...names);
    this.env = {
      PATH: `${within('bin')}:${dirname(node())}:${process.env.PATH}`,
      HOME: this.home,
      LANG: 'C.UTF-8',
      XDG_CONFIG_HOME: within('.config'),
      XDG_DATA_HOME: within('.local', 'share'),
      XDG_STATE_HOME: within('.local', 'state'),
      XDG_CACHE_HOME: within('.cache'),
      XDG_RUNTIME_DIR: within('run'),
      // Nobody listens there: with no address at all, libraries start a bus of their own.
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${within('run', 'no-bus')}`,
      GSETTINGS_BACKEND: 'memory',
      // The accessibility bus is started by activation, which this session does not have.
      NO_AT_BRIDGE: '1',
    };
    const { XDG_RUNTIME_DIR, XDG_CONFIG_HOME, XDG_DATA_HOME } = this.env;
    await mkdir(XDG_RUNTIME_DIR, { mode: 0o700 });
    for (const folder of [within('bin'), XDG_CONFIG_HOME, XDG_DATA_HOME])
      await mkdir(folder, { recursive: true });
  }

  async #openScreen() {
    this.display = await Display.open(this);
    this.#parts.push(this.display);
    this.env.DISPLAY = this.display.name;
    const { env } = this;
    const windowManager = start('openbox', ['--sm-disable'], { env });
    this.#parts.push({ close: () => stop(windowManager, 5) });
  }

  async #openBus() {
    this.bus = await Bus.open(this);
    this.#parts.push(this.bus);
    this.env.DBUS_SESSION_BUS_ADDRESS = this.bus.address;
    this.notifications = await Notifications.open(this);
    this.#parts.push(this.notifications);
  }
}
