import { once } from 'node:events';
import { connect } from 'node:net';

import { until } from '../../browser/support/wait.js';

/**
 * Waits until a program that was started accepts connections on `port` of 127.0.0.1.
 *
 * @param {ReturnType<import('../../browser/support/processes.js').start>} program killed when it does not
 * @param {number} port
 * @throws when it ends first, or does not in 30 s; with all that it printed
 */
export async function accepts({ child, ended, output }, port) {
  const { spawnfile } = child;
  let over = false;
  ended.then(() => (over = true));
  await until(`${spawnfile} accepts connections`, async () => over || connects(port)).catch((cause) => {
    child.kill('SIGKILL');
    throw new Error(`${spawnfile} printed:\n${output()}`, { cause });
  });
  if (over) throw new Error(`${spawnfile} ended:\n${output()}`);
}

async function connects(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
