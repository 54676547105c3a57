/** Times, sizes and names as people read them. The words themselves are in strings/. */

import { t } from '../strings';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Bytes in the largest unit that leaves at least 1: `512 MB`, `1.4 GB`. Powers of 1024, as `top` counts. */
export function bytes(count: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 2 && value < 10 ? 1 : 0;
  return t.units.size(number(value, digits), units[unit] ?? 'B');
}

/** A span of seconds in its two largest units: `3 d 4 h`, `12 min`, `less than a minute`. */
export function span(seconds: number): string {
  if (seconds < MINUTE) return t.units.moment;
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  if (days > 0) return join(t.units.days(days), hours > 0 && t.units.hours(hours));
  if (hours > 0) return join(t.units.hours(hours), minutes > 0 && t.units.minutes(minutes));
  return t.units.minutes(minutes);
}

/** How long ago `time` (RFC 3339) was: `5 min ago`; `just now` within a minute, and for a clock that runs behind. */
export function ago(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < MINUTE ? t.units.just_now : t.units.ago(span(seconds));
}

/** How long since `time`. */
export function since(time: string, now: number): string {
  return span(Math.max(0, (now - Date.parse(time)) / 1000));
}

/** A day: `14 March 2027`. */
export function day(time: string): string {
  return new Intl.DateTimeFormat(t.locale, { dateStyle: 'long' }).format(new Date(time));
}

/** A day and a time of day: `14 Mar 2027, 09:41`. */
export function moment(time: string): string {
  return new Intl.DateTimeFormat(t.locale, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(time),
  );
}

/** A time of day: `09:41`. */
export function timeOfDay(time: string): string {
  return new Intl.DateTimeFormat(t.locale, { timeStyle: 'short' }).format(new Date(time));
}

/** The time of day of a log line, with seconds; the text itself when it is no time. */
export function clock(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  return new Intl.DateTimeFormat(t.locale, { timeStyle: 'medium', hourCycle: 'h23' }).format(at);
}

/** A number with the language's separators. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(t.locale, { maximumFractionDigits: digits }).format(value);
}

/** The host of one of our addresses, as the settings name it: `my.dev.local`, `::1`. */
export function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return url;
  }
}

/** An address without the slash at its end, as people write it. */
export function address(url: string): string {
  return url.replace(/\/$/, '');
}

function join(...parts: (string | false)[]): string {
  return parts.filter(Boolean).join(' ');
}
