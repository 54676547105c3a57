import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe } from 'node:test';

import { assertAccessible } from '../support/accessibility.js';
import { startChromium } from '../support/browsers.js';
import { Door } from '../support/door.js';
import { pageTest } from '../support/page-test.js';
import { assertFitsTheWidth, PHONE } from '../support/phone.js';
import { screenshot } from '../support/screenshots.js';
import { openSignIn, signIn, submitPassword } from '../support/sign-in-page.js';

describe("the door's own pages", { timeout: 120_000 }, () => {
  let door, chromium, context, page;
  const shown = () => page;

  before(async () => {
    door = await Door.open();
    chromium = await startChromium({ trustedRoot: await door.doorcode(['cert', 'export', 'localhost']) });
  });

  after(async () => {
    await chromium?.close();
    await door?.close();
  });

  beforeEach(async () => {
    context = await chromium.browser.createBrowserContext();
    page = await context.newPage();
  });

  afterEach(async () => {
    await context?.close();
  });

  for (const scheme of ['light', 'dark']) {
    pageTest(`the sign-in page fits a phone in ${scheme}, and is accessible`, shown, async () => {
      await page.setViewport(PHONE);
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await openSignIn(page, door);
      await assertFitsTheWidth(page);
      assert.equal(await backgroundIsDark(page), scheme === 'dark');
      await assertAccessible(page);
      await screenshot(page, `sign-in-360-${scheme}`);

      await submitPassword(page, 'not the password');
      await assertFitsTheWidth(page);
      await assertAccessible(page);
      await screenshot(page, `sign-in-refused-360-${scheme}`);
    });
  }

  pageTest('the sign-in page has its cursor in the password field, and Enter sends it', shown, async () => {
    await openSignIn(page, door);
    await page.keyboard.type(door.password);
    await Promise.all([
      page.waitForNavigation({ waitUntil: 'domcontentloaded' }),
      page.keyboard.press('Enter'),
    ]);
    assert.equal(new URL(page.url()).pathname, '/');
  });

  pageTest('the sign-in page is what a password manager expects', shown, async () => {
    await openSignIn(page, door);
    assert.equal(await page.$eval('input[name=password]', (field) => field.autocomplete), 'current-password');
  });

  pageTest('a used or invented link gets an accessible page', shown, async () => {
    const answer = await page.goto(`${door.address}/.doorcode/enter?code=invented`);
    assert.ok(answer.status() >= 400);
    await assertAccessible(page);
    await screenshot(page, 'link-refused');
  });

  pageTest('an address that does not exist gets an accessible page', shown, async () => {
    const answer = await page.goto(`${door.address}/.doorcode/nothing-here`);
    assert.equal(answer.status(), 404);
    await assertAccessible(page);
  });

  pageTest('the sign-out page is accessible', shown, async () => {
    await signIn(page, door);
    await page.goto(`${door.address}/.doorcode/sign-out`);
    await assertAccessible(page);
    await screenshot(page, 'sign-out');
  });
});

/** By the colour of the page in its upper left corner, as it was really painted. */
async function backgroundIsDark(page) {
  const shot = await page.screenshot({ encoding: 'base64', clip: { x: 0, y: 0, width: 1, height: 1 } });
  const [red, green, blue] = await page.evaluate(async (png) => {
    const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    canvas.drawImage(picture, 0, 0);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  }, shot);
  return red + green + blue < 3 * 128;
}
