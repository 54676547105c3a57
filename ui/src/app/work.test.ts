import { expect, test } from 'vitest';

import { Facts, Work } from './work.svelte';

const problem = { code: 'port_busy', message: 'the port is taken', fix: 'doorcode status' };

test('work that fails leaves its problem, and the next run takes it away', async () => {
  const work = new Work();
  expect(await work.run(() => Promise.reject(problem))).toBe(false);
  expect(work.problem).toBe(problem);
  expect(await work.run(() => Promise.resolve())).toBe(true);
  expect(work.problem).toBeNull();
});

test('an exception becomes a problem, too', async () => {
  const work = new Work();
  await work.run(() => Promise.reject(new Error('no such command')));
  expect(work.problem).toEqual({ code: 'window', message: 'no such command', fix: '' });
});

test('work is not begun a second time while it goes on', async () => {
  const work = new Work();
  let end = () => {};
  let runs = 0;
  const begin = () =>
    work.run(() => {
      runs += 1;
      return new Promise<void>((resolve) => (end = resolve));
    });
  const first = begin();
  expect(work.busy).toBe(true);
  expect(await begin()).toBe(false);
  end();
  expect(await first).toBe(true);
  expect(work.busy).toBe(false);
  expect(runs).toBe(1);
});

test('of facts asked for twice the later answer counts, even when it comes first', async () => {
  const answers: ((value: string) => void)[] = [];
  const facts = new Facts(() => new Promise<string>((resolve) => answers.push(resolve)));
  const loads = [facts.load(), facts.load()];
  answers[1]?.('new');
  answers[0]?.('old');
  await Promise.all(loads);
  expect(facts.value).toBe('new');
  expect(facts.loading).toBe(false);
});

test('facts that cannot be fetched again stay, with the problem beside them', async () => {
  let fails = false;
  const facts = new Facts(() => (fails ? Promise.reject(problem) : Promise.resolve('here')));
  await facts.load();
  fails = true;
  await facts.load();
  expect(facts.value).toBe('here');
  expect(facts.problem).toBe(problem);
});
