/**
 * What the program costs a person who leaves it running, as JSON: memory with the window never opened, open and closed,
 * wake-ups while nothing happens, and the time until an opened window shows something.
 *
 * Measures the program beside $DOORCODE_BIN; a release build is what people run. `node measure.js [SECONDS]`, 60 by default, is
 * how long each count of wake-ups takes.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { Desktop } from './support/desktop.js';
import { firstPaints, proportionalMegabytes, wakeUps } from './support/measurements.js';

const SECONDS = Number(process.argv[2] ?? 60);
const OPENINGS = 10;
/** After this long, what starting or closing has left to do is done. */
const SETTLED = 10_000;

const desktop = await Desktop.open();
try {
  const program = desktop.start().child.pid;
  const tray = await desktop.tray();
  await desktop.reaches('running');

  const neverOpened = await atRest(program);
  await tray.activate();
  await desktop.showsWindow();
  const open = await memory(program);
  await desktop.closeWindow();
  const firstPaint = await firstPaints(desktop, () => tray.activate(), OPENINGS);
  const closed = await atRest(program);

  const sorted = firstPaint.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)];
  const worst = sorted.at(-1);
  const report = { neverOpened, open, closed, firstPaintMillis: { median, worst, all: firstPaint } };
  console.log(JSON.stringify(report, null, 2));
} finally {
  await desktop.close();
}

async function atRest(program) {
  const { megabytes } = await memory(program);
  return { megabytes, wakeUpsPerSecond: await wakeUps(program, SECONDS) };
}

/** Of the program, and of the processes of its window while there is one: its own and WebKit's. */
async function memory(program) {
  await sleep(SETTLED);
  const parts = await desktop.processes(/--window|\/WebKit/);
  const ofWindow = await Promise.all(parts.map(proportionalMegabytes));
  return { megabytes: await proportionalMegabytes(program), windowMegabytes: ofWindow };
}
