/** Takes the pictures of docs/images/desktop/: the tray icon and its menu in each state, as a panel shows them. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from '../browser/support/processes.js';
import { until } from '../browser/support/wait.js';
import { Desktop } from './support/desktop.js';
import { Picture } from './support/picture.js';
import { throughStates } from './support/states.js';

const FOLDER = fileURLToPath(new URL('../../docs/images/desktop/', import.meta.url));
const ICON = { left: 0, top: 0, width: 40, height: 32 };
const MENU = { left: 0, top: 0, width: 470, height: 450 };

await mkdir(FOLDER, { recursive: true });
const icons = await Promise.all(['dark', 'light'].map(takeIcons));
await Picture.grid(icons).save(join(FOLDER, 'icons.png'));

/** A row of the icons on such a panel; on the dark one, every menu is taken too. */
async function takeIcons(panel) {
  const row = [];
  const desktop = await Desktop.open({ has: { panel } });
  try {
    desktop.start();
    const tray = await desktop.tray();
    let before = '';
    await throughStates(desktop, async (state) => {
      before = await until('the status line is another one', async () => {
        const [line] = await tray.labels();
        return line !== before && line;
      });
      row.push(await still(desktop, ICON));
      if (panel === 'dark') await takeMenu(desktop, state);
    });
  } finally {
    await desktop.close();
  }
  return row;
}

async function takeMenu(desktop, state) {
  const { display, env } = desktop.session;
  const closed = display.picture().crop(MENU);
  await run('xdotool', ['mousemove', '16', '16', 'click', '3', 'mousemove', '640', '800'], { env });
  await until('the menu is open', () => display.picture().crop(MENU).difference(closed) > 10_000);
  await (await still(desktop, MENU)).save(join(FOLDER, `${state}.png`));
  await run('xdotool', ['key', 'Escape'], { env });
  await until('the menu is closed', () => display.picture().crop(MENU).difference(closed) < 1000);
}

/** A part of the screen, once it has stopped to change. */
async function still({ session: { display } }, part) {
  let last = display.picture().crop(part);
  let same = 0;
  return until('the screen is still', () => {
    const now = display.picture().crop(part);
    same = now.difference(last) === 0 ? same + 1 : 0;
    last = now;
    return same >= 5 && now;
  });
}
