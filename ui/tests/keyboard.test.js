import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { openBrowser, settled, SIZES } from './support/window.js';

describe('with the keyboard only', { timeout: 120_000 }, () => {
  /** @type {import('./support/window.js').Opened} */
  let window;
  let page;

  before(async () => {
    window = await openBrowser();
  });

  afterEach(async () => {
    const { faults } = page;
    await page.close();
    assert.deepEqual(faults, []);
  });

  after(() => window?.close());

  test('the first run goes from the folder to the editor', async () => {
    page = await window.open('welcome', { fixture: 'fresh' });
    await says(/Which folder do you work in/);
    await to('Folder');
    await replace('no path');
    await press('Continue');
    await says(/“no path” is not an absolute path/);
    await to('Folder');
    await replace('/home/you/code/engine');
    await press('Continue');
    await says(/code-server is not on this computer yet/);
    assert.equal(await focused(), 'The editor: code-server');
    await press('Install code-server');
    await says(/code-server 4\.105\.1 is ready/);
    await press('Continue');
    await press('Show');
    await says(/velvet-orbit-canyon-maple-41/);
    await press('Continue');
    await says(/Let your browser trust it/);
    await press('Trust in Chromium');
    await says(/Chromium trusted/);
    await press('Continue');
    await press('Start and open');
    await says(/The editor has been running/);
    assert.match(page.url(), /#\/overview$/);
  });

  test('the first run can be left, gone on with and skipped', async () => {
    page = await window.open('welcome', { fixture: 'fresh' });
    await press('Skip');
    await says(/code-server is not on this computer yet/);
    await press('Finish later');
    await says(/4 steps of the set-up left/);
    await press('Go on');
    await says(/The editor: code-server/);
    for (let step = 0; step < 4; step += 1) await press('Skip');
    await says(/Overview/);
    assert.ok(!(await text()).includes('set-up left'));
  });

  test('an installation that fails says why, can be tried again, and can be called off', async () => {
    page = await window.open('welcome/editor', { fixture: 'fresh-broken', pace: 1 });
    await press('Install code-server');
    await says(/broke off after 71 MB/);
    await press('Try again');
    await says(/Fetching and building/);
    await press('Cancel');
    await says(/The installation was cancelled/);
    await press('Install code-server');
    await says(/is ready/);
  });

  test('the password is turned off after a question, and on again without one', async () => {
    page = await window.open('sign-in');
    await to('Whoever knows the password');
    await page.keyboard.press('ArrowDown');
    await says(/Let everybody in\?/);
    await page.keyboard.press('Escape');
    assert.equal(await chosen(), 'password');
    await to('Whoever knows the password');
    await page.keyboard.press('ArrowDown');
    await press('Ask nobody');
    await until(async () => (await chosen()) === 'none');
    await to('Whoever reaches the address');
    await page.keyboard.press('ArrowUp');
    await until(async () => (await chosen()) === 'password');
  });

  test('a password is set, and one that is too short is refused in words', async () => {
    page = await window.open('sign-in');
    await press('Set your own…');
    await to('New password');
    await page.keyboard.type('short');
    await page.keyboard.press('Enter');
    await says(/shorter than 8 characters/);
    await page.keyboard.type(' no more');
    await page.keyboard.press('Enter');
    await says(/Everybody is signed out\./);
    await says(/Nobody is signed in/);
  });

  test('a session is ended, and focus stays with the list', async () => {
    page = await window.open('sign-in');
    await press('End the session of Safari on iPad from 192.168.1.44');
    await says(/The session of Safari on iPad is ended/);
    assert.ok(!(await text()).includes('192.168.1.44'));
    assert.equal(await focused(), 'Signed in');
  });

  test('a setting is refused while it is typed, goes back with Escape, is saved by Tab, and undone', async () => {
    page = await window.open('settings');
    await to('Sign out when idle for');
    await replace('a while');
    await says(/“a while” is not a time/);
    await page.keyboard.press('Escape');
    assert.equal(await value(), '7d');
    await replace('3d');
    await page.keyboard.press('Tab');
    await says(/Saved: Sign out when idle for/);
    await press('Undo the last change');
    await says(/The last change is undone/);
    await to('Sign out when idle for');
    assert.equal(await value(), '7d');
  });

  test('a list gets an entry, and loses it', async () => {
    page = await window.open('settings');
    await press('Add to Ports shown by the editor');
    await page.keyboard.type('3000');
    await page.keyboard.press('Enter');
    await says(/Saved: Ports shown by the editor/);
    await press('Remove 3000 from Ports shown by the editor');
    await until(async () => !(await has('Remove 3000 from Ports shown by the editor')));
  });

  test('what lets others in is asked about in the settings, too', async () => {
    page = await window.open('settings');
    await press('No sign-in beyond this machine');
    await says(/Let others in\?/);
    await press('Cancel');
    await to('No sign-in beyond this machine');
    assert.equal(await page.evaluate(() => document.activeElement.ariaChecked), 'false');
  });

  test('what is broken is named first, leads to where it is mended, and is gone once it is mended', async () => {
    page = await window.open('overview', { fixture: 'unwell' });
    await press('Connection health');
    await says(/Something is broken .* The editor ended by itself three times/);
    await says(/Its socket not reached/);
    await press('Show the logs');
    assert.match(page.url(), /#\/logs\/editor$/);
    await press('Health');
    await press('Check now');
    await says(/Everything works/);
    assert.ok(!/Its socket not reached/.test(await text()));
  });

  test('memory is freed after a question that says what ends and what stays', async () => {
    page = await window.open('health');
    await press('Free memory…');
    await says(/2 processes end and about 343 MB become free/);
    await says(/Terminals, tasks in them and open tabs are not touched/);
    await press('End them');
    await says(/No extension host of a closed tab is left over/);
  });

  test('a public address is tried from outside in, and one that is none is refused in words', async () => {
    page = await window.open('health');
    await to('Public address');
    await page.keyboard.type('code.example.com');
    await page.keyboard.press('Enter');
    await says(/is no https address/);
    await replace('https://code.example.com');
    await page.keyboard.press('Enter');
    await says(/does not pass live connections on/);
    await says(/A live connection broken/);
    await says(/Host and origin agree not reached/);
  });

  test('sign-in by proxy says what is missing, is filled in, and is switched on after a question', async () => {
    page = await window.open('sign-in');
    await to('Whoever knows the password');
    await page.keyboard.press('ArrowUp');
    await says(/Before it can be switched on: The https address/);
    assert.equal(await chosen(), 'password');
    await press('Switch on sign-in by proxy');
    assert.ok(!(await page.$('dialog[open]')), 'it is not switched on while something is missing');
    await to('Proxy');
    await page.keyboard.type('pom');
    await says(/doorcode recipe pomerium-core/);
    await to('Public address');
    await page.keyboard.type('https://code.example.com');
    await page.keyboard.press('Enter');
    await says(/Saved: Public address/);
    await press('Add to The proxy’s addresses');
    await page.keyboard.type('10.0.0.1');
    await page.keyboard.press('Enter');
    await says(/Saved: The proxy’s addresses/);
    await press('Add to Who may come in');
    await page.keyboard.type('you@example.com');
    await page.keyboard.press('Enter');
    await says(/Everything that it needs is there/);
    await press('Switch on sign-in by proxy');
    await says(/browsers use https:\/\/code\.example\.com/);
    await press('Switch on sign-in by proxy');
    await until(async () => (await chosen()) === 'trusted-proxy');
    await says(/only what comes through the proxy gets in/);
  });

  test('a secret in a header is saved once both of its parts are there, and goes back with Escape', async () => {
    page = await window.open('settings', { fixture: 'proxy' });
    await to('Proof that it is the proxy');
    assert.equal(await value(), 'header');
    await to('Proof that it is the proxy: File with the secret');
    await replace('/etc/other');
    await page.keyboard.press('Escape');
    assert.equal(await value(), '/etc/doorcode/proof');
    await replace('/etc/other');
    await page.keyboard.press('Tab');
    await says(/Saved: Proof that it is the proxy/);
  });

  test('nothing but the proxy’s address as proof is asked about', async () => {
    page = await window.open('settings', { fixture: 'proxy' });
    await to('Proof that it is the proxy');
    await page.keyboard.type('nothing');
    await says(/Whoever can send from the proxy’s address is believed/);
    await press('Cancel');
    await to('Proof that it is the proxy');
    assert.equal(await value(), 'header');
  });

  test('a command with the rights of root is shown first, and not run when refused', async () => {
    page = await window.open('certificates/trust');
    await press('Trust in The system (curl, git, Python)');
    await says(/update-ca-certificates/);
    await press('Do not run it');
    await until(async () => !(await page.$('dialog[open]')));
    await press('Trust in The system (curl, git, Python)');
    await press('Run it');
    await says(/\[sudo\] password for you/);
    await page.keyboard.type('secret');
    await page.keyboard.press('Enter');
    await says(/The system \(curl, git, Python\) trusted/);
  });

  test('a browser that cannot be changed says why, and which command helps', async () => {
    page = await window.open('certificates/trust', { fixture: 'attention' });
    await press('Trust in Firefox, profile “work”');
    await says(/certutil is not installed/);
    await says(/sudo apt install libnss3-tools/);
  });

  test('the check of the browser turns green, or names what failed and what to do', async () => {
    page = await window.open('certificates/check');
    await press('Check my browser');
    await says(/Chromium 156 on Linux trusts the certificate/);
    await page.close();
    page = await window.open('certificates/check', { fixture: 'attention' });
    await press('Check my browser');
    await says(/The browser did not pass/);
    await says(/\(service worker\): does not work/);
    await says(/somebody clicked through the warning/);
  });

  test('a phone gets its address, another one when asked, and the steps of its kind', async () => {
    page = await window.open('certificates/devices');
    await press('Set up a device');
    await says(/http:\/\/192\.168\.1\.20:/);
    await to('Address of this computer');
    await page.keyboard.press('ArrowDown');
    await says(/http:\/\/10\.8\.0\.3:/);
    await to('iPhone and iPad');
    await page.keyboard.press('ArrowRight');
    await says(/Encryption & credentials/);
    assert.equal(await focused(), 'Android');
    await press('Finish');
    await says(/The page is closed/);
  });

  test('the logs are chosen by arrows, filtered by text and level, and copied', async () => {
    page = await window.open('logs');
    await to('Editor', '[role=tab]');
    await page.keyboard.press('ArrowRight');
    await says(/Every request at the door/);
    await to('Containing');
    await page.keyboard.type('WEBSOCKET');
    await until(async () => !(await text()).includes('POST /.doorcode/sign-in'));
    await says(/101 - websocket/);
    await press('Copy');
    await says(/Copied \d+ lines/);
    await page.keyboard.press('Tab');
    const log = await page.evaluate(() => document.activeElement.role);
    assert.equal(log, 'log');
  });

  test('no more than a window full of log lines stands in the page, and earlier ones come when asked', async () => {
    page = await window.open('logs');
    const lines = () => page.$$eval('[role=log] .text', (found) => found.length);
    const before = await lines();
    assert.ok(before <= 300, `${before} lines`);
    await press('Show earlier lines');
    assert.ok((await lines()) > before);
  });

  test('a narrow window has a menu that opens, leads on and closes with Escape', async () => {
    page = await window.open('overview', { size: SIZES.narrow });
    assert.ok(!(await has('Settings')));
    await press('Menu');
    await page.keyboard.press('Escape');
    assert.ok(!(await has('Settings')));
    assert.equal(await focused(), 'Menu');
    await press('Menu');
    await press('Settings');
    await says(/Settings file/);
    assert.equal(await focused(), 'Settings');
    assert.ok(!(await has('Logs')));
  });

  test('the first stop skips to the page', async () => {
    page = await window.open('overview');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the page');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  });

  test('a page that is gone to is announced by its heading', async () => {
    page = await window.open('overview');
    await press('About');
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
    assert.equal(await page.title(), 'About · Doorcode');
  });

  /** Tabs until the thing of this name has focus. */
  async function to(name, selector = '*') {
    await settled(page);
    const seen = [];
    for (let stops = 0; stops < 150; stops += 1) {
      const here = await focused();
      if (
        here === name &&
        (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector))
      )
        return;
      seen.push(here);
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab never comes to ${name}; it came to ${[...new Set(seen)].join(', ')}`);
  }

  /** Goes to something and presses it. */
  async function press(name) {
    await until(() => has(name), name);
    await to(name, 'button, a, [role=switch], input[type=checkbox]');
    await page.keyboard.press('Enter');
    await settled(page);
  }

  async function replace(text) {
    await page.keyboard.down('Control');
    await page.keyboard.press('a');
    await page.keyboard.up('Control');
    await page.keyboard.type(text);
  }

  /** Whether something that can be pressed or filled in is there and visible. */
  async function has(name) {
    return page.evaluate(
      (wanted, source) => {
        const nameOf = new Function(`return (${source})`)();
        const scope = document.querySelector('dialog[open]') ?? document;
        return [...scope.querySelectorAll('a, button, input, select')].some(
          (element) => element.getClientRects().length > 0 && nameOf(element) === wanted,
        );
      },
      name,
      nameOf.toString(),
    );
  }

  async function focused() {
    return page.evaluate(`(${nameOf})(document.activeElement)`);
  }

  async function text() {
    return page.evaluate(() => document.body.innerText.replace(/\s+/g, ' '));
  }

  async function says(pattern) {
    await until(async () => pattern.test(await text()), String(pattern));
  }

  async function chosen() {
    return page.$eval('input[type=radio]:checked', ({ value }) => value);
  }

  async function value() {
    return page.evaluate(() => document.activeElement.value);
  }

  async function until(probe, what = 'the condition') {
    const deadline = performance.now() + 10_000;
    while (!(await probe())) {
      if (performance.now() > deadline)
        throw new Error(`not within 10 s: ${what}; the window says: ${await text()}`);
      await settled(page);
    }
  }
});

/** What a screen reader calls an element. Runs in the page. */
function nameOf(element) {
  const by = (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean);
  const labelled = by.map((id) => document.getElementById(id)?.textContent).join(' ');
  const label = element.labels?.[0];
  const own = label ? (label.querySelector('strong') ?? label).innerText : element.innerText;
  return (element.getAttribute('aria-label') || labelled || own || '').trim();
}
