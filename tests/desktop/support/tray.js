import { until } from '../../browser/support/wait.js';
import { WATCHER } from './panel.js';

const ITEM = 'org.kde.StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';

/**
 * Doorcode's tray icon as the panel knows it, over D-Bus.
 *
 * @typedef {{ id: number, label: string, enabled: boolean, visible: boolean, checked?: boolean, separator: boolean }} Entry
 */
export class Tray {
  #bus;
  #service;
  #path;

  /** Waits until it has one. */
  static async of(bus) {
    return until('the tray shows Doorcode', () => Tray.#find(bus), { seconds: 20 });
  }

  /** Whether the panel shows one now. */
  static async isThere(bus) {
    return Boolean(await Tray.#find(bus));
  }

  /** Clicks on the icon with the left button. */
  async activate() {
    await this.#bus.call(this.#service, this.#path, ITEM, 'Activate', 'ii', 0, 0);
  }

  /** The text that a panel shows when the mouse rests on the icon. */
  async tooltip() {
    const [, , title, text] = await this.#property('ToolTip');
    return { title, text };
  }

  /** The icon's picture: width, height and ARGB bytes of the largest one. */
  async icon() {
    const pictures = await this.#property('IconPixmap');
    return pictures.sort(([one], [other]) => other - one)[0];
  }

  /**
   * The menu from top to bottom, without what is hidden.
   *
   * @returns {Promise<Entry[]>}
   */
  async menu() {
    const [, [, , children]] = await this.#menuCall('GetLayout', 'iias', 0, -1, 0);
    return children.map(({ data }) => entry(data)).filter(({ visible }) => visible);
  }

  /** The labels of the menu's entries. */
  async labels() {
    return (await this.menu()).filter(({ separator }) => !separator).map(({ label }) => label);
  }

  /** The entry whose label matches; the only one. */
  async entry(label) {
    const matches = ({ label: text }) => (label instanceof RegExp ? label.test(text) : text === label);
    const found = (await this.menu()).filter(matches);
    if (found.length === 1) return found[0];
    throw new Error(`${found.length} entries match ${label}: ${(await this.labels()).join(' | ')}`);
  }

  /** Chooses an entry, as a click on it does. Waits until it can be chosen. */
  async choose(label) {
    const { id } = await until(`${label} can be chosen`, async () => {
      const found = await this.entry(label);
      return found.enabled && found;
    });
    await this.#menuCall('Event', 'isvu', id, 'clicked', 'i', 0, 0);
  }

  static async #find(bus) {
    if (!(await bus.has(WATCHER))) return undefined;
    const items = await bus.property(
      WATCHER,
      '/StatusNotifierWatcher',
      WATCHER,
      'RegisteredStatusNotifierItems',
    );
    for (const item of items) {
      const tray = new Tray();
      const slash = item.indexOf('/');
      tray.#bus = bus;
      tray.#service = item.slice(0, slash);
      tray.#path = item.slice(slash);
      const id = await tray.#property('Id').catch(() => ''); // It may be another program's, just ending.
      if (id === 'doorcode') return tray;
    }
    return undefined;
  }

  async #property(name) {
    return this.#bus.property(this.#service, this.#path, ITEM, name);
  }

  async #menuCall(method, signature, ...args) {
    return this.#bus.call(this.#service, await this.#property('Menu'), MENU, method, signature, ...args);
  }
}

/** @returns {Entry} */
function entry([id, properties]) {
  const value = (name, otherwise) => properties[name]?.data ?? otherwise;
  return {
    id,
    // An underscore marks a letter for the keyboard; two are one that is shown.
    label: value('label', '').replaceAll(/_(.)/g, '$1'),
    enabled: value('enabled', true),
    visible: value('visible', true),
    checked: properties['toggle-type'] && value('toggle-state') === 1,
    separator: value('type') === 'separator',
  };
}
