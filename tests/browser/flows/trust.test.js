import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startChromium, startFirefox } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { run } from '../support/processes.js';
import { screenshot } from '../support/screenshots.js';
import { signIn } from '../support/sign-in-page.js';
import { trustedIn } from '../support/trust.js';
import { Workbench } from '../support/workbench.js';

const README = `# Rendered heading

A picture that only arrives when the webview's service worker runs:

![A picture](door.svg)
`;

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="160">
  <rect x="10" y="10" width="100" height="150" rx="6" fill="#2f6f9f"/>
</svg>`;

/** Both browsers of a person whose home is new, as `doorcode trust` finds them: nothing is overridden anywhere. */
describe('doorcode trust, on a fresh home', { timeout: 300_000 }, () => {
  let door, browsers;

  before(async () => {
    door = await Door.open({ files: { 'README.md': README, 'door.svg': PICTURE } });
    const { person } = door;
    const profile = await newProfile(person);
    browsers = {
      chromium: {
        start: () => startChromium({ person }),
        database: join(person.XDG_DATA_HOME, 'pki', 'nssdb'),
        refusal: /net::ERR_CERT_AUTHORITY_INVALID/,
      },
      firefox: {
        start: () => startFirefox({ person, profile }),
        database: profile,
        refusal: /SEC_ERROR_UNKNOWN_ISSUER/,
      },
    };
  });

  after(async () => {
    await door?.close();
  });

  /** Firefox makes it itself, where it looks for profiles. */
  async function newProfile(person) {
    await run('firefox-esr', ['--headless', '-CreateProfile', 'person'], { env: person });
    const folders = [join(person.XDG_CONFIG_HOME, 'mozilla/firefox'), join(person.HOME, '.mozilla/firefox')];
    for (const folder of folders) {
      const names = await readdir(folder).catch(() => []);
      const name = names.find((name) => name.endsWith('.person'));
      if (name) return join(folder, name);
    }
    throw new Error(`Firefox made no profile in ${folders.join(' or ')}`);
  }

  async function withPage(name, body) {
    const started = await browsers[name].start();
    try {
      await body(await started.browser.newPage());
    } finally {
      await started.close();
    }
  }

  const refused = (name) =>
    withPage(name, (page) => assert.rejects(page.goto(door.address), browsers[name].refusal));

  const stores = ['--store', 'chromium', '--store', 'firefox'];
  const states = ({ stores }) => stores.map(({ store, state }) => [store, state]);
  let first;

  for (const name of ['chromium', 'firefox']) {
    test(`${name} refuses a root that nobody trusted`, () => refused(name));
  }

  test('both are told to trust it, and prove that they do', async () => {
    first = await Promise.all(Object.values(browsers).map(({ database }) => trustedIn(database)));
    const report = await door.json(['trust', 'install', ...stores]);
    assert.deepEqual(states(report), [
      ['chromium', 'trusted'],
      ['firefox', 'trusted'],
    ]);
    for (const { database } of Object.values(browsers)) {
      const ours = (await trustedIn(database)).filter((line) => line.startsWith('Doorcode localhost ('));
      assert.match(ours.join(), /^Doorcode localhost \([0-9a-f]{8}\) +CP,,$/);
    }
  });

  for (const name of ['chromium', 'firefox']) {
    test(`${name} loads the editor, its service worker and a Markdown preview`, () =>
      withPage(name, async (page) => {
        await signIn(page, door);
        const workbench = new Workbench(page);
        await workbench.ready('README.md');
        await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistrations()).length > 0);
        await workbench.openFile('README.md');
        await workbench.command('Markdown: Open Preview');
        await workbench.webview('the preview shows the heading and the picture', () => {
          const picture = document.querySelector('img[alt="A picture"]');
          const heading = document.querySelector('h1')?.textContent;
          return heading === 'Rendered heading' && picture?.naturalWidth > 0;
        });
        await screenshot(page, `trusted-${name}-markdown-preview`);
      }));
  }

  test('it is taken back, and each database is what it was', async () => {
    const report = await door.json(['trust', 'remove', ...stores]);
    assert.deepEqual(states(report), [
      ['chromium', 'not-trusted'],
      ['firefox', 'not-trusted'],
    ]);
    assert.deepEqual(
      await Promise.all(Object.values(browsers).map(({ database }) => trustedIn(database))),
      first,
    );
  });

  for (const name of ['chromium', 'firefox']) {
    test(`${name} refuses again`, () => refused(name));
  }
});
