/** The engine's state as one of five faces, the same that the tray's icon has. */

import type { HealthBrief, Problem, Snapshot } from '../platform';
import { t } from '../strings';

export type Face = 'stopped' | 'starting' | 'running' | 'attention' | 'failed';

/** The face of a snapshot. An editor that runs with something wrong, or that somebody cannot get to, asks for attention. */
export function faceOf({ status, problem }: Snapshot): Face {
  if (problem) return 'failed';
  switch (status.state) {
    case 'running':
      return status.problems.length > 0 || isUnwell(status.health) ? 'attention' : 'running';
    case 'starting':
      return 'starting';
    case 'failed':
      return 'failed';
    case 'backoff':
      return 'attention';
    case 'stopping':
    case 'stopped':
      return 'stopped';
  }
}

function isUnwell({ state }: HealthBrief): boolean {
  return state === 'warning' || state === 'broken';
}

/** The state in a word or two. */
export function wordOf({ status, engine }: Snapshot): string {
  return engine === 'absent' ? t.states.absent : t.states[status.state];
}

/** Everything that is wrong, why there is no engine first. */
export function problemsOf({ status, problem }: Snapshot): Problem[] {
  return problem ? [problem, ...status.problems] : status.problems;
}
