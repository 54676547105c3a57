import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import Memory from 'oidc-provider/lib/adapters/memory_adapter.js';

import { freePort } from '../../browser/support/ports.js';
import { listening } from './listening.js';

/** What everybody signs in with at the provider. */
const PASSWORD = 'a password of the provider';

/** What people did at the provider ends with the test; the class itself would be warned of. */
class InThisProcess extends Memory {}

const SIGN_IN = /^\/interaction\/[\w-]+$/;

/**
 * Starts an OpenID provider at which anybody can sign in with their e-mail address and `PASSWORD`.
 *
 * @param {string} url the address of the application that sends people to it
 */
export async function startProvider(url) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = { id: 'the-proxy', secret: randomBytes(32).toString('hex') };
  const provider = new Provider(issuer, await configuration(client, url));
  const oidc = provider.callback();
  const server = createServer((request, response) => {
    if (!SIGN_IN.test(request.url)) return oidc(request, response);
    signIn(provider, request, response).catch((error) => response.writeHead(500).end(error.message));
  });
  const { close } = await listening(server, port);
  return { issuer, client, close };
}

/** Types what the provider's page asks for, sends it, and gives what the browser is answered where that leads to. */
export async function signInAtProvider(page, email) {
  await page.waitForSelector('input[name=email]');
  await page.type('input[name=email]', email);
  await page.type('input[name=password]', PASSWORD);
  return press(page, 'button');
}

/** Ends the person's session at the provider, which asks first. */
export async function confirmSignOut(page) {
  await page.waitForSelector('button[name=logout]');
  return press(page, 'button[name=logout]');
}

async function press(page, button) {
  const [answer] = await Promise.all([
    page.waitForNavigation({ waitUntil: 'domcontentloaded' }),
    page.click(button),
  ]);
  return answer;
}

async function configuration(client, url) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${url}/oauth2/callback`],
        post_logout_redirect_uris: [`${url}/`],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    adapter: InThisProcess,
    jwks: { keys: [await exportJWK(privateKey)] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: true }),
    }),
    // Nobody is asked whether the application may know who they are: it belongs to whom the provider belongs to.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        logoutSource(context, form) {
          context.body = page(
            `${form}<button name="logout" form="op.logoutForm" value="yes">Sign out</button>`,
          );
        },
      },
    },
    ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, IdToken: 600 },
  };
}

async function signIn(provider, request, response) {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    return response.end(
      page(
        '<form method="post"><input name="email"><input name="password" type="password"><button>Sign in</button></form>',
      ),
    );
  }
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  const form = new URLSearchParams(body);
  if (form.get('password') !== PASSWORD) return response.writeHead(401).end('wrong password');
  await provider.interactionFinished(request, response, { login: { accountId: form.get('email') } });
}

function page(body) {
  return `<!doctype html><html lang="en"><title>The provider</title><body>${body}</body></html>`;
}
