import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as http } from 'node:http';
import { request as https } from 'node:https';

/** The editor's page, without a folder. */
export const EDITOR_PAGE = '/?ew=true';

/** Where a window of the editor opens its sockets. */
const EDITOR_SOCKET = '/stable?skipWebSocketFrames=false&reconnectionToken=';

/**
 * @typedef {{ url: string, ca?: string, origin?: string }} Place an address on this machine, the PEM of the root that it is
 *   verified with, and what a browser takes it for where that is something else
 * @typedef {{ status: number, headers: import('node:http').IncomingHttpHeaders, body: string }} Answer
 */

/**
 * Asks for a path, over a connection of its own; redirects are not followed.
 *
 * @param {Place} place
 * @param {string} path
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Answer>}
 */
export async function get(place, path, headers = {}) {
  const outgoing = begin(place, path, headers);
  outgoing.end();
  const [response] = await once(outgoing, 'response');
  return answer(response);
}

/**
 * Opens a WebSocket of the editor's, as its page does.
 *
 * @param {Place} place
 * @param {Record<string, string>} [headers]
 * @param {{ again?: boolean }} [options] of a window that was there before
 * @returns {Promise<{ status: number, socket?: import('node:net').Socket, closed?: () => boolean }>} 101 with the open
 *   socket, or what else was answered
 */
export async function openSocket(place, headers = {}, { again = false } = {}) {
  const outgoing = begin(place, `${EDITOR_SOCKET}${randomUUID()}&reconnection=${again}`, {
    Origin: place.origin ?? new URL(place.url).origin,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  });
  const upgraded = once(outgoing, 'upgrade').then(([, socket]) => {
    let open = true;
    socket.on('error', () => {}); // A reset is an end like any other.
    socket.resume().once('close', () => (open = false));
    return { status: 101, socket, closed: () => !open };
  });
  const refused = once(outgoing, 'response').then(([response]) => answer(response));
  outgoing.end();
  return Promise.any([upgraded, refused]);
}

function begin({ url, ca, origin = url }, path, headers) {
  const { protocol, port } = new URL(url);
  const { host } = new URL(origin);
  const options = { host: '127.0.0.1', port, path, agent: false, headers: { Host: host, ...headers } };
  const outgoing = protocol === 'https:' ? https({ ...options, ca, servername: 'localhost' }) : http(options);
  return outgoing.setTimeout(10_000, () =>
    outgoing.destroy(new Error(`no answer from ${url}${path} within 10 s`)),
  );
}

async function answer(response) {
  let body = '';
  for await (const piece of response.setEncoding('utf8')) body += piece;
  return { status: response.statusCode, headers: response.headers, body };
}
