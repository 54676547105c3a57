import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { until } from '../../browser/support/wait.js';

/** So high is the part of the page, in pixels, that is looked at for text: its heading is in it. */
const FIRST_LINES = 60;
/** How often that is, in milliseconds. */
const LOOK = 3;

/** The proportional set size of a process: its own memory and its share of what it shares, in MB (10^6 bytes). */
export async function proportionalMegabytes(id) {
  return megabytes(id, 'Pss');
}

/** The memory of a process that is no file's, in MB: the same whoever else runs. */
export async function anonymousMegabytes(id) {
  return megabytes(id, 'Anonymous');
}

/**
 * How often each thread of a process is woken: it gave up the processor of itself, so something made it go on.
 *
 * @returns wake-ups a second by the thread's name, threads of one name together, and their sum; those never woken left out
 */
export async function wakeUps(id, seconds) {
  const before = await switches(id);
  await sleep(seconds * 1000);
  const after = await switches(id);
  const threads = {};
  let sum = 0;
  for (const [thread, { name, count }] of after) {
    const rate = (count - (before.get(thread)?.count ?? 0)) / seconds;
    if (rate > 0) threads[name] = round((threads[name] ?? 0) + rate);
    sum += rate;
  }
  return { sum: round(sum), threads };
}

/**
 * The times from `open()` until the window shows text, in milliseconds, as seen on the screen.
 *
 * The first opening is not measured: it tells where the window appears. Only the page's first lines are looked at, so that
 * looking takes the window no time.
 *
 * @param {import('./desktop.js').Desktop} desktop
 * @param {() => Promise<void>} open
 * @param {number} times
 */
export async function firstPaints(desktop, open, times) {
  await open();
  const place = await desktop.showsPage();
  const lines = { ...place, height: FIRST_LINES };
  const shows = () => desktop.session.display.picture(lines).hasText();
  const measured = [];
  while (measured.length < times) {
    await desktop.closeWindow();
    await until('the screen is empty', () => !shows());
    const start = performance.now();
    await open();
    while (!shows()) await sleep(LOOK);
    measured.push(Math.round(performance.now() - start));
  }
  await desktop.closeWindow();
  return measured;
}

async function megabytes(id, kind) {
  const sums = await readFile(`/proc/${id}/smaps_rollup`, 'utf8');
  const [, kilobytes] = new RegExp(`^${kind}:\\s+(\\d+) kB$`, 'm').exec(sums);
  return Math.round((Number(kilobytes) * 1024) / 1e5) / 10;
}

async function switches(id) {
  const threads = await readdir(`/proc/${id}/task`);
  const entries = threads.map(async (thread) => {
    const status = await readFile(`/proc/${id}/task/${thread}/status`, 'utf8').catch(() => ''); // It may end.
    const name = /^Name:\s+(.*)$/m.exec(status)?.[1];
    return [thread, { name, count: Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]) }];
  });
  return new Map((await Promise.all(entries)).filter(([, { name }]) => name));
}

function round(rate) {
  return Math.round(rate * 100) / 100;
}
