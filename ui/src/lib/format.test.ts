import { describe, expect, test } from 'vitest';

import { address, ago, bytes, clock, hostOf, since, span } from './format';

const NOW = Date.parse('2026-03-14T12:00:00Z');

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [1024, '1 KB'],
    [734_003_200, '700 MB'],
    [1_610_612_736, '1.5 GB'],
    [32_212_254_720, '30 GB'],
  ])('%i is %s', (count, text) => expect(bytes(count)).toBe(text));
});

describe('span', () => {
  test.each([
    [59, 'less than a minute'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [8040, '2 h 14 min'],
    [86_400, '1 d'],
    [90_000, '1 d 1 h'],
    [86_400 + 1800, '1 d'],
  ])('%i s is %s', (seconds, text) => expect(span(seconds)).toBe(text));
});

test('a moment ago is just now, also when the other clock is ahead', () => {
  expect(ago('2026-03-14T11:59:30Z', NOW)).toBe('just now');
  expect(ago('2026-03-14T12:00:30Z', NOW)).toBe('just now');
  expect(ago('2026-03-14T11:30:00Z', NOW)).toBe('30 min ago');
});

test('a time to come has lasted no time', () => {
  expect(since('2026-03-14T13:00:00Z', NOW)).toBe('less than a minute');
});

test('a log line whose time cannot be read keeps it as it is', () => {
  expect(clock('yesterday')).toBe('yesterday');
  expect(clock('2026-03-14T11:59:30Z')).toMatch(/^\d{2}:59:30$/);
});

test('the host of an address is as the settings name it', () => {
  expect(hostOf('https://my.dev.local:8443/')).toBe('my.dev.local');
  expect(hostOf('https://[::1]:8443/')).toBe('::1');
});

test('an address is shown without the slash at its end', () => {
  expect(address('https://localhost:8443/')).toBe('https://localhost:8443');
});
