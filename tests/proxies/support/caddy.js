import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { start, stop } from '../../browser/support/processes.js';
import { accepts } from './accepts.js';

/**
 * Starts Caddy with a Caddyfile, listening on `port` of 127.0.0.1.
 *
 * @param {string} folder for its files
 * @param {string} caddyfile
 * @param {number} port
 */
export async function startCaddy(folder, caddyfile, port) {
  const file = join(folder, 'Caddyfile');
  await writeFile(file, caddyfile);
  const caddy = start('caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await accepts(caddy, port);
  return { close: () => stop(caddy, 10) };
}
