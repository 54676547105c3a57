import { openSync, readSync, closeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { start, stop } from '../../browser/support/processes.js';
import { until } from '../../browser/support/wait.js';
import { Picture } from './picture.js';

const WIDTH = 1280;
const HEIGHT = 900;

/** A screen of its own: Xvfb on the first display number that is free. */
export class Display {
  #folder;
  #server;

  /** @param {{ home: string, env: Record<string, string> }} session */
  static async open({ home, env }) {
    const display = new Display();
    display.#folder = join(home, 'screen');
    await mkdir(display.#folder);
    display.#server = start(
      'Xvfb',
      ['-displayfd', '3', '-screen', '0', `${WIDTH}x${HEIGHT}x24`, '-fbdir', display.#folder].concat([
        '-nolisten',
        'tcp',
        '-noreset',
        '-nocursor',
        '-dpi',
        '96',
      ]),
      { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
    );
    let number = '';
    display.#server.child.stdio[3].setEncoding('utf8').on('data', (text) => (number += text));
    await until('Xvfb has a display', () => number.endsWith('\n'), { seconds: 15 });
    display.name = `:${number.trim()}`;
    return display;
  }

  /**
   * What the screen shows at this moment.
   *
   * @param {Parameters<typeof Picture.fromXwd>[1]} [part] all of it unless told; a small one is had in less than a millisecond
   */
  picture(part) {
    const file = openSync(join(this.#folder, 'Xvfb_screen0'), 'r');
    try {
      return Picture.fromXwd((length, position) => {
        const bytes = Buffer.alloc(length);
        readSync(file, bytes, 0, length, position);
        return bytes;
      }, part);
    } finally {
      closeSync(file);
    }
  }

  async close() {
    await stop(this.#server, 5);
  }
}
