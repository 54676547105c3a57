import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import puppeteer from 'puppeteer-core';

import { serve } from './server.js';

const ARGS = [
  '--disable-gpu',
  '--no-first-run',
  '--password-store=basic',
  // Chromium refuses its own sandbox to root.
  ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
];

/** Sizes a window may have, in CSS pixels. */
export const SIZES = {
  wide: { width: 960, height: 680 },
  narrow: { width: 360, height: 640 },
  // What is left of a window of 960 × 680 at 200 % zoom.
  zoomed: { width: 480, height: 340, deviceScaleFactor: 2 },
};

/**
 * A Chromium that shows the window's pages on made-up worlds.
 *
 * @typedef {Awaited<ReturnType<typeof openBrowser>>} Opened
 */
export async function openBrowser() {
  const home = await mkdtemp(join(tmpdir(), 'dc-ui-'));
  const server = await serve();
  const browser = await puppeteer.launch({
    executablePath: '/usr/bin/chromium',
    userDataDir: join(home, 'profile'),
    env: { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' },
    args: ARGS,
    pipe: true,
  });

  /**
   * A page of the window, once it stands.
   *
   * @param {string} path its hash, such as `certificates/trust`
   * @param {{ fixture?: string, pace?: number, scheme?: 'light' | 'dark', size?: object }} [options]
   */
  async function open(path, { fixture = 'running', pace = 50, scheme = 'light', size = SIZES.wide } = {}) {
    const page = await browser.newPage();
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') page.faults.push(message.text());
    });
    // The desktop program freezes this one; what would trip over it shall trip here.
    await page.evaluateOnNewDocument(() => Object.freeze(Object.prototype));
    await show(page, { scheme, size });
    await page.goto(`${server.origin}/?fixture=${fixture}&pace=${pace}#/${path}`);
    await page.waitForSelector('main h1');
    await settled(page);
    return page;
  }

  async function close() {
    await browser.close();
    await server.close();
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  return { open, close };
}

/** Shows `page` in another colour scheme or size. */
export async function show(page, { scheme, size }) {
  if (scheme) {
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ]);
  }
  if (size) await page.setViewport(size);
  // Two frames: one to take it in, one that is painted with it.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Waits until nothing is being loaded and nothing has moved for a tenth of a second. */
export async function settled(page) {
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        let quiet;
        const observer = new MutationObserver(again);
        const done = () => {
          observer.disconnect();
          resolve();
        };
        function again() {
          clearTimeout(quiet);
          quiet = setTimeout(done, 100);
        }
        observer.observe(document.body, {
          subtree: true,
          childList: true,
          attributes: true,
          characterData: true,
        });
        again();
        // A log that is followed never rests.
        setTimeout(done, 1000);
      }),
  );
}
