import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import * as openid from 'openid-client';

import { listening } from './listening.js';

const COOKIE = '_oauth2_proxy';

/**
 * Starts the service that nginx and Caddy ask about every request: oauth2-proxy's protocol, with an OpenID provider behind it.
 *
 * `/oauth2/auth` answers 202 with who it is, or 401; `/oauth2/start` sends a person to the provider, from where they come
 * back to `/oauth2/callback`; `/oauth2/sign_out` ends their session here and there. Who may come in, it does not decide.
 *
 * @param {{ issuer: string, client: { id: string, secret: string } }} provider
 * @param {string} url where people reach the application, and under /oauth2/ this service
 */
export async function startAuthService({ issuer, client }, url) {
  const insecure = { execute: [openid.allowInsecureRequests] }; // Over loopback.
  const config = await openid.discovery(new URL(issuer), client.id, client.secret, undefined, insecure);
  const service = new AuthService(config, url);
  const server = createServer((request, response) => {
    service.answer(request, response).catch((error) => response.writeHead(500).end(error.message));
  });
  const { port, close } = await listening(server);
  return Object.assign(service, { url: `http://127.0.0.1:${port}`, close });
}

class AuthService {
  /** Whether it says who it is, and not only that somebody has signed in: oauth2-proxy's --set-xauthrequest. */
  tellsWho = true;
  #config;
  #url;
  /** Begun and not yet come back from the provider, by state. */
  #begun = new Map();
  /** Signed in, by cookie. */
  #sessions = new Map();

  constructor(config, url) {
    this.#config = config;
    this.#url = url;
  }

  /** The Cookie header of somebody who has signed in, without the way to the provider and back. */
  cookieOf(email) {
    return `${COOKIE}=${this.#begin({ email })}`;
  }

  async answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.#url);
    switch (pathname) {
      case '/oauth2/auth':
        return this.#tell(request, response);
      case '/oauth2/start':
      case '/oauth2/sign_in':
        return this.#send(
          searchParams.get('rd') ?? request.headers['x-auth-request-redirect'] ?? '/',
          response,
        );
      case '/oauth2/callback':
        return this.#receive(request, response);
      case '/oauth2/sign_out':
        return this.#signOut(request, response);
      default:
        return response.writeHead(404).end();
    }
  }

  #tell(request, response) {
    const session = this.#sessions.get(cookie(request));
    if (!session) return response.writeHead(401).end();
    const { email } = session;
    response
      .writeHead(202, this.tellsWho ? { 'X-Auth-Request-User': email, 'X-Auth-Request-Email': email } : {})
      .end();
  }

  async #send(back, response) {
    const state = openid.randomState();
    const verifier = openid.randomPKCECodeVerifier();
    const { pathname, search } = new URL(back, this.#url);
    this.#begun.set(state, { verifier, back: pathname + search }); // A place of the application, not another's.
    redirect(
      response,
      openid.buildAuthorizationUrl(this.#config, {
        redirect_uri: `${this.#url}/oauth2/callback`,
        scope: 'openid email',
        state,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }),
    );
  }

  async #receive(request, response) {
    const here = new URL(request.url, this.#url);
    const state = here.searchParams.get('state');
    const begun = this.#begun.get(state);
    if (!begun) return response.writeHead(403).end('this sign-in was not begun here');
    this.#begun.delete(state);
    const tokens = await openid.authorizationCodeGrant(this.#config, here, {
      pkceCodeVerifier: begun.verifier,
      expectedState: state,
      idTokenExpected: true,
    });
    const { sub } = tokens.claims();
    const { email } = await openid.fetchUserInfo(this.#config, tokens.access_token, sub);
    const id = this.#begin({ email, token: tokens.id_token });
    response.setHeader('Set-Cookie', `${COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`);
    redirect(response, new URL(begun.back, this.#url));
  }

  #signOut(request, response) {
    const id = cookie(request);
    const token = this.#sessions.get(id)?.token;
    this.#sessions.delete(id);
    response.setHeader('Set-Cookie', `${COOKIE}=; Path=/; Secure; HttpOnly; Max-Age=0`);
    redirect(
      response,
      openid.buildEndSessionUrl(this.#config, {
        post_logout_redirect_uri: `${this.#url}/`,
        ...(token && { id_token_hint: token }),
      }),
    );
  }

  #begin(session) {
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, session);
    return id;
  }
}

function cookie(request) {
  const pairs = (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

function redirect(response, to) {
  response.writeHead(302, { Location: to.href }).end();
}
