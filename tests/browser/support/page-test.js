import { test } from 'node:test';

import { screenshot } from './screenshots.js';

/**
 * A test that, when it fails, leaves what the page showed in target/screenshots/failed-….png.
 *
 * @param {string} name
 * @param {() => import('puppeteer-core').Page} page the page under test, asked for when needed
 * @param {() => Promise<void>} body
 */
export function pageTest(name, page, body) {
  test(name, async () => {
    try {
      await body();
    } catch (error) {
      const file = `failed-${name.replaceAll(/\W+/g, '-')}`;
      await screenshot(page(), file).catch(() => {}); // The page may be what is broken.
      throw error;
    }
  });
}
