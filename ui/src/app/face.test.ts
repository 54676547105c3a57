import { expect, test } from 'vitest';

import type { Snapshot } from '../platform';
import { worldNamed } from '../platform/twin/worlds';
import { faceOf, problemsOf, wordOf } from './face';

const of = (fixture: string): Snapshot => worldNamed(fixture).snapshot;

test.each([
  ['running', 'running', 'Running'],
  ['stopped', 'stopped', 'Stopped'],
  ['starting', 'starting', 'Starting'],
  ['attention', 'attention', 'Running'],
  ['backoff', 'attention', 'Starting again'],
  ['failed', 'failed', 'Failed'],
  ['absent', 'failed', 'Not available'],
])('%s has the face %s and the word %s', (fixture, face, word) => {
  expect(faceOf(of(fixture))).toBe(face);
  expect(wordOf(of(fixture))).toBe(word);
});

test('why there is no engine comes before everything else', () => {
  const snapshot = of('attention');
  const problem = { code: 'port_busy', message: 'busy', fix: '' };
  expect(problemsOf({ ...snapshot, problem })[0]).toBe(problem);
  expect(problemsOf(snapshot)).toBe(snapshot.status.problems);
});
