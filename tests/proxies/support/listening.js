import { once } from 'node:events';

/**
 * Lets an HTTP or HTTPS server of this process listen on 127.0.0.1.
 *
 * @param {import('node:net').Server} server
 * @param {number} [port] any free one
 * @returns {Promise<{ port: number, close: () => Promise<void> }>} `close` ends what is open, too
 */
export async function listening(server, port = 0) {
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    // A connection that was upgraded is none of the server's any more.
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port: server.address().port, close };
}
