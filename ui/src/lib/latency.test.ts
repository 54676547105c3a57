import { expect, test } from 'vitest';

import { latency, range, sparkline } from './latency';

test.each([
  [0, '0 µs'],
  [840, '840 µs'],
  [3240, '3.2 ms'],
  [41_400, '41 ms'],
  [1_440_000, '1.4 s'],
])('%d microseconds are %s', (micros, words) => expect(latency(micros)).toBe(words));

test('a line goes from left to right, the largest value at the top, with gaps where nothing was measured', () => {
  expect(sparkline([50, 100, null, 25], 30, 10)).toBe('M0 5L10 0M30 7.5h0');
  expect(sparkline([null, null], 30, 10)).toBe('');
  expect(sparkline([0, 0], 30, 10)).toBe('M0 10L30 10');
  expect(sparkline([7], 30, 10)).toBe('M0 0h0');
});

test('the last value is the last that was measured', () => {
  expect(range([5, 2, 9, 4, null])).toEqual({ least: 2, most: 9, last: 4 });
  expect(range([null])).toBeNull();
  expect(range([])).toBeNull();
});
