import { run, start, stop } from '../../browser/support/processes.js';
import { until } from '../../browser/support/wait.js';

const NOTIFY = "type='method_call',interface='org.freedesktop.Notifications',member='Notify'";

/** A notification daemon, and a record of what it was asked to show. */
export class Notifications {
  #daemon;
  #record;
  #env;

  /** @param {{ env: Record<string, string>, bus: import('./bus.js').Bus }} session */
  static async open({ env, bus }) {
    const notifications = new Notifications();
    notifications.#env = env;
    notifications.#record = await bus.record(NOTIFY);
    notifications.#daemon = start('dunst', ['-conf', '/dev/null'], { env });
    await bus.appears('org.freedesktop.Notifications');
    return notifications;
  }

  /** Those so far, in order. */
  all() {
    return this.#record.calls().map(([, , , summary, body]) => ({ summary, body }));
  }

  /** Waits for one whose summary or body matches. */
  async arrives(pattern, seconds = 20) {
    const matches = ({ summary, body }) => pattern.test(`${summary}\n${body}`);
    return until(`a notification like ${pattern}`, () => this.all().find(matches), { seconds });
  }

  /** Clicks on the newest one that is shown. */
  async clickNewest() {
    await run('dunstctl', ['action'], { env: this.#env });
  }

  async close() {
    await this.#record.stop();
    await stop(this.#daemon, 5);
  }
}
