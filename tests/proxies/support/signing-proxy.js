import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { request as https } from 'node:https';
import { createServer as createHttpsServer } from 'node:https';

import { SignJWT, exportJWK, generateKeyPair } from 'jose';

import { listening } from './listening.js';

/**
 * How a proxy says who it is: its preset, the header and algorithm it signs with, where its keys are, and what it claims.
 *
 * @typedef {{
 *   preset: string,
 *   header: string,
 *   algorithm: string,
 *   keysPath: string,
 *   seconds: number,
 *   claims: (email: string, keys: string) => import('jose').JWTPayload,
 * }} Kind
 */

/** @type {Kind} As Pomerium signs for a route of the host localhost. */
export const POMERIUM = {
  preset: 'pomerium',
  header: 'X-Pomerium-Jwt-Assertion',
  algorithm: 'ES256',
  keysPath: '/.well-known/pomerium/jwks.json',
  seconds: 300,
  claims: (email) => ({
    ...{ iss: 'localhost', aud: 'localhost', sub: 'f3a1', user: 'f3a1', email },
    ...{ groups: [], sid: randomUUID(), jti: randomUUID(), name: 'A Person' },
  }),
};

/** The tag of the application at Cloudflare. */
export const AUDIENCE = '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2';

/** @type {Kind} As Cloudflare Access signs for a team whose address is that of the keys. */
export const CLOUDFLARE = {
  preset: 'cloudflare-access',
  header: 'Cf-Access-Jwt-Assertion',
  algorithm: 'RS256',
  keysPath: '/cdn-cgi/access/certs',
  seconds: 3600,
  claims: (email, keys) => ({
    ...{ iss: keys, aud: [AUDIENCE], sub: '7335d417', email, type: 'app' },
    ...{ identity_nonce: '6ei69kawdKzMIAPF', country: 'NL' },
  }),
};

/** Keys that are published over https, of which one signs. */
export class Keys {
  #algorithm;
  #published = [];
  #signing;

  /**
   * @param {Kind} kind
   * @param {{ cert: string, key: string }} authority of the server that publishes them
   */
  static async publish({ algorithm, keysPath }, { cert, key }) {
    const keys = new Keys();
    keys.#algorithm = algorithm;
    await keys.add();
    const server = createHttpsServer({ cert, key }, (request, response) => {
      if (request.url !== keysPath) return response.writeHead(404).end();
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ keys: keys.#published }));
    });
    const { port, close } = await listening(server);
    return Object.assign(keys, { url: `https://localhost:${port}`, close });
  }

  /** Signs with a new key from now on; it is published beside the older ones. */
  async add() {
    this.#signing = await this.#make();
    this.#published.push(this.#signing.jwk);
  }

  /** Publishes the key that signs only. */
  forgetOlder() {
    this.#published = [this.#signing.jwk];
  }

  /** @returns {Promise<string>} `claims`, signed now and good for so many seconds */
  async sign(claims, seconds) {
    return this.#token(claims, seconds, this.#signing);
  }

  /** The same, by a key that nobody published under the name of the one that signs. */
  async forge(claims, seconds) {
    const { privateKey } = await this.#make();
    return this.#token(claims, seconds, { privateKey, jwk: this.#signing.jwk });
  }

  #token(claims, seconds, { privateKey, jwk }) {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ ...claims, iat: now, exp: now + seconds })
      .setProtectedHeader({ alg: this.#algorithm, kid: jwk.kid, typ: 'JWT' })
      .sign(privateKey);
  }

  async #make() {
    const { publicKey, privateKey } = await generateKeyPair(this.#algorithm);
    const jwk = { ...(await exportJWK(publicKey)), kid: randomUUID(), alg: this.#algorithm, use: 'sig' };
    return { privateKey, jwk };
  }
}

/**
 * A proxy that knows everybody already: each request goes on to the door with what `assertion` gives in `header`.
 *
 * @param {{ door: { port: number }, root: string, header: string, assertion: () => Promise<string | undefined> }} options `root`
 *   is what the door's certificate is verified with
 */
export async function startSigningProxy({ door, root, header, assertion }) {
  const forward = async (request) => {
    const headers = { ...request.headers };
    const token = await assertion();
    delete headers[header.toLowerCase()];
    if (token) headers[header] = token;
    const { method, url: path } = request;
    const [host, port] = ['127.0.0.1', door.port];
    return https({ host, port, servername: 'localhost', ca: root, agent: false, method, path, headers });
  };
  const server = createServer((request, response) => {
    forward(request).then((onward) => {
      onward.on('error', () => response.writeHead(502).end());
      onward.on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode, answer.headers)));
      request.pipe(onward);
    });
  });
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => {}); // The client may go at any time.
    forward(request).then((onward) => {
      onward.on('error', () => socket.destroy());
      onward.on('response', (answer) => {
        socket.write(head(answer));
        answer.pipe(socket);
      });
      onward.on('upgrade', (answer, tunnel) => {
        tunnel.on('error', () => socket.destroy());
        socket.on('close', () => tunnel.destroy());
        socket.write(head(answer));
        tunnel.pipe(socket).pipe(tunnel);
      });
      onward.end();
    });
  });
  const { port, close } = await listening(server);
  return { url: `http://127.0.0.1:${port}`, close };
}

/** The head of an answer as it was, but for how its body was framed. */
function head({ statusCode, statusMessage, rawHeaders }) {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (/^transfer-encoding$/i.test(rawHeaders[at])) continue;
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
