import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe } from 'node:test';

import { assertAccessible } from '../support/accessibility.js';
import { startChromium, startFirefox } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { pageTest } from '../support/page-test.js';
import { assertFitsTheWidth, PHONE } from '../support/phone.js';
import { screenshot } from '../support/screenshots.js';
import { signIn } from '../support/sign-in-page.js';
import { until } from '../support/wait.js';
import { Workbench } from '../support/workbench.js';

describe('the check of a device', { timeout: 240_000 }, () => {
  let door, root, chromium, firefox, context, page, started;
  const shown = () => page;

  before(async () => {
    door = await Door.open({ files: { 'notes.txt': '' } });
    root = await door.doorcode(['cert', 'export', 'localhost']);
    chromium = await startChromium({ trustedRoot: root });
  });

  after(async () => {
    await firefox?.close();
    await chromium?.close();
    await door?.close();
  });

  beforeEach(async () => {
    started = [];
    context = await chromium.browser.createBrowserContext();
    page = await context.newPage();
  });

  afterEach(async () => {
    for (const { child, ended } of started) {
      child.kill('SIGINT');
      await ended;
    }
    await context?.close();
  });

  /** A subcommand that waits, and the first address that it prints. */
  async function begin(args, address) {
    const command = door.begin(args);
    started.push(command);
    const [url] = await until('an address', async () => command.output().match(address), { seconds: 10 });
    return { ...command, url };
  }

  const beginCheck = () => begin(['trust', 'check', '--print', '--json'], /https:\S+/);
  const beginOnboarding = () =>
    begin(['trust', 'devices', '--add', '--address', '127.0.0.1', '--json'], /http:\S+/);

  /** The end of a subcommand that waits: its exit status, and the JSON that it printed last. */
  async function end({ ended, output }) {
    const { code } = await ended;
    const text = output();
    return { code, result: JSON.parse(text.slice(text.indexOf('\n{'))) };
  }

  /** The page's verdict, once it has one. */
  async function verdict(at = page) {
    const check = await at.waitForSelector('#check[data-verdict]', { timeout: 30_000 });
    assert.equal(await at.$eval('#unreported', (note) => note.hidden), true, 'the report was not taken');
    return check.evaluate((element) => element.dataset.verdict);
  }

  for (const scheme of ['light', 'dark']) {
    pageTest(`passes in a Chromium that trusts the root, in ${scheme}`, shown, async () => {
      const check = await beginCheck();
      await page.setViewport(PHONE);
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.goto(check.url);
      assert.equal(await verdict(), 'passed');
      assert.match(await page.title(), /trusts localhost/);
      await assertFitsTheWidth(page);
      await assertAccessible(page);
      await screenshot(page, `check-passed-360-${scheme}`);

      const { code, result } = await end(check);
      assert.equal(code, 0);
      assert.equal(result.state, 'passed');
      assert.match(result.device.name, /^Chromium \d+ on Linux$/);
      assert.deepEqual(
        result.tests.filter(({ passed }) => !passed),
        [],
      );
      const devices = await door.json(['trust', 'devices']);
      const { root_fingerprint: fingerprint } = await door.json(['cert', 'show', 'localhost']);
      assert.equal(devices.length, 1, 'the same browser is one device');
      assert.deepEqual(
        { name: devices[0].name, fingerprint: devices[0].fingerprint, trust: devices[0].trust },
        { name: result.device.name, fingerprint, trust: 'proven' },
      );
    });
  }

  pageTest('works once', shown, async () => {
    const check = await beginCheck();
    await page.goto(check.url);
    assert.equal(await verdict(), 'passed');
    const again = await page.goto(check.url);
    assert.equal(again.status(), 410);
    assert.match(await page.$eval('h1', (title) => title.innerText), /has been used/);
    await assertAccessible(page);
    await screenshot(page, 'check-used');
  });

  pageTest("leaves the editor's service worker alone, and none of its own", shown, async () => {
    await signIn(page, door);
    await new Workbench(page).ready('notes.txt');
    const scopes = (at) =>
      at.evaluate(async () =>
        (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname),
      );
    const before = await until(
      'the editor has its service worker',
      () => scopes(page).then((all) => all.length && all),
      {
        seconds: 20,
      },
    );
    const check = await beginCheck();
    const other = await context.newPage();
    await other.goto(check.url);
    assert.equal(await verdict(other), 'passed');
    assert.deepEqual(await scopes(other), before);
  });

  pageTest('names the service worker where somebody clicked through the warning', shown, async () => {
    const untrusting = await startChromium();
    try {
      page = await untrusting.browser.newPage();
      await page.setViewport(PHONE);
      const check = await beginCheck();
      await assert.rejects(page.goto(check.url), /ERR_CERT_AUTHORITY_INVALID/);
      await (await page.waitForSelector('#details-button', { visible: true })).click();
      await (await page.waitForSelector('#proceed-link', { visible: true })).click();
      assert.equal(await verdict(), 'not-trusted');
      assert.match(await page.$eval('#verdict', (text) => text.innerText), /does not trust localhost/);
      assert.match(await page.$eval('#check', (text) => text.innerText), /clicked through/);
      await assertFitsTheWidth(page);
      await assertAccessible(page);
      await page.setViewport({ ...PHONE, height: 1500 });
      await screenshot(page, 'check-clicked-through-360');

      const { code, result } = await end(check);
      assert.equal(code, 1);
      assert.equal(result.state, 'failed');
      const failed = result.tests.filter(({ passed }) => !passed);
      assert.deepEqual(
        failed.map(({ id }) => id),
        ['certificate', 'service-worker'],
      );
      assert.match(failed[1].detail, /SSL certificate error/);
      assert.equal(result.problem.code, 'check_not_trusted');
    } finally {
      await untrusting.close();
    }
  });

  pageTest('passes in a Firefox that trusts the root', shown, async () => {
    firefox = await startFirefox({ trustedRoot: root });
    page = await firefox.browser.newPage();
    const check = await beginCheck();
    await page.goto(check.url);
    assert.equal(await verdict(), 'passed');
    await screenshot(page, 'check-passed-firefox');
    const { code, result } = await end(check);
    assert.equal(code, 0);
    assert.match(result.device.name, /^Firefox \d+ on Linux$/);
  });

  pageTest(
    'is not fooled by an exception that somebody made in Firefox, whose service workers then work',
    shown,
    async () => {
      const untrusting = await startFirefox();
      try {
        page = await untrusting.browser.newPage();
        const check = await beginCheck();
        await assert.rejects(page.goto(check.url), /SEC_ERROR_UNKNOWN_ISSUER/);
        await (await page.waitForSelector('>>> #advanced-button')).click();
        // Firefox ignores a click that comes at once.
        await until('the exception is made', async () => {
          try {
            await (await page.$('>>> #exception-button'))?.click();
            return await page.$('#check');
          } catch {
            // The page went while it was looked at.
            return null;
          }
        });
        assert.equal(await verdict(), 'not-trusted');
        await screenshot(page, 'check-exception-firefox');
        const { code, result } = await end(check);
        assert.equal(code, 1);
        const failed = result.tests.filter(({ passed }) => !passed).map(({ id }) => id);
        assert.deepEqual(failed, ['certificate']);
        assert.equal(result.problem.code, 'check_not_trusted');
      } finally {
        await untrusting.close();
      }
    },
  );

  pageTest('is led to from the page for phones, which is gone afterwards', shown, async () => {
    const onboarding = await beginOnboarding();
    await page.setViewport(PHONE);
    await page.goto(onboarding.url);
    const { root_fingerprint: fingerprint } = await door.json(['cert', 'show', 'localhost']);
    assert.equal(await page.$eval('.fingerprint', (code) => code.innerText), fingerprint);
    assert.ok(onboarding.output().includes(fingerprint), 'the terminal shows the same');
    await assertFitsTheWidth(page);
    await assertAccessible(page);
    await page.setViewport({ ...PHONE, height: 1200 });
    await screenshot(page, 'onboarding-360');

    const certificate = await fetch(new URL('doorcode.crt', onboarding.url));
    assert.equal(certificate.headers.get('content-type'), 'application/x-x509-ca-cert');
    assert.deepEqual(Buffer.from(await certificate.arrayBuffer()), derOf(root));
    const profile = await fetch(new URL('doorcode.mobileconfig', onboarding.url));
    assert.ok((await profile.text()).includes(derOf(root).toString('base64')));

    await page.click('a.button');
    assert.equal(await verdict(), 'passed');
    const { code, result } = await end(onboarding);
    assert.equal(code, 0);
    assert.equal(result.state, 'passed');
    await assert.rejects(page.goto(onboarding.url), /ERR_CONNECTION_REFUSED/);
  });

  pageTest('ends with the command that offers the page for phones', shown, async () => {
    const onboarding = await beginOnboarding();
    assert.equal((await page.goto(onboarding.url)).status(), 200);
    onboarding.child.kill('SIGINT');
    await onboarding.ended;
    const isGone = () =>
      fetch(onboarding.url).then(
        () => false,
        () => true,
      );
    await until('the page is gone', isGone, { seconds: 5 });
  });

  pageTest('is lost with the certificate, which is said when another is issued', shown, async () => {
    const check = await beginCheck();
    await page.goto(check.url);
    assert.equal(await verdict(), 'passed');
    const { result } = await end(check);

    const issue = door.begin(['cert', 'issue', 'localhost', '--yes']);
    assert.equal((await issue.ended).code, 0, issue.output());
    const said = `${result.device.name} (127.0.0.1) loses trust: doorcode trust devices --add --host localhost`;
    assert.ok(issue.output().includes(said), issue.output());
    const devices = async () => {
      const list = door.begin(['trust', 'devices', '--json']);
      const { code } = await list.ended;
      return { code, list: JSON.parse(list.output()) };
    };
    const { code, list } = await devices();
    assert.equal(code, 1, 'a device that lost trust is worth a look');
    const device = list.find(({ name }) => name === result.device.name);
    assert.equal(device.trust, 'lost');
    await door.doorcode(['trust', 'devices', '--forget', device.id]);
    assert.ok((await devices()).list.every(({ id }) => id !== device.id));
  });
});

/** The certificate in a PEM file. */
function derOf(pem) {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
}
