import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { codeServer, node } from '../../browser/support/programs.js';

/**
 * The real code-server behind a script named `code-server`, on the session's PATH, that can be told to wait before it
 * starts, or to fail.
 */
export class Editor {
  #waits;
  #fails;

  /** @param {{ home: string }} session */
  static async install({ home }) {
    const editor = new Editor();
    editor.program = join(home, 'bin', 'code-server');
    editor.#waits = join(home, 'editor-waits');
    editor.#fails = join(home, 'editor-fails');
    const hold =
      `case " $* " in *" --version "*) ;; *)\n` +
      `  if [ -e '${editor.#fails}' ]; then echo 'told to fail' >&2; exit 1; fi\n` +
      `  while [ -e '${editor.#waits}' ]; do sleep 0.05; done ;;\nesac\n`;
    const script = `#!/bin/sh\n${hold}exec '${node()}' '${codeServer()}' "$@"\n`;
    await writeFile(editor.program, script, { mode: 0o755 });
    return editor;
  }

  /** From its next start on it waits until `goOn`. */
  async wait() {
    await writeFile(this.#waits, '');
  }

  /** From its next start on it fails until `goOn`. */
  async fail() {
    await writeFile(this.#fails, '');
  }

  async goOn() {
    await rm(this.#waits, { force: true });
    await rm(this.#fails, { force: true });
  }
}
