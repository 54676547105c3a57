import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../../browser/support/wait.js';
import { logged } from '../support/access-log.js';
import { edited } from '../support/edit.js';
import { PERSON } from '../support/people.js';
import { openSocket } from '../support/requests.js';
import { Site } from '../support/site.js';

/** How long the proxy puts up with a connection on which nothing is said. */
const SECONDS = 2;

describe('a proxy that ends quiet connections', { timeout: 60_000 }, () => {
  let site, headers;

  before(async () => {
    site = await Site.open({ proxy: 'nginx' });
    headers = { Cookie: site.auth.cookieOf(PERSON) };
  });

  after(async () => {
    await site?.close();
  });

  /** Opens a WebSocket of the editor's, and says whether it has ended after that time and one second more. */
  async function endsByItself() {
    const { status, socket, closed } = await openSocket(site.place, headers);
    assert.equal(status, 101);
    const patience = until('it ends', closed, { seconds: SECONDS + 1 });
    const ended = await patience.then(
      () => true,
      () => false,
    );
    socket.destroy();
    return ended;
  }

  async function reconnects() {
    const metrics = await site.door.doorcode(['metrics']);
    const [, count] = /^doorcode_reconnects_total (\d+)$/m.exec(metrics) ?? assert.fail(metrics);
    return Number(count);
  }

  test('by its recipe, it does not', async () => {
    assert.equal(await endsByItself(), false);
  });

  test('ends the WebSockets of an editor in which nobody types, which shows as windows that come back', async () => {
    const timeout = (recipe) => edited(recipe, 'proxy_read_timeout 12h;', `proxy_read_timeout ${SECONDS}s;`);
    await site.startProxy(timeout);
    const before = await reconnects();
    assert.equal(await endsByItself(), true);
    const { status, socket } = await openSocket(site.place, headers, { again: true });
    assert.equal(status, 101);
    assert.equal(await reconnects(), before + 1);
    socket.destroy();
    // Nobody was refused, and how long a proxy waits it tells nobody.
    const ended = ({ path, status }) => path.startsWith('/stable') && status === 101;
    const { code } = await logged(site.door, 'a WebSocket that has ended', ended, { seconds: 15 });
    assert.equal(code, undefined);
    assert.deepEqual(await site.causes(), []);
  });
});
