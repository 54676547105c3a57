import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Door } from '../../browser/support/door.js';
import { freePort } from '../../browser/support/ports.js';
import { removeFolder, scratchFolder } from '../../browser/support/scratch.js';
import { until } from '../../browser/support/wait.js';
import { logged, refusal } from '../support/access-log.js';
import { makeAuthority } from '../support/authority.js';
import { PERSON, STRANGER } from '../support/people.js';
import { EDITOR_PAGE, get, openSocket } from '../support/requests.js';
import { AUDIENCE, CLOUDFLARE, Keys, POMERIUM, startSigningProxy } from '../support/signing-proxy.js';

const ORIGIN = 'https://localhost';

/** What a person writes for each. Cloudflare's keys are where its issuer says; Pomerium's would be at the application's host. */
const ASSERTION = {
  [POMERIUM.preset]: ({ url }) => `{ jwks_url = "${url}${POMERIUM.keysPath}" }`,
  [CLOUDFLARE.preset]: ({ url }) => `{ issuer = "${url}", audience = "${AUDIENCE}" }`,
};

describe('a proxy that signs who it is for', { timeout: 120_000 }, () => {
  let home, authority, door, root;

  before(async () => {
    home = await scratchFolder();
    authority = await makeAuthority(home);
  });

  after(async () => {
    await door?.close();
    if (home) await removeFolder(home);
  });

  for (const kind of [POMERIUM, CLOUDFLARE]) {
    describe(`as ${kind.preset} does, with ${kind.algorithm}`, () => {
      let keys, proxy, place;
      /** What the proxy adds to the next requests. */
      let assertion;

      const signed = (email) => () => keys.sign(kind.claims(email, keys.url), kind.seconds);
      const isLetIn = async () => (await get(place, EDITOR_PAGE)).status === 200;
      const openEditor = async () => {
        assertion = signed(PERSON);
        const open = await openSocket(place);
        assert.equal(open.status, 101);
        return open;
      };
      const refused = async () => (await refusal(door, await get(place, EDITOR_PAGE))).code;

      before(async () => {
        keys = await Keys.publish(kind, authority);
        const settings = (users) => (door) => tables(door, kind, keys, users);
        if (door) {
          await door.configure(settings([PERSON])(door));
        } else {
          door = await Door.open({
            settings: settings([PERSON]),
            env: { SSL_CERT_FILE: authority.rootFile },
          });
          root = await door.doorcode(['cert', 'export', 'localhost']);
        }
        const { header } = kind;
        proxy = await startSigningProxy({ door, root, header, assertion: () => assertion() });
        place = { url: proxy.url, origin: ORIGIN };
      });

      after(async () => {
        await proxy?.close();
        await keys?.close();
      });

      test('the person reaches the editor, and is known by name', async () => {
        assertion = signed(PERSON);
        await until('they see the page of the editor', isLetIn, { seconds: 5 });
        const { user } = await logged(door, 'the page', ({ path, status }) => path === '/' && status === 200);
        assert.equal(user, PERSON);
        const users = (await door.json(['sessions', 'list'])).map(({ user }) => user);
        assert.ok(users.includes(PERSON), `signed in are ${users}`);
      });

      test('a stranger is refused', async () => {
        assertion = signed(STRANGER);
        const line = await refusal(door, await get(place, EDITOR_PAGE));
        assert.equal(line.code, 'trusted_proxy_user_not_allowed');
        assert.equal(line.status, 403);
        assert.equal((await openSocket(place)).status, 403);
      });

      test('whom the proxy says nothing of is refused', async () => {
        assertion = () => undefined;
        assert.equal(await refused(), 'trusted_proxy_assertion_missing');
      });

      test('what somebody else signed is refused, and so is what is over', async () => {
        const claims = kind.claims(PERSON, keys.url);
        assertion = () => keys.forge(claims, kind.seconds);
        assert.equal(await refused(), 'trusted_proxy_assertion_invalid');
        assertion = () => keys.sign(claims, -60);
        assert.equal(await refused(), 'trusted_proxy_assertion_expired');
        assertion = () => keys.sign({ ...claims, aud: 'another.example.com' }, kind.seconds);
        assert.equal(await refused(), 'trusted_proxy_assertion_audience');
        assertion = () => keys.sign({ ...claims, iss: 'https://another.example.com' }, kind.seconds);
        assert.equal(await refused(), 'trusted_proxy_assertion_issuer');
      });

      test('what a browser says of itself does not count beside it', async () => {
        const header = 'X-Own-Claim';
        const withHeader = `${tables(door, kind, keys, [PERSON, STRANGER])}user_header = "${header}"\n`;
        await door.configure(withHeader);
        assertion = signed(STRANGER);
        const claim = (email) => get(place, EDITOR_PAGE, { [header]: email });
        await until('the header is asked for', async () => (await get(place, EDITOR_PAGE)).status === 401);
        assert.equal((await claim(STRANGER)).status, 200);
        assert.equal((await refusal(door, await claim(PERSON))).code, 'trusted_proxy_user_mismatch');
      });

      test('nobody is let in while its keys cannot be had', async () => {
        const { url } = keys;
        await door.configure(tables(door, kind, { url: `https://localhost:${await freePort()}` }, [PERSON]));
        assertion = signed(PERSON);
        const unavailable = async () => (await get(place, EDITOR_PAGE)).status === 503;
        await until('the door says that it cannot tell', unavailable, { seconds: 5 });
        assert.equal(await refused(), 'trusted_proxy_assertion_keys_unavailable');
        await door.configure(tables(door, kind, { url }, [PERSON]));
        await until('the keys are there again', isLetIn, { seconds: 5 });
      });

      // Unknown keys are looked for once a minute at most, so that each kind can change its key once.
      if (kind === POMERIUM) {
        test('a new key is learnt, and the editor stays open', async () => {
          const open = await openEditor();
          await keys.add();
          await until('the new key is believed', isLetIn, { seconds: 5 });
          assert.equal(open.closed(), false);
          open.socket.destroy();
        });
      } else {
        test('a new key is learnt, and what the withdrawn one opened is closed', async () => {
          const open = await openEditor();
          await keys.add();
          keys.forgetOlder();
          await until('the new key is believed', isLetIn, { seconds: 5 });
          await until('the socket is closed', open.closed, { seconds: 5 });
        });
      }

      test('who may not come in any more is put out', async () => {
        const open = await openEditor();
        await door.configure(tables(door, kind, keys, [STRANGER]));
        await until('their socket is closed', open.closed, { seconds: 10 });
        assert.equal(await refused(), 'trusted_proxy_user_not_allowed');
      });
    });
  }
});

function tables(door, { preset }, keys, users) {
  return `[gateway]
listen = ["127.0.0.1:${door.port}"]
hosts = ["localhost"]

[auth]
mode = "trusted-proxy"

[auth.trusted_proxy]
preset = "${preset}"
public_url = "${ORIGIN}"
proxies = ["127.0.0.1"]
allow_users = ${JSON.stringify(users)}
assertion = ${ASSERTION[preset](keys)}
`;
}
