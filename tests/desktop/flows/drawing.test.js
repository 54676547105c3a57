import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { until } from '../../browser/support/wait.js';
import { Desktop } from '../support/desktop.js';

/** What a process that draws with OpenGL has in its memory. */
const DRIVER = /libEGL_mesa|libGLX_mesa|_dri\.so|libgallium/;
/** As many pixels differ between two pages at least. */
const ANOTHER_PAGE = 10_000;

const devices = await readdir('/dev/dri').catch(() => []);
const hasCard = devices.some((name) => name.startsWith('renderD'));

const ways = [
  { name: `as suits a machine with${hasCard ? '' : 'out'} a graphics card`, env: {}, hasDriver: hasCard },
  { name: 'with OpenGL, for who asks for it', env: { WEBKIT_DISABLE_DMABUF_RENDERER: '0' }, hasDriver: true },
];
for (const { name, env, hasDriver } of ways) {
  describe(`the window is drawn ${name}`, { timeout: 120_000 }, () => {
    let desktop, window, place;

    before(async () => {
      desktop = await Desktop.open();
      Object.assign(desktop.session.env, env);
      window = await desktop.startWithWindow();
      place = await desktop.showsPage();
    });

    after(async () => {
      await desktop?.close();
    });

    test('another page comes to the screen', async () => {
      await window.says(/Overview/);
      const before = look();
      await window.go('Settings');
      await until('the screen shows it', () => look().difference(before) > ANOTHER_PAGE);
    });

    test(`its process has ${hasDriver ? 'the' : 'no'} driver`, async () => {
      const [id] = await desktop.processes('--window');
      assert.equal(DRIVER.test(await readFile(`/proc/${id}/maps`, 'utf8')), hasDriver);
    });

    function look() {
      return desktop.session.display.picture(place);
    }
  });
}
