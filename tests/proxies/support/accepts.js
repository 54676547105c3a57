import { once } from 'node:events';
import { connect } from 'node:net';

import { until } from '../../browser/support/wait.js';

/**
 * Waits until a program that was started accepts connections on `port` of 127.0.0.1.
 *
 * @param {ReturnType<import('../../browser/support/processes.js').start>} program
 * @param {number} port
 * @throws when it ends first, with all that it printed
 */
export async function accepts(program, port) {
  let ended = false;
  program.ended.then(() => (ended = true));
  await until(`${program.child.spawnfile} accepts connections`, async () => ended || connects(port));
  if (ended) throw new Error(`${program.child.spawnfile} ended:\n${program.output()}`);
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
