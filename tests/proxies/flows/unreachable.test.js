import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { until } from '../../browser/support/wait.js';
import { edited } from '../support/edit.js';
import { PERSON } from '../support/people.js';
import { EDITOR_PAGE, get } from '../support/requests.js';
import { Site } from '../support/site.js';

/** Without a sign-in of the proxy's own, behind which nobody but who has signed in there meets what is wrong. */
const SIGN_IN = {
  nginx: (recipe) => edited(recipe, 'auth_request /oauth2/auth;', ''),
  caddy: (recipe) => edited(recipe, /forward_auth [^]*?\n\t\t\}\n/g, ''),
};

/** The root by which the proxy knows the door becomes that of another authority, as after `doorcode cert renew`. */
const otherRoot = (directive) => (recipe, site) =>
  edited(recipe, directive, (line) => line.replace(/"[^"]*"/, JSON.stringify(site.authority.rootFile)));

/**
 * What keeps a proxy from a door that is as it should be: an edit of its recipe, or that it may not open the door's `socket`.
 *
 * @type {{
 *   what: string,
 *   kind: Parameters<typeof Site.open>[0],
 *   edit?: (recipe: string, site: Site) => string,
 *   socket?: boolean,
 * }[]}
 */
const REASONS = [
  {
    what: 'nginx does not believe its certificate',
    kind: { proxy: 'nginx' },
    edit: otherRoot(/^ *proxy_ssl_trusted_certificate .*$/gm),
  },
  {
    what: 'Caddy does not believe its certificate',
    kind: { proxy: 'caddy' },
    edit: otherRoot(/^\s*tls_trusted_ca_certs .*$/gm),
  },
  {
    what: 'nginx may not open its socket',
    kind: { proxy: 'nginx', proof: 'unix-socket' },
    socket: true,
  },
];

for (const { what, kind, edit = (recipe) => recipe, socket } of REASONS) {
  describe(`a door that is not reached: ${what}`, { timeout: 120_000 }, () => {
    let site, headers;

    before(async () => {
      site = await Site.open(kind);
      headers = { Cookie: site.auth.cookieOf(PERSON) };
    });

    after(async () => {
      await site?.close();
    });

    const isRoot = process.getuid() === 0;
    const socketFile = () => join(site.door.person.XDG_RUNTIME_DIR, 'door');
    const page = async () => (await get(site.place, EDITOR_PAGE, headers)).status;

    async function make(change) {
      // Root may open whatever it likes; somebody else keeps themselves from their own socket.
      if (socket && !isRoot) await chmod(socketFile(), 0);
      await site.startProxy((recipe) => change(edit(recipe, site)), { worker: socket && 'nobody root' });
    }

    async function mend() {
      if (socket && !isRoot) await chmod(socketFile(), 0o600);
      await site.startProxy();
    }

    test('who has signed in is answered 502', async () => {
      assert.equal(await page(), 200);
      await make((recipe) => recipe);
      assert.equal(await page(), 502);
    });

    test('the doctor names it where the proxy answers so before it asks who somebody is, until it is mended', async () => {
      await make(SIGN_IN[kind.proxy]);
      assert.equal(await page(), 502);
      const named = await site.causes();
      assert.equal(named[0], 'bad_gateway', `the doctor names ${named.join(', ') || 'nothing'}`);
      const isTold = async () => (await site.told()).includes('bad_gateway');
      await until('the status tells it', isTold, { seconds: 5 });
      await mend();
      await until('the page comes again', async () => (await page()) === 200, { seconds: 5 });
      await until('the status has forgotten it', async () => !(await isTold()), { seconds: 5 });
      assert.deepEqual(await site.causes(), []);
    });
  });
}
