/** What the engine knows of its own health: asked for again and again, while somebody looks. */

import { Facts } from '../../app/work.svelte';
import { call } from '../../platform';

const STEP_MS = 5000;

export class Live {
  view = new Facts(() => call('health'));
  connections = new Facts(() => call('connections'));

  async load(): Promise<void> {
    await Promise.all([this.view.load(), this.connections.load()]);
  }

  /** Keeps both up to date until the function it gives is called; not while the window is out of sight. */
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
