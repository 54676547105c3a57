/** Work behind a button, and facts behind a page: whether it goes on, and what went wrong. */

import { asProblem, type Problem } from '../platform';

/** One thing at a time; a second run while the first goes on is not begun. */
export class Work {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);

  /** True when it went well; otherwise `problem` says why not. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.problem = asProblem(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** A value that is fetched, and again when asked. While it is fetched again, the last one stays. */
export class Facts<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  #fetch: () => Promise<T>;
  #asked = 0;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  /** Of several loads at once the one asked for last counts. */
  async load(): Promise<void> {
    const asked = ++this.#asked;
    this.loading = true;
    try {
      const value = await this.#fetch();
      if (asked === this.#asked) {
        this.value = value;
        this.problem = null;
      }
    } catch (error) {
      if (asked === this.#asked) this.problem = asProblem(error);
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }
}
