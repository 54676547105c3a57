import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { logged, refusal } from '../support/access-log.js';
import { edited } from '../support/edit.js';
import { PERSON } from '../support/people.js';
import { EDITOR_PAGE, get, openSocket } from '../support/requests.js';
import { Site } from '../support/site.js';

/** The lines of the recipes by which the proxy shows its certificate. */
const SHOWN = { nginx: /^ *proxy_ssl_certificate(_key)? .*$/gm, caddy: /^\s*tls_client_auth .*$/gm };

for (const proxy of ['nginx', 'caddy']) {
  describe(`a door that knows ${proxy} by its certificate`, { timeout: 60_000 }, () => {
    let site, headers;

    before(async () => {
      site = await Site.open({ proxy, proof: 'mtls' });
      headers = { Cookie: site.auth.cookieOf(PERSON) };
    });

    after(async () => {
      await site?.close();
    });

    test('lets the person in, with a WebSocket', async () => {
      assert.equal((await get(site.place, EDITOR_PAGE, headers)).status, 200);
      const line = await logged(site.door, 'the page', ({ path, status }) => path === '/' && status === 200);
      assert.equal(line.user, PERSON);
      const open = await openSocket(site.place, headers);
      assert.equal(open.status, 101);
      open.socket.destroy();
    });

    test('lets nobody in when it shows none', async () => {
      await site.startProxy((recipe) => edited(recipe, SHOWN[proxy], ''));
      for (const answer of [
        await get(site.place, EDITOR_PAGE, headers),
        await openSocket(site.place, headers),
      ]) {
        assert.equal((await refusal(site.door, answer)).code, 'trusted_proxy_proof_invalid');
      }
    });
  });
}
