import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { until } from '../../browser/support/wait.js';

/**
 * The session's default browser: it only notes what it is asked to open, for a real one to open it.
 *
 * Found as on a person's desktop: by xdg-open, through a desktop entry.
 */
export class DefaultBrowser {
  #file;
  #seen = 0;

  /**
   * @param {{ home: string, env: Record<string, string> }} session
   * @param {string} name what its desktop entry is called, by which browsers are told apart
   */
  static async install({ home, env }, name) {
    const entry = `${name}.desktop`;
    const browser = new DefaultBrowser();
    browser.#file = join(home, 'opened');
    const program = join(home, 'bin', 'test-browser');
    await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$1" >>'${browser.#file}'\n`, { mode: 0o755 });
    const applications = join(env.XDG_DATA_HOME, 'applications');
    await mkdir(applications, { recursive: true });
    const types = ['text/html', 'x-scheme-handler/http', 'x-scheme-handler/https'];
    await writeFile(
      join(applications, entry),
      `[Desktop Entry]\nType=Application\nName=Test browser\nExec=${program} %u\nMimeType=${types.join(';')};\n`,
    );
    const defaults = types.map((type) => `${type}=${entry}\n`).join('');
    await writeFile(join(env.XDG_CONFIG_HOME, 'mimeapps.list'), `[Default Applications]\n${defaults}`);
    return browser;
  }

  /** Waits until the next address is opened, and gives it. */
  async next() {
    const address = await until('the browser is asked to open something', async () => {
      return (await this.#all())[this.#seen];
    });
    this.#seen += 1;
    // xdg-open hands over the path of a local file.
    return address.startsWith('/') ? pathToFileURL(address).href : address;
  }

  /** Whether there is an address that `next` would give at once. */
  async wasAsked() {
    return (await this.#all()).length > this.#seen;
  }

  async #all() {
    return (await readFile(this.#file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  }
}
