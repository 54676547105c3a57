import { expect, test } from 'vitest';

import type { LogLevel, LogRecord } from '../platform';
import { append, asText, fitting, KEPT, lastWithin } from './log-view';

const record = (text: string, level: LogLevel = 'info'): LogRecord => ({ time: null, level, text });

test('lines are numbered on, and the oldest go when there are too many', () => {
  const first = append(
    [],
    Array.from({ length: KEPT }, (_, at) => record(String(at))),
  );
  const more = append(first, [record('new'), record('newer')]);
  expect(more).toHaveLength(KEPT);
  expect(more[0]?.text).toBe('2');
  expect(more.at(-1)).toMatchObject({ text: 'newer', id: KEPT + 1 });
});

test('a level lets through what is as bad or worse', () => {
  const lines = append(
    [],
    [record('a', 'debug'), record('b', 'info'), record('c', 'warn'), record('d', 'error')],
  );
  const texts = (level: LogLevel) => fitting(lines, level, '').map(({ text }) => text);
  expect(texts('debug')).toEqual(['a', 'b', 'c', 'd']);
  expect(texts('warn')).toEqual(['c', 'd']);
  expect(texts('error')).toEqual(['d']);
});

test('a text is found whatever its case, and together with the level', () => {
  const lines = append(
    [],
    [record('GET /Sign-In', 'warn'), record('sign-in', 'info'), record('else', 'warn')],
  );
  expect(fitting(lines, 'debug', ' SIGN-in ').map(({ id }) => id)).toEqual([0, 1]);
  expect(fitting(lines, 'warn', 'sign-in').map(({ id }) => id)).toEqual([0]);
});

test('lines are copied as they stand in the file', () => {
  expect(asText([{ time: '2026-03-14T12:00:00Z', level: 'warn', text: 'x' }, record('y')])).toBe(
    '2026-03-14T12:00:00Z warn x\ninfo y',
  );
});

test('of too many lines the last ones are copied, counted in bytes', () => {
  const lines = [record('one'), record('two'), record('ü'.repeat(10))];
  // "info " and twenty bytes, and a newline; then "info two" and one.
  expect(lastWithin(lines, 26).map(({ text }) => text)).toEqual(['ü'.repeat(10)]);
  expect(lastWithin(lines, 25)).toEqual([]);
  expect(lastWithin(lines, 35).map(({ text }) => text)).toEqual(['two', 'ü'.repeat(10)]);
});
