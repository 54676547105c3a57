import assert from 'node:assert/strict';

/** A small one. */
export const PHONE = { width: 360, height: 740, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Fails when what `page` shows on a `PHONE` is wider than that. */
export async function assertFitsTheWidth(page) {
  const { content, window: width } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: window.innerWidth,
  }));
  assert.equal(width, PHONE.width, 'the page lets a phone zoom out: it lacks a viewport');
  assert.ok(content <= width, `the page is ${content} px wide`);
}
