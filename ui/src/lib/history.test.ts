import { expect, test } from 'vitest';

import type { HistoryPoint } from '../platform';
import { kindOf, SLOTS, spells, sums } from './history';

const NOW = Date.parse('2026-03-14T12:00:00Z');
const MINUTE = 60_000;

function point(minutesAgo: number, change: Partial<HistoryPoint> = {}): HistoryPoint {
  return {
    at: new Date(NOW - minutesAgo * MINUTE).toISOString(),
    state: 'running',
    p50_micros: null,
    p95_micros: null,
    connections: 0,
    rss_bytes: null,
    problem: null,
    ...change,
  };
}

test('a crash is worse than a problem, and a stop is neither', () => {
  expect(kindOf(point(0))).toBe('good');
  expect(kindOf(point(0, { problem: 'certificate_due' }))).toBe('warn');
  expect(kindOf(point(0, { state: 'backoff' }))).toBe('bad');
  expect(kindOf(point(0, { state: 'failed', problem: 'editor_gave_up' }))).toBe('bad');
  expect(kindOf(point(0, { state: 'stopped' }))).toBe('off');
});

test('a day is covered without gaps, the unknown included', () => {
  const found = spells(
    [
      point(22),
      point(17),
      point(12, { state: 'failed', problem: 'editor_gave_up' }),
      point(7, { state: 'failed', problem: 'port_busy' }),
      point(2),
    ],
    NOW,
  );
  expect(found.map(({ kind, length }) => [kind, length])).toEqual([
    ['none', SLOTS - 5],
    ['good', 2],
    ['bad', 2],
    ['good', 1],
  ]);
  expect(found.reduce((sum, { length }) => sum + length, 0)).toBe(SLOTS);
  const bad = found[2];
  expect(bad?.problems).toEqual(['editor_gave_up', 'port_busy']);
  expect([bad?.from, bad?.to]).toEqual([NOW - 15 * MINUTE, NOW - 5 * MINUTE]);
  expect(sums(found)).toEqual([
    ['good', 900],
    ['bad', 600],
  ]);
});

test('two points in one mark leave no gap before the next; a real gap stays', () => {
  // The second and third fall into one mark, the fourth into the next but one.
  const found = spells([point(19.9), point(14.9), point(10.1), point(4.9), point(0)], NOW);
  expect(found.map(({ kind, length }) => [kind, length])).toEqual([
    ['none', SLOTS - 4],
    ['good', 4],
  ]);
  const gap = spells([point(19.9), point(4.9)], NOW);
  expect(gap.map(({ kind }) => kind)).toEqual(['none', 'good', 'none', 'good']);
});

test('what is older than a day, or to come, is not shown', () => {
  expect(spells([point(24 * 60 + 1), point(-10)], NOW)).toMatchObject([{ kind: 'none', length: SLOTS }]);
  expect(spells([point(0)], NOW).at(-1)).toMatchObject({ kind: 'good', length: 1, to: NOW });
});
