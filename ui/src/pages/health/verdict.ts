/** What a report comes to, in one word. */

import type { Face } from '../../app/face';
import type { HealthBrief, Report } from '../../platform';

export type Verdict = HealthBrief['state'];

/** A report without probes is none: nothing has been checked. */
export function verdictOf({ probes, causes }: Report): Verdict {
  if (causes.some(({ severity }) => severity === 'critical')) return 'broken';
  if (causes.length > 0) return 'warning';
  return probes.length > 0 ? 'healthy' : 'unknown';
}

/** The shape and the colour that go with the word. */
export const FACE: Record<Verdict, Face> = {
  unknown: 'stopped',
  healthy: 'running',
  warning: 'attention',
  broken: 'failed',
};
