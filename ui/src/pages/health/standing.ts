/** A report that a person asked for. It has more links than those that the engine tries by itself, so it stands for a while. */

import type { Report } from '../../platform';

export class Standing {
  readonly report: Report;
  /** Codes of causes that the engine has named by itself since. */
  #named = new Set<string>();

  constructor(report: Report) {
    this.report = report;
  }

  /** Whether it is still true beside what the engine says by itself: nothing new is broken, and nothing is mended. */
  holdsBeside(said: Report): boolean {
    const now = new Set(said.causes.map(({ code }) => code));
    const known = new Set(this.report.causes.map(({ code }) => code));
    const holds =
      [...now].every((code) => known.has(code)) && [...this.#named].every((code) => now.has(code));
    now.forEach((code) => this.#named.add(code));
    return holds;
  }
}
