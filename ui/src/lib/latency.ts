/** Response times: in words, and as a line. */

import { t } from '../strings';
import { number } from './format';

/** Microseconds in the unit that people would use: `840 µs`, `3.2 ms`, `41 ms`, `1.4 s`. */
export function latency(micros: number): string {
  if (micros < 1000) return t.health.micros(number(micros));
  const millis = micros / 1000;
  if (millis < 1000) return t.health.millis(number(millis, millis < 10 ? 1 : 0));
  return t.health.seconds(number(millis / 1000, 1));
}

/** The extremes and the last of those values that are there; null when none is. */
export function range(values: (number | null)[]): { least: number; most: number; last: number } | null {
  const there = values.filter((value) => value !== null);
  const last = there.at(-1);
  return last === undefined ? null : { least: Math.min(...there), most: Math.max(...there), last };
}

/**
 * The values as the path of a line in a box of this size, from zero at the bottom to the largest at the top. Where a value is
 * missing, the line has a gap; one that stands alone is a dot, for a round line end to make visible.
 */
export function sparkline(values: (number | null)[], width: number, height: number): string {
  const most = range(values)?.most;
  if (most === undefined) return '';
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let path = '';
  values.forEach((value, index) => {
    if (value === null) return;
    const place = `${round(index * step)} ${round(height - (most > 0 ? value / most : 0) * height)}`;
    const goesOn = index > 0 && values[index - 1] !== null;
    const alone = !goesOn && (values[index + 1] ?? null) === null;
    path += goesOn ? `L${place}` : `M${place}`;
    if (alone) path += 'h0';
  });
  return path;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
