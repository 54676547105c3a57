import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { start, stop } from '../../browser/support/processes.js';

export const WATCHER = 'org.kde.StatusNotifierWatcher';

/** Says where the distribution keeps the program behind Xfce's settings. */
const XFCONF = '/usr/share/dbus-1/services/org.xfce.Xfconf.service';

/** One panel at the top of the screen with nothing but the area that hosts StatusNotifierItems. */
const configuration = (look) => `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="${look === 'dark'}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="icon-size" type="uint" value="24"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="icon-size" type="int" value="24"/>
    </property>
  </property>
</channel>
`;

/** Xfce's panel, as the host of tray icons. */
export class Panel {
  #programs = [];

  /**
   * @param {{ env: Record<string, string>, bus: import('./bus.js').Bus }} session
   * @param {'dark' | 'light'} look
   */
  static async open({ env, bus }, look) {
    const panel = new Panel();
    const folder = join(env.XDG_CONFIG_HOME, 'xfce4', 'xfconf', 'xfce-perchannel-xml');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'xfce4-panel.xml'), configuration(look));
    const [, xfconfd] = /^Exec=(.+)$/m.exec(await readFile(XFCONF, 'utf8'));
    panel.#programs.push(start(xfconfd, [], { env }));
    await bus.appears('org.xfce.Xfconf');
    panel.#programs.push(start('xfce4-panel', ['--disable-wm-check'], { env }));
    await bus.appears(WATCHER);
    return panel;
  }

  async close() {
    for (const program of this.#programs.reverse()) await stop(program, 5);
  }
}
