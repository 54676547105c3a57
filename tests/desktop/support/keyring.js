import { start, stop } from '../../browser/support/processes.js';

/** A keyring daemon with one unlocked collection. */
export class Keyring {
  #daemon;

  /** @param {{ env: Record<string, string>, bus: import('./bus.js').Bus }} session */
  static async open({ env, bus }) {
    const keyring = new Keyring();
    const args = ['--foreground', '--unlock', '--components=secrets'];
    keyring.#daemon = start('gnome-keyring-daemon', args, { env });
    keyring.#daemon.child.stdin.end("the keyring's own password");
    await bus.appears('org.freedesktop.secrets');
    return keyring;
  }

  async close() {
    await stop(this.#daemon, 5);
  }
}
