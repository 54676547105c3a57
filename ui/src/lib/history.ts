/** The last 24 hours, in marks of five minutes. */

import type { HistoryPoint } from '../platform';

export type Kind = 'good' | 'warn' | 'bad' | 'off' | 'none';

/** Marks next to each other that are of one kind. */
export interface Spell {
  kind: Kind;
  /** The first mark, of `SLOTS`, and how many there are. */
  start: number;
  length: number;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  /** The codes of what was wrong, each once, in the order in which they came. */
  problems: string[];
}

/** As many marks as a day has of five minutes. */
export const SLOTS = 288;
const SLOT_MS = 5 * 60_000;

/** What a point says in one word. */
export function kindOf({ state, problem }: HistoryPoint): Kind {
  switch (state) {
    case 'failed':
    case 'backoff':
      return 'bad';
    case 'stopped':
    case 'stopping':
      return 'off';
    case 'starting':
    case 'running':
      return problem === null ? 'good' : 'warn';
  }
}

/** The day before `now` in spells without gaps, the oldest first. Where nothing was recorded, the kind is `none`. */
export function spells(points: HistoryPoint[], now: number): Spell[] {
  const begin = now - SLOTS * SLOT_MS;
  const marks: (HistoryPoint | undefined)[] = Array.from({ length: SLOTS });
  for (const point of points) {
    const slot = Math.floor((Date.parse(point.at) - begin) / SLOT_MS);
    // A point of this very moment belongs to the last mark.
    if (slot >= 0 && slot <= SLOTS) marks[Math.min(slot, SLOTS - 1)] = point;
  }
  const found: Spell[] = [];
  closed(marks).forEach((point, slot) => {
    const kind = point ? kindOf(point) : 'none';
    let spell = found.at(-1);
    if (spell?.kind !== kind) {
      const from = begin + slot * SLOT_MS;
      spell = { kind, start: slot, length: 0, from, to: from, problems: [] };
      found.push(spell);
    }
    spell.length += 1;
    spell.to += SLOT_MS;
    const problem = point?.problem;
    if (problem && !spell.problems.includes(problem)) spell.problems.push(problem);
  });
  return found;
}

/** How long each kind lasted in all, in seconds; kinds that did not occur are left out. */
export function sums(found: Spell[]): [Kind, number][] {
  const all = new Map<Kind, number>();
  for (const { kind, length } of found) {
    if (kind !== 'none') all.set(kind, (all.get(kind) ?? 0) + (length * SLOT_MS) / 1000);
  }
  return [...all].sort(([, one], [, other]) => other - one);
}

/**
 * Points come every five minutes by the engine's clock and not by ours: two may fall into one mark and leave the next one
 * empty, which is no gap.
 */
function closed(marks: (HistoryPoint | undefined)[]): (HistoryPoint | undefined)[] {
  return marks.map((point, slot) => point ?? (marks[slot + 1] ? marks[slot - 1] : undefined));
}
