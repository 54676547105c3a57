import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { freePort } from '../../browser/support/ports.js';
import { until } from '../../browser/support/wait.js';
import { logged, refusal } from '../support/access-log.js';
import { doctor } from '../support/doctor.js';
import { edited } from '../support/edit.js';
import { PERSON } from '../support/people.js';
import { EDITOR_PAGE, get, openSocket } from '../support/requests.js';
import { Site } from '../support/site.js';

/**
 * The mistakes of docs/proxies.md, each made on purpose in a recipe or in the settings that belong to it: what the access log
 * and the doctor call it, and that neither does once it is mended.
 */
describe('a mistake', { timeout: 120_000 }, () => {
  let site, cookie;

  before(async () => {
    site = await Site.open({ proxy: 'nginx' });
    cookie = site.auth.cookieOf(PERSON);
  });

  after(async () => {
    await site?.close();
  });

  const page = (headers = {}) => get(site.place, EDITOR_PAGE, { Cookie: cookie, ...headers });
  const socket = (headers = {}) => openSocket(site.place, { Cookie: cookie, ...headers });
  async function isWell() {
    const open = await socket();
    open.socket?.destroy();
    return open.status === 101 && (await page()).status === 200;
  }

  const inProxy = (edit) => ({ make: () => site.startProxy(edit), mend: () => site.startProxy() });
  const inSettings = (from, to) => ({
    make: () => site.door.configure(edited(site.settings, from, to)),
    mend: () => site.door.configure(site.settings),
  });

  /**
   * A mistake that the doctor calls `cause`, and so does the status unless it is `toldAs` another; after what `meet` has shown a
   * person of it.
   */
  async function assertNamed(cause, { make, mend }, meet, toldAs = cause) {
    await make();
    try {
      await meet();
      const named = await site.causes();
      assert.equal(named[0], cause, `the doctor names ${named.join(', ') || 'nothing'}`);
      await until(`the status tells ${toldAs}`, async () => (await site.told()).includes(toldAs), {
        seconds: 5,
      });
    } finally {
      await mend();
      await until('all is well again', isWell, { seconds: 5 });
    }
    const isForgotten = async () => !(await site.told()).includes(toldAs);
    await until(`the status has forgotten ${toldAs}`, isForgotten, { seconds: 5 });
    assert.ok(!(await site.causes()).includes(cause), `the doctor still names ${cause}`);
  }

  /** Fails unless a page and a WebSocket are both refused with `status`, and called `code` in the access log. */
  async function assertRefused(status, code, headers) {
    await until('it is refused', async () => (await page(headers)).status === status, { seconds: 5 });
    for (const ask of [page, socket]) {
      const line = await refusal(site.door, await ask(headers));
      assert.deepEqual({ code: line.code, status: line.status }, { code, status });
    }
  }

  test('none, and all is well', async () => {
    assert.ok(await isWell());
    const { healthy, causes } = await doctor(site);
    assert.deepEqual({ healthy, causes }, { healthy: true, causes: [] });
  });

  describe('in the proxy', () => {
    const noSignIn = (recipe) => edited(recipe, 'auth_request /oauth2/auth;', '');

    for (const [what, header] of [
      ['missing', ''],
      ['another', '0'.repeat(64)],
    ]) {
      test(`its secret is ${what}`, async () => {
        const line = `proxy_set_header x-doorcode-proof "${header}";`;
        const edit = (recipe) => edited(recipe, /^ *include .*doorcode-proof.*$/gm, line);
        await assertNamed('proof_rejected', inProxy(edit), () =>
          assertRefused(403, 'trusted_proxy_proof_invalid'),
        );
      });
    }

    test('it names two people at once', async () => {
      const edit = (recipe) =>
        edited(recipe, /x-forwarded-email .*;$/gm, 'x-forwarded-email "one@example.com, two@example.com";');
      await assertNamed('identity_unclear', inProxy(edit), async () => {
        await until('it is refused', async () => (await page()).status >= 400, { seconds: 5 });
        assert.match((await refusal(site.door, await page())).code, /^trusted_proxy_user_/);
      });
    });

    test('what it asks first fails', async () => {
      const edit = (recipe) =>
        edited(recipe, 'location = /oauth2/auth {', 'location = /oauth2/auth { return 500;');
      await assertNamed('proxy_error', inProxy(edit), async () => {
        assert.equal((await page()).status, 500);
      });
    });

    test('it keeps to itself who it is', async () => {
      const edit = (recipe) => edited(recipe, /^ *proxy_set_header \S+ \$doorcode_user;$/gm, '');
      await assertNamed('identity_missing', inProxy(edit), () =>
        assertRefused(401, 'trusted_proxy_user_missing'),
      );
    });

    test('it asks for a name of its own', async () => {
      const host = /(?<=compares it with public_url\.\n) *proxy_set_header Host .*$/gm;
      await assertNamed(
        'host_not_preserved',
        inProxy((recipe) => edited(recipe, host, '')),
        () => assertRefused(421, 'trusted_proxy_host_not_allowed'),
      );
    });

    test('it does not pass WebSockets', async () => {
      const upgrade = /^ *proxy_set_header (Upgrade|Connection) \$\w+;$/gm;
      await assertNamed(
        'websocket_not_passed',
        inProxy((recipe) => edited(recipe, upgrade, '')),
        async () => {
          assert.equal((await page()).status, 200);
          const answer = await socket();
          assert.notEqual(answer.status, 101);
          // It has come to the editor, but as a plain request.
          const isIt = ({ path, status, user }) =>
            path.startsWith('/stable') && status === answer.status && user === PERSON;
          await logged(site.door, 'what came of it', isIt);
        },
      );
    });

    test('it asks nobody to sign in', async () => {
      await assertNamed('proxy_asks_no_sign_in', inProxy(noSignIn), () =>
        assertRefused(401, 'trusted_proxy_user_missing'),
      );
    });

    // Behind a sign-in, only who has signed in meets it.
    test('it looks for the door where there is none', async () => {
      const elsewhere = await freePort();
      const edit = (recipe) => edited(recipe, `127.0.0.1:${site.door.port}`, `127.0.0.1:${elsewhere}`);
      await site.startProxy(edit);
      assert.equal((await page()).status, 502);
      await assertNamed(
        'bad_gateway',
        inProxy((recipe) => noSignIn(edit(recipe))),
        async () => {
          assert.equal((await page()).status, 502);
        },
      );
    });

    // Behind a sign-in it shows by what arrives at the door.
    test('it speaks http to a door that expects https', async () => {
      const edit = (recipe) => edited(recipe, 'proxy_pass https://doorcode;', 'proxy_pass http://doorcode;');
      const assertCircle = async () => {
        const { headers } = await page();
        assert.equal(headers.location, site.url + EDITOR_PAGE);
      };
      await assertNamed('proxy_speaks_http', inProxy(edit), assertCircle);
      await assertNamed(
        'proxy_speaks_http',
        inProxy((recipe) => noSignIn(edit(recipe))),
        assertCircle,
      );
    });

    test("it passes a browser's own spelling of a header", async () => {
      await site.startProxy((recipe) =>
        edited(recipe, 'underscores_in_headers off', 'underscores_in_headers on'),
      );
      await assertRefused(400, 'trusted_proxy_bad_request', { X_Forwarded_Email: PERSON });
      await site.startProxy();
      assert.equal((await page({ X_Forwarded_Email: PERSON })).status, 200);
    });
  });

  describe('in the settings', () => {
    test('the person is not on the list', async () => {
      const mistake = inSettings(`allow_users = ["${PERSON}"]`, 'allow_users = ["another@example.com"]');
      await assertNamed('user_not_allowed', mistake, () =>
        assertRefused(403, 'trusted_proxy_user_not_allowed'),
      );
    });

    test('the address of the proxy is another', async () => {
      const mistake = inSettings('proxies = ["127.0.0.1"]', 'proxies = ["127.0.0.2"]');
      await assertNamed('proxy_not_recognised', mistake, () =>
        assertRefused(403, 'trusted_proxy_untrusted_source'),
      );
    });

    test('the public address has another port', async () => {
      const mistake = inSettings(`public_url = "${site.url}"`, 'public_url = "https://localhost"');
      const meet = async () => {
        await until('its origin is a stranger', async () => (await socket()).status === 403, { seconds: 5 });
        const line = await refusal(site.door, await socket());
        assert.equal(line.code, 'trusted_proxy_origin_not_allowed');
      };
      // At the address of the settings nobody is, which the status says first.
      await assertNamed('public_url_wrong', mistake, meet, 'public_unreachable');
    });

    test('a header is wanted that the proxy does not send', async () => {
      const mistake = inSettings('allow_users', 'required_headers = ["X-Tenant"]\nallow_users');
      await assertNamed('identity_missing', mistake, () =>
        assertRefused(403, 'trusted_proxy_missing_header_x-tenant'),
      );
    });

    test('the door asks for a password of its own', async () => {
      const mistake = inSettings('mode = "trusted-proxy"', 'mode = "password"');
      await assertNamed('second_password_page', mistake, async () => {
        const led = async () => {
          const answer = await page({ Accept: 'text/html' });
          return answer.status === 302 && answer;
        };
        const answer = await until('a person is led to the sign-in', led, { seconds: 5 });
        assert.match(answer.headers.location, /^\/\.doorcode\/sign-in/);
      });
    });
  });
});
