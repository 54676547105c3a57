/** Pages in jsdom, on the twin; for tests. */

import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeEach, expect, vi } from 'vitest';

import { engine } from '../app/engine.svelte';
import { usePlatform, type Commands, type Platform } from '../platform';
import { twin } from '../platform/twin';
import { worldNamed } from '../platform/twin/worlds';

const PACE = 1000;

/** A window for each test of the file that makes it. */
export function testWindow() {
  const window = {
    /** What a test began and what has to be ended after it. */
    ends: [] as (() => void)[],
    /** The commands that were called, with their arguments. */
    calls: [] as [string, unknown][],

    /** Puts a twin on the world of this name behind the page. */
    world(fixture: string): void {
      const inner = twin(worldNamed(fixture), PACE);
      const platform: Platform = {
        listen: inner.listen,
        invoke: <K extends keyof Commands>(command: K, args: Parameters<Commands[K]>[0]) => {
          window.calls.push([command, args]);
          return inner.invoke(command, args);
        },
      };
      usePlatform(platform);
    },

    /** Shows the page, once something is known of the engine. */
    async show(page: Component): Promise<void> {
      window.ends.push(engine.follow());
      await vi.waitFor(() => expect(engine.snapshot).not.toBeNull());
      const shown = mount(page, { target: document.body });
      window.ends.push(() => void unmount(shown));
      flushSync();
    },

    /** Presses the button of this name. */
    press(name: string): void {
      const found = [...document.querySelectorAll('button')].find(
        (button) => (button.ariaLabel ?? button.textContent).trim() === name,
      );
      if (!found) throw new Error(`no button ${name} in: ${text()}`);
      found.click();
      flushSync();
    },
  };

  beforeEach(() => {
    window.calls = [];
    // jsdom has no modal dialogs.
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
      this.open = false;
    };
    // Nor does it scroll.
    Element.prototype.scrollTo = () => {};
  });

  afterEach(() => {
    window.ends.reverse().forEach((end) => end());
    window.ends = [];
    engine.snapshot = null;
  });

  return window;
}

/** What the page says. */
export function text(): string {
  return document.body.textContent.replace(/\s+/g, ' ');
}
