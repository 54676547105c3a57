import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import axe from 'axe-core';

import { openBrowser, settled, show, SIZES } from './support/window.js';

/** Every page in every state that it has to show: its hash, and the worlds. */
const PAGES = [
  ['overview', 'running stopped starting backoff failed attention absent wayland fresh'],
  ['health', 'running attention unwell young stopped absent speechless proxy'],
  ['certificates', 'running attention refusing fresh'],
  ['certificates/trust', 'running attention'],
  ['certificates/check', 'running'],
  ['certificates/devices', 'running fresh'],
  ['sign-in', 'running open refusing absent proxy'],
  ['logs/editor', 'running absent'],
  ['logs/app', 'attention'],
  ['settings', 'running attention proxy'],
  ['about', 'running wayland'],
  ['welcome/folder', 'fresh'],
  ['welcome/editor', 'fresh running'],
  ['welcome/password', 'fresh'],
  ['welcome/trust', 'fresh'],
  ['welcome/open', 'fresh running'],
].flatMap(([path, fixtures]) => fixtures.split(' ').map((fixture) => ({ path, fixture })));

describe('every page in every state', { timeout: 300_000 }, () => {
  /** @type {import('./support/window.js').Opened} */
  let window;

  before(async () => {
    window = await openBrowser();
  });

  after(() => window?.close());

  for (const { path, fixture } of PAGES) {
    test(`${path}, ${fixture}: nothing serious for axe in light and dark, no overflow when narrow or zoomed`, async () => {
      const page = await window.open(path, { fixture });
      assert.deepEqual(await violations(page), [], 'light');
      await show(page, { scheme: 'dark' });
      assert.deepEqual(await violations(page), [], 'dark');
      for (const size of ['narrow', 'zoomed']) {
        await show(page, { size: SIZES[size] });
        assert.deepEqual(await page.evaluate(tooWide), [], size);
      }
      assert.deepEqual(page.faults, []);
      await page.close();
    });
  }

  for (const [name, path, fixture, opener] of [
    [
      'the QR code of an address',
      'overview',
      'running',
      '::-p-aria([name="Show a QR code of https://my.dev.local:8443"])',
    ],
    ['the question before stopping', 'overview', 'running', '::-p-aria([name="Stop"][role="button"])'],
    [
      'the question before renewing',
      'certificates',
      'running',
      '::-p-aria(Renew the certificate of localhost)',
    ],
    ['the question before memory is freed', 'health', 'running', '::-p-aria([name="Free memory…"])'],
    ['setting a password', 'sign-in', 'running', '::-p-aria(Set your own…)'],
  ]) {
    test(`${name}: a dialog that axe, 360 pixels and Escape agree with`, async () => {
      const page = await window.open(path, { fixture, size: SIZES.narrow, scheme: 'dark' });
      const button = await page.waitForSelector(opener);
      await button.focus();
      await page.keyboard.press('Enter');
      await page.waitForSelector('dialog[open]');
      await settled(page);
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(await page.evaluate(tooWide), []);
      await page.keyboard.press('Escape');
      await page.waitForSelector('dialog', { hidden: true });
      assert.ok(
        await button.evaluate((element) => element === document.activeElement),
        'focus went elsewhere',
      );
      await page.close();
    });
  }
});

/** What axe finds serious, with the element. */
async function violations(page) {
  // Not a script element: the page's own policy would rightly refuse it.
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations', 'passes'] }),
  );
  assert.ok(passes.length > 5, 'axe looked at next to nothing');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary}`),
    );
}

/** Elements that reach beyond the window's sides, those for screen readers only left out. Runs in the page. */
function tooWide() {
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll('body *')].filter((element) => {
    if (element.closest('.unseen, .skip, [aria-hidden=true] *')) return false;
    const { left, right, width: own } = element.getBoundingClientRect();
    return (
      own > 0 && getComputedStyle(element).visibility !== 'hidden' && (right > width + 0.5 || left < -0.5)
    );
  });
  const scrolls = [document.documentElement, ...document.querySelectorAll('main, dialog, [role=log]')].filter(
    (element) => element.scrollWidth > element.clientWidth,
  );
  return [...wide, ...scrolls].map((element) => element.outerHTML.slice(0, 160));
}
