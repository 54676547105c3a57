import { writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../browser/support/ports.js';
import { start, stop } from '../../browser/support/processes.js';
import { until } from '../../browser/support/wait.js';
import { WebDriver } from './web-driver.js';

const SCREENSHOTS = fileURLToPath(new URL('../../../target/screenshots/', import.meta.url));

/** The program's window, used as a person uses it: by what is written on things. */
export class Window {
  #driverProgram;
  #web;

  /** Starts `program` through WebKit's driver and waits for its window. */
  static async open(program, args, env) {
    const window = new Window();
    const port = await freePort();
    window.#driverProgram = start('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
      env: { ...env, TAURI_WEBVIEW_AUTOMATION: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const base = `http://127.0.0.1:${port}`;
    await until('WebKitWebDriver answers', () => fetch(`${base}/status`).then(({ ok }) => ok), {
      seconds: 10,
    });
    const options = { 'webkitgtk:browserOptions': { binary: program, args } };
    window.#web = await WebDriver.connect(base, options);
    return window;
  }

  get web() {
    return this.#web;
  }

  /** All that the program and the driver have printed. */
  output() {
    return this.#driverProgram.output();
  }

  /** Saves what it shows as target/screenshots/desktop-`name`.png, once the page has painted what it is now. */
  async screenshot(name) {
    await this.#web.execute(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)))),
    );
    await mkdir(SCREENSHOTS, { recursive: true });
    await writeFile(join(SCREENSHOTS, `desktop-${name}.png`), await this.#web.screenshot());
  }

  async close() {
    await this.#web.quit().catch(() => {}); // The program may have been ended by the test.
    await stop(this.#driverProgram, 5);
  }
}
