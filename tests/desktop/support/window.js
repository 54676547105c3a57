import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../browser/support/ports.js';
import { start, stop } from '../../browser/support/processes.js';
import { until } from '../../browser/support/wait.js';
import { WebDriver } from './web-driver.js';

const SCREENSHOTS = fileURLToPath(new URL('../../../target/screenshots/', import.meta.url));

/** What a person can press, fill in or choose, and the elements that are it. */
const KINDS = {
  button: 'button, [role=button]',
  link: 'a[href]',
  tab: '[role=tab]',
  switch: '[role=switch], input[type=checkbox]',
  choice: 'input[type=radio]',
  field: 'input:not([type=radio], [type=checkbox]), textarea, select',
};

const TAB = '\uE004';
/** Control and a; the driver lets go of Control at the end of what it types. */
const SELECT_ALL = '\uE009a';

/** What the driver says while the page is still moving or being drawn anew. */
const NOT_YET = ['element not interactable', 'element click intercepted', 'stale element reference'];

/** The program's window, used as a person uses it: by what is written on things. */
export class Window {
  #driver;
  #web;
  #display;

  /** Starts `program` through WebKit's driver and waits for its window, which appears on the session's display. */
  static async open(program, args, { env, display }) {
    const window = new Window();
    window.#display = display;
    const port = await freePort();
    window.#driver = start('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
      env: { ...env, TAURI_WEBVIEW_AUTOMATION: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const base = `http://127.0.0.1:${port}`;
      await until('WebKitWebDriver answers', () => fetch(`${base}/status`).then(({ ok }) => ok), {
        seconds: 10,
      });
      window.#web = await WebDriver.connect(base, { 'webkitgtk:browserOptions': { binary: program, args } });
    } catch (cause) {
      await stop(window.#driver, 5);
      throw new Error(`no window:\n${window.output()}`, { cause });
    }
    return window;
  }

  /** All that the program and the driver have printed. */
  output() {
    return this.#driver.output();
  }

  /** Where it is: the page of the hash. */
  async page() {
    const { hash } = new URL(await this.#web.url());
    return hash.replace(/^#\//, '');
  }

  /** Goes to a page by the link in the navigation. */
  async go(name) {
    await this.press('link', name);
  }

  /** Presses something, once it can be pressed. */
  async press(kind, name) {
    await until(`the ${kind} ${name} can be pressed`, async () => {
      const element = await this.#find(kind, name);
      return this.#web.click(element).then(
        () => true,
        (error) => {
          if (!NOT_YET.includes(error.code)) throw error;
        },
      );
    });
  }

  /** Puts `text` into a field instead of what is there. */
  async fill(name, text) {
    const field = await this.#find('field', name);
    await this.#web.click(field);
    await this.#web.type(field, SELECT_ALL);
    await this.#web.type(field, text);
  }

  /** The same, and leaves the field. */
  async enter(name, text) {
    await this.fill(name, text);
    await this.#web.type(await this.#find('field', name), TAB);
  }

  /** What a field, switch or choice has now. */
  async value(kind, name) {
    const element = await this.#find(kind, name);
    return this.#web.execute(
      (it) => (it.getAttribute('role') === 'switch' ? it.getAttribute('aria-checked') : it.value),
      this.#web.argument(element),
    );
  }

  /** Whether there is such a thing, usable or not. */
  async has(kind, name) {
    return Boolean(await this.#locate(kind, name, false));
  }

  /** Waits until it says something that matches, and gives the match. */
  async says(pattern, seconds = 20) {
    const matches = async () => pattern.exec(await this.text());
    return until(`the window says ${pattern}`, matches, { seconds }).catch((cause) => this.#fail(cause));
  }

  /** All the text that it shows. */
  async text() {
    return this.#web.execute(() => (document.querySelector('dialog[open]') ?? document.body).innerText);
  }

  /** What a screen reader is told is wrong with a field. */
  async complaint(name) {
    const field = await this.#find('field', name);
    return this.#web.execute((input) => {
      if (input.getAttribute('aria-invalid') !== 'true') return '';
      const ids = `${input.getAttribute('aria-errormessage') ?? ''} ${input.getAttribute('aria-describedby') ?? ''}`;
      const parts = ids.split(/\s+/).map((id) => document.getElementById(id)?.innerText);
      return parts.filter(Boolean).join('\n');
    }, this.#web.argument(field));
  }

  /** Runs a function in the page and gives its answer. */
  async execute(script, ...args) {
    return this.#web.execute(script, ...args);
  }

  /**
   * Saves the screen that it is on as target/screenshots/desktop-`name`.png, once the page has painted what it is now.
   *
   * Not by WebKit's driver: that waits, and everybody after it, for the page to change where the graphics card is not used.
   */
  async screenshot(name) {
    await this.#web.execute(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)))),
    );
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.#display.picture().save(join(SCREENSHOTS, `desktop-${name}.png`));
  }

  /** Ends the driver's hold on it; what of the program still runs is not touched. */
  async close() {
    await this.#web.quit().catch(() => {}); // The program may have been ended by the test.
    await stop(this.#driver, 5);
  }

  async #find(kind, name) {
    const there = () => this.#locate(kind, name, true);
    return until(`the window has the ${kind} ${name}`, there).catch((cause) => this.#fail(cause));
  }

  async #fail(cause) {
    await this.screenshot('failed');
    throw new Error(`${cause.message}; it shows:\n${await this.text()}`, { cause });
  }

  /** The first that is visible; one in an open dialog before all others. */
  async #locate(kind, name, usable) {
    const [source, flags] = name instanceof RegExp ? [name.source, name.flags] : [null, ''];
    const found = await this.#web.execute(
      (selector, text, pattern, options, mustBeUsable) => {
        const named = (element) => {
          const by = element.getAttribute('aria-labelledby')?.split(/\s+/) ?? [];
          const label = by.map((id) => document.getElementById(id)?.textContent).join(' ');
          const own = element.labels?.[0]?.innerText ?? element.innerText;
          return (element.getAttribute('aria-label') || label || own || '').trim();
        };
        const scope = document.querySelector('dialog[open]') ?? document;
        return [...scope.querySelectorAll(selector)].find((element) => {
          if (element.getClientRects().length === 0) return false;
          if (mustBeUsable && (element.disabled || element.ariaDisabled === 'true')) return false;
          return pattern === null
            ? named(element) === text
            : new RegExp(pattern, options).test(named(element));
        });
      },
      KINDS[kind],
      String(name),
      source,
      flags,
      usable,
    );
    return this.#web.reference(found);
  }
}
