import { until } from './wait.js';

/** The first load is 5.6 MB of scripts and an extension host; a busy machine takes its time. */
const LOAD = { timeout: 60_000 };

const PALETTE_INPUT = '.quick-input-widget input';

/** The editor in a page: what a person does with it, by mouse and keyboard. */
export class Workbench {
  constructor(page) {
    this.page = page;
  }

  /** Waits until the explorer shows the file `name`. */
  async ready(name) {
    await this.page.waitForSelector('.monaco-workbench', LOAD);
    await this.page.waitForSelector(file(name), { ...LOAD, visible: true });
  }

  /** Opens the file `name` from the explorer. */
  async openFile(name) {
    await this.page.click(file(name), { count: 2 });
    await this.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
    await this.page.waitForSelector('.editor-instance .monaco-editor.focused .view-line', { visible: true });
  }

  /** Types at the start of the open file. */
  async typeAtStart(text) {
    await this.page.click('.editor-instance .view-lines');
    await this.#chord('Control', 'Home');
    await this.page.keyboard.type(text);
    await this.page.waitForSelector('.tab.active.dirty');
  }

  /** Saves the open file; returns when the editor no longer marks it as changed. */
  async save() {
    await this.#chord('Control', 's');
    await this.page.waitForSelector('.tab.active:not(.dirty)');
  }

  /** Runs a command by its full name in the command palette. */
  async command(name) {
    const entry = `.quick-input-list [role=option]:is([aria-label="${name}"], [aria-label^="${name}, "])`;
    const find = async () => {
      await this.page.keyboard.press('F1');
      await this.page.waitForSelector(PALETTE_INPUT, { visible: true });
      await this.page.keyboard.type(name);
      // The palette lists what existed when it was opened: an extension's commands may come a moment later.
      const found = await this.page.waitForSelector(entry, { timeout: 1500 }).catch(() => null);
      if (!found) await this.page.keyboard.press('Escape');
      return found;
    };
    const found = await until(`the command palette offers "${name}"`, find);
    await found.click();
    await this.page.waitForSelector(PALETTE_INPUT, { hidden: true });
  }

  /** Opens a new terminal, waits for the shell's prompt, and types `line` there, with Enter. */
  async typeInTerminal(line) {
    await this.command('Terminal: Create New Terminal');
    await this.page.waitForSelector('.terminal-wrapper.active .xterm-rows', LOAD);
    await this.page.waitForFunction(() => {
      const focused = document.activeElement?.closest('.xterm');
      return /[#$%>]\s*$/.test(focused?.querySelector('.xterm-rows')?.textContent ?? '');
    });
    await this.page.keyboard.type(line);
    await this.page.keyboard.press('Enter');
  }

  /** Waits for a webview whose document satisfies `condition`, and gives its frame. */
  async webview(what, condition) {
    const search = async () => {
      for (const frame of this.page.frames()) {
        if (frame.parentFrame() && (await frame.evaluate(condition).catch(() => false))) return frame;
      }
    };
    return until(what, search);
  }

  async #chord(modifier, key) {
    await this.page.keyboard.down(modifier);
    await this.page.keyboard.press(key);
    await this.page.keyboard.up(modifier);
  }
}

function file(name) {
  return `.explorer-folders-view [role=treeitem][aria-label^="${name}"]`;
}
