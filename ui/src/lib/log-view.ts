/** What of a log is shown: the last lines that fit a filter, and no more than a window full of them. */

import type { LogLevel, LogRecord } from '../platform';

/** A record with a number of its own, so that a list can tell equal lines apart. */
export interface Line extends LogRecord {
  id: number;
}

/** How many lines are kept; older ones are in the file. */
export const KEPT = 5000;
/** How many lines stand in the page at once, and by how many more each look further back makes it. */
export const STEP = 300;

const ORDER: LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** The lines with the records after them, the oldest beyond `KEPT` let go. */
export function append(lines: Line[], records: LogRecord[]): Line[] {
  let id = (lines.at(-1)?.id ?? -1) + 1;
  const all = [...lines, ...records.map((record) => ({ ...record, id: id++ }))];
  return all.length > KEPT ? all.slice(all.length - KEPT) : all;
}

/** Those at least as bad as `level` that contain `text`, whatever its case. */
export function fitting(lines: Line[], level: LogLevel, text: string): Line[] {
  const from = ORDER.indexOf(level);
  const wanted = text.trim().toLowerCase();
  if (from === 0 && wanted === '') return lines;
  return lines.filter(
    (line) =>
      ORDER.indexOf(line.level) >= from && (wanted === '' || line.text.toLowerCase().includes(wanted)),
  );
}

/** Lines as text, as they stand in the file. */
export function asText(lines: LogRecord[]): string {
  return lines.map(({ time, level, text }) => [time, level, text].filter(Boolean).join(' ')).join('\n');
}

/** The last lines whose text has at most `limit` bytes in UTF-8: what the clipboard's command takes. */
export function lastWithin<T extends LogRecord>(lines: T[], limit: number): T[] {
  const encoder = new TextEncoder();
  let size = 0;
  let from = lines.length;
  while (from > 0) {
    const line = lines[from - 1] as T;
    size += encoder.encode(asText([line])).length + 1;
    if (size > limit) break;
    from -= 1;
  }
  return lines.slice(from);
}
