import type { Problem } from '../types';

/** A problem as the desktop program makes it. */
export function problem(code: string, message: string, fix = ''): Problem {
  return { code, message, fix };
}
