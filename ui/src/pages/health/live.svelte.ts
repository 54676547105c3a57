/** What the engine knows of its own health: asked for again and again, while somebody looks. */

import { Facts } from '../../app/work.svelte';
import { call, type Report } from '../../platform';
import { Standing } from './standing';

const STEP_MS = 5000;

export class Live {
  view = new Facts(() => call('health'));
  connections = new Facts(() => call('connections'));
  /** The report that counts. */
  report = $state.raw<Report | null>(null);
  #standing: Standing | null = null;

  async load(): Promise<void> {
    await Promise.all([this.view.load(), this.connections.load()]);
    const said = this.view.value?.report ?? null;
    if (said && this.#standing && !this.#standing.holdsBeside(said)) this.#standing = null;
    this.report = this.#standing?.report ?? said;
  }

  /** Tries everything now: more than the engine does by itself. */
  async check(): Promise<void> {
    this.#standing = new Standing(await call('check_health', {}));
    await this.load();
  }

  /** Keeps it up to date until the function it gives is called; not while the window is out of sight. */
  follow(): () => void {
    const look = () => {
      // Before the first answer there is nothing to refresh: the page asks when it knows that there is an engine.
      if (document.visibilityState === 'visible' && this.view.value) void this.load();
    };
    const ticking = setInterval(look, STEP_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(ticking);
      document.removeEventListener('visibilitychange', look);
    };
  }
}
