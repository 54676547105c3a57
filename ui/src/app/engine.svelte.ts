/** The engine as it was last heard of. Everything that pages say about it comes from here. */

import { asProblem, call, on, type Problem, type Snapshot } from '../platform';

class Engine {
  snapshot = $state.raw<Snapshot | null>(null);
  /** Why nothing is known. */
  problem = $state.raw<Problem | null>(null);

  /** Keeps the snapshot up to date until the function it gives is called. */
  follow(): () => void {
    const end = on('snapshot', (snapshot) => {
      this.snapshot = snapshot;
    });
    call('snapshot').then(
      (snapshot) => {
        // An event that came first is newer.
        this.snapshot ??= snapshot;
      },
      (error: unknown) => {
        this.problem = asProblem(error);
      },
    );
    return end;
  }
}

export const engine = new Engine();
