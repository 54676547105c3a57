import { join } from 'node:path';

import puppeteer from 'puppeteer-core';

import { removeFolder, scratchFolder } from './scratch.js';
import { chromiumDatabase, trustRoot } from './trust.js';

const CHROMIUM = '/usr/bin/chromium';
const FIREFOX = '/usr/bin/firefox-esr';

const CHROMIUM_ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--password-store=basic',
  // Chromium refuses its own sandbox to root.
  ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
];

/** @typedef {{ browser: import('puppeteer-core').Browser, close: () => Promise<void> }} Started */

/**
 * A Chromium, driven over the DevTools protocol, with a profile and a home of its own.
 *
 * @param {{ trustedRoot?: string }} [options] the PEM of a root it trusts; none otherwise
 * @returns {Promise<Started>}
 */
export async function startChromium({ trustedRoot } = {}) {
  return startIn(async (home) => {
    if (trustedRoot) await trustRoot(chromiumDatabase(home), trustedRoot);
    return puppeteer.launch({
      executablePath: CHROMIUM,
      userDataDir: join(home, 'profile'),
      env: environment(home),
      args: CHROMIUM_ARGS,
      pipe: true,
      defaultViewport: { width: 1280, height: 800 },
    });
  });
}

/**
 * A Firefox, driven over WebDriver BiDi, with a profile and a home of its own.
 *
 * @param {{ trustedRoot?: string }} [options] the PEM of a root it trusts; none otherwise
 * @returns {Promise<Started>}
 */
export async function startFirefox({ trustedRoot } = {}) {
  return startIn(async (home) => {
    const profile = join(home, 'profile');
    if (trustedRoot) await trustRoot(profile, trustedRoot);
    return puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX,
      userDataDir: profile,
      env: environment(home),
      defaultViewport: { width: 1280, height: 800 },
    });
  });
}

async function startIn(launch) {
  const home = await scratchFolder();
  try {
    const browser = await launch(home);
    const close = async () => {
      await browser.close();
      await removeFolder(home);
    };
    return { browser, close };
  } catch (error) {
    await removeFolder(home);
    throw error;
  }
}

/** Without the person's display, session bus, keyring and proxies. */
function environment(home) {
  return { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' };
}
