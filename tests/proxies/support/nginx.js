import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { start, stop } from '../../browser/support/processes.js';
import { accepts } from './accepts.js';

/**
 * Starts nginx with what stands in its `http` block, listening on `port` of 127.0.0.1.
 *
 * @param {string} folder for its files
 * @param {string} http
 * @param {number} port
 * @param {string} [worker] the user whom its workers are, where root starts it; whoever the tests are run by, unless it is said
 */
export async function startNginx(folder, http, port, worker = `${userInfo().username} root`) {
  // Started by root, it would hand its workers to somebody who may not open the door's socket.
  const user = process.getuid() === 0 ? `user ${worker};` : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  const main = `${user}
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr warn;
events {}
http {
access_log off;
${temporary}
${http}
}
`;
  await writeFile(join(folder, 'nginx.conf'), main);
  const nginx = start('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await accepts(nginx, port);
  return { close: () => stop(nginx, 10) };
}
