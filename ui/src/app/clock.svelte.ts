/** The time, for "5 min ago": good to half a minute, and only while somebody looks. */

import { createSubscriber } from 'svelte/reactivity';

const STEP_MS = 30_000;

class Clock {
  #subscribe = createSubscriber((update) => {
    const ticking = setInterval(update, STEP_MS);
    return () => clearInterval(ticking);
  });

  /** Milliseconds since 1970. */
  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const clock = new Clock();
