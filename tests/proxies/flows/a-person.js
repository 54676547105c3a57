import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startChromium } from '../../browser/support/browsers.js';
import { pageTest } from '../../browser/support/page-test.js';
import { watchSockets } from '../../browser/support/sockets.js';
import { until } from '../../browser/support/wait.js';
import { Workbench } from '../../browser/support/workbench.js';
import { logged, refusal } from '../support/access-log.js';
import { PERSON, STRANGER } from '../support/people.js';
import { confirmSignOut, signInAtProvider } from '../support/provider.js';
import { EDITOR_PAGE, get, openSocket } from '../support/requests.js';
import { Site } from '../support/site.js';

/**
 * What a person meets who comes to the editor by way of a proxy and an OpenID provider.
 *
 * @param {string} what the proxy in words
 * @param {Parameters<typeof Site.open>[0]} kind
 */
export function describePerson(what, kind) {
  describe(`a person behind ${what}`, { timeout: 120_000 }, () => {
    let site, chromium, page, sockets;
    const shown = () => page;

    before(async () => {
      site = await Site.open(kind);
      chromium = await startChromium({ trustedRoot: site.authority.root });
      page = await chromium.browser.newPage();
      sockets = await watchSockets(page);
    });

    after(async () => {
      await chromium?.close();
      await site?.close();
    });

    pageTest('signs in at the provider, and has the editor', shown, async () => {
      await page.goto(site.url, { waitUntil: 'domcontentloaded' });
      assert.equal(new URL(page.url()).origin, site.provider.issuer);
      await signInAtProvider(page, PERSON);
      assert.equal(new URL(page.url()).origin, site.url);
      await new Workbench(page).ready('notes.txt');
      await until('the editor has its sockets', () => sockets.count() >= 2);
    });

    pageTest('runs a command in a terminal', shown, async () => {
      await new Workbench(page).typeInTerminal('echo $((6 * 7)) > answer.txt');
      const answer = () => readFile(join(site.door.folder, 'answer.txt'), 'utf8');
      assert.equal(await until('the command has run', answer), '42\n');
    });

    test('is in the access log and in the list of sessions, by name', async () => {
      const { user } = await logged(
        site.door,
        'their page',
        ({ path, status }) => path === '/' && status === 200,
      );
      assert.equal(user, PERSON);
      const [session, ...others] = await site.door.json(['sessions', 'list']);
      assert.deepEqual(others, []);
      assert.equal(session.user, PERSON);
      assert.ok(session.tunnels >= 2, `their editor has ${session.tunnels} sockets`);
    });

    pageTest('who may not come in is refused, and learns nothing but a number', shown, async () => {
      const theirs = await chromium.browser.createBrowserContext();
      const window = await theirs.newPage();
      await window.goto(site.url, { waitUntil: 'domcontentloaded' });
      const answer = await signInAtProvider(window, STRANGER);
      const line = await refusal(site.door, { status: answer.status(), body: await answer.text() });
      const { code, status, user } = line;
      assert.deepEqual(
        { code, status, user },
        { code: 'trusted_proxy_user_not_allowed', status: 403, user: STRANGER },
      );
      await theirs.close();
    });

    /** What a browser could say of itself to be taken for the person. */
    const CLAIMS = {
      'X-Forwarded-User': PERSON,
      'X-Forwarded-Email': PERSON,
      'X-Auth-Request-User': PERSON,
      'X-Auth-Request-Email': PERSON,
      'Remote-User': PERSON,
    };

    test('who claims to be somebody else is not believed', async () => {
      const anonymous = await get(site.place, EDITOR_PAGE, { ...CLAIMS, 'Sec-Fetch-Mode': 'cors' });
      assert.equal(anonymous.status, 401);
      await assertNotLetIn(site.auth.cookieOf(STRANGER), /^trusted_proxy_user_not_allowed$/);
    });

    // Caddy 2.6 says the name of its own placeholder then.
    test('nor is a claim where the auth service says nothing', async () => {
      site.auth.tellsWho = false;
      try {
        await assertNotLetIn(
          site.auth.cookieOf(PERSON),
          /^trusted_proxy_user_(missing|invalid|not_allowed)$/,
        );
      } finally {
        site.auth.tellsWho = true;
      }
    });

    async function assertNotLetIn(cookie, code) {
      const headers = { ...CLAIMS, Cookie: cookie };
      const answers = [await get(site.place, EDITOR_PAGE, headers), await openSocket(site.place, headers)];
      for (const answer of answers) {
        const line = await refusal(site.door, answer);
        assert.match(line.code, code);
        assert.notEqual(line.user, PERSON);
      }
    }

    test('whose session is revoked has no socket left', async () => {
      const { socket, status, closed } = await openSocket(site.place, { Cookie: site.auth.cookieOf(PERSON) });
      assert.equal(status, 101);
      await site.door.doorcode(['sessions', 'revoke', '--all']);
      await until('the socket is closed', closed, { seconds: 5 });
      socket.destroy();
    });

    pageTest('signs out, and is asked by the provider again', shown, async () => {
      await page.goto(`${site.url}/oauth2/sign_out`, { waitUntil: 'domcontentloaded' });
      await confirmSignOut(page);
      await page.waitForSelector('input[name=email]');
      assert.equal(new URL(page.url()).origin, site.provider.issuer);
    });
  });
}
