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
 * A Chromium, driven over the DevTools protocol, with a profile of its own, and a home of its own unless it is a person's.
 *
 * @param {{ trustedRoot?: string, person?: Record<string, string> }} [options] the PEM of a root it trusts, none otherwise;
 *   the environment of the person who starts it
 * @returns {Promise<Started>}
 */
export async function startChromium({ trustedRoot, person } = {}) {
  return startIn(async (home) => {
    if (trustedRoot) await trustRoot(chromiumDatabase(home), trustedRoot);
    return puppeteer.launch({
      executablePath: CHROMIUM,
      userDataDir: join(home, 'profile'),
      env: person ?? environment(home),
      args: CHROMIUM_ARGS,
      pipe: true,
      defaultViewport: { width: 1280, height: 800 },
    });
  });
}

/**
 * A Firefox, driven over WebDriver BiDi, with a profile and a home of its own unless they are a person's.
 *
 * @param {{ trustedRoot?: string, person?: Record<string, string>, profile?: string }} [options] the PEM of a root it trusts,
 *   none otherwise; the environment of the person who starts it, and their profile
 * @returns {Promise<Started>}
 */
export async function startFirefox({ trustedRoot, person, profile } = {}) {
  return startIn(async (home) => {
    const folder = profile ?? join(home, 'profile');
    if (trustedRoot) await trustRoot(folder, trustedRoot);
    return puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX,
      userDataDir: folder,
      env: person ?? environment(home),
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
