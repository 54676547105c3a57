/** How a store stands, as it is shown and as what can be done about it. */

import type { Presence, StoreReport } from '../../platform';
import type { IconName } from '../../parts/icons';

export interface Look {
  tone: 'good' | 'warn' | 'bad' | 'plain';
  icon: IconName | undefined;
}

export const LOOKS: Record<Presence, Look> = {
  trusted: { tone: 'good', icon: 'check' },
  'restart-needed': { tone: 'warn', icon: 'restart' },
  'not-trusted': { tone: 'bad', icon: 'cross' },
  'not-installed': { tone: 'plain', icon: undefined },
  unknown: { tone: 'warn', icon: 'warning' },
};

/** Whether it makes sense to put the certificate there. */
export function canInstall({ state }: StoreReport): boolean {
  return state === 'not-trusted' || state === 'unknown';
}

/** Whether it is there, so that it can be taken back. */
export function canRemove({ state }: StoreReport): boolean {
  return state === 'trusted' || state === 'restart-needed' || state === 'unknown';
}
