import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { freePort } from '../../browser/support/ports.js';
import { until } from '../../browser/support/wait.js';
import { logged, refusal } from '../support/access-log.js';
import { edited } from '../support/edit.js';
import { PERSON, STRANGER } from '../support/people.js';
import { EDITOR_PAGE, get, openSocket } from '../support/requests.js';
import { Site } from '../support/site.js';

/** The mistakes of docs/proxies.md, each made on purpose, and what the door calls it. */
describe('a mistake', { timeout: 120_000 }, () => {
  let site;
  let cookie;

  before(async () => {
    site = await Site.open({ proxy: 'nginx' });
    cookie = site.auth.cookieOf(PERSON);
  });

  after(async () => {
    await site?.close();
  });

  const page = (headers = {}) => get(site.place, EDITOR_PAGE, { Cookie: cookie, ...headers });
  const socket = (headers = {}) => openSocket(site.place, { Cookie: cookie, ...headers });

  /** Fails unless a page and a WebSocket are both refused, with `status`, and called `code` in the access log. */
  async function assertRefused(code, status, headers) {
    for (const ask of [page, socket]) {
      const line = await refusal(site.door, await ask(headers));
      assert.deepEqual({ code: line.code, status: line.status }, { code, status });
    }
  }

  /** With other settings than those that belong to the recipe; the door takes them over at once. */
  async function withSettings(from, to, body) {
    await site.door.configure(edited(site.settings, from, to));
    try {
      await body();
    } finally {
      await site.door.configure(site.settings);
      await until('all is well again', async () => (await page()).status === 200, { seconds: 5 });
    }
  }

  test('none, and all is well', async () => {
    assert.equal((await page()).status, 200);
    const open = await socket();
    assert.equal(open.status, 101);
    open.socket.destroy();
  });

  describe('in the proxy', () => {
    after(() => site.startProxy());

    test('its secret is missing, or is another', async () => {
      const include = /^ *include .*doorcode-proof.*$/gm;
      await site.startProxy((recipe) => edited(recipe, include, 'proxy_set_header x-doorcode-proof "";'));
      await assertRefused('trusted_proxy_proof_invalid', 403);
      const other = `proxy_set_header x-doorcode-proof "${'0'.repeat(64)}";`;
      await site.startProxy((recipe) => edited(recipe, include, other));
      await assertRefused('trusted_proxy_proof_invalid', 403);
    });

    test('it keeps to itself who it is', async () => {
      const line = /^ *proxy_set_header \S+ \$doorcode_user;$/gm;
      await site.startProxy((recipe) => edited(recipe, line, ''));
      await assertRefused('trusted_proxy_user_missing', 401);
    });

    test('it asks for its own name of the door', async () => {
      const line = /(?<=compares it with public_url\.\n) *proxy_set_header Host .*$/gm;
      await site.startProxy((recipe) => edited(recipe, line, ''));
      await assertRefused('trusted_proxy_host_not_allowed', 421);
    });

    test('it does not pass WebSockets', async () => {
      const line = /^ *proxy_set_header (Upgrade|Connection) \$\w+;$/gm;
      await site.startProxy((recipe) => edited(recipe, line, ''));
      assert.equal((await page()).status, 200);
      assert.notEqual((await socket()).status, 101);
      const { status, user } = await logged(site.door, 'what came of it', ({ path }) =>
        path.startsWith('/stable'),
      );
      assert.equal(user, PERSON);
      assert.notEqual(status, 101);
    });

    test('it looks for the door where there is none', async () => {
      const elsewhere = await freePort();
      await site.startProxy((recipe) =>
        edited(recipe, `127.0.0.1:${site.door.port}`, `127.0.0.1:${elsewhere}`),
      );
      assert.equal((await page()).status, 502);
    });
  });

  describe('in the settings', () => {
    test('the person is not on the list', async () => {
      cookie = site.auth.cookieOf(STRANGER);
      await assertRefused('trusted_proxy_user_not_allowed', 403);
      cookie = site.auth.cookieOf(PERSON);
    });

    test('the address of the proxy is another', async () => {
      await withSettings('proxies = ["127.0.0.1"]', 'proxies = ["127.0.0.2"]', async () => {
        await until('the proxy is unknown', async () => (await page()).status === 403, { seconds: 5 });
        await assertRefused('trusted_proxy_untrusted_source', 403);
      });
    });

    test('the public address is another', async () => {
      await withSettings(
        `public_url = "${site.url}"`,
        'public_url = "https://code.example.com"',
        async () => {
          const { Origin } = { Origin: site.url };
          await until('its origin is a stranger', async () => (await socket({ Origin })).status === 403, {
            seconds: 5,
          });
          const line = await refusal(site.door, await socket({ Origin }));
          assert.equal(line.code, 'trusted_proxy_origin_not_allowed');
        },
      );
    });

    test('a header is wanted that the proxy does not send', async () => {
      await withSettings('allow_users', 'required_headers = ["X-Tenant"]\nallow_users', async () => {
        await until('it is wanted', async () => (await page()).status === 403, { seconds: 5 });
        await assertRefused('trusted_proxy_missing_header_x-tenant', 403);
        assert.equal((await page({ 'X-Tenant': 'ours' })).status, 200);
      });
    });

    test('the door asks for its own password, too', async () => {
      await withSettings('mode = "trusted-proxy"', 'mode = "password"', async () => {
        const led = async () => {
          const answer = await page({ Accept: 'text/html' });
          return answer.status === 303 && answer;
        };
        const answer = await until('the door asks', led, { seconds: 5 });
        assert.match(answer.headers.location, /\/\.doorcode\/sign-in/);
      });
    });
  });
});
