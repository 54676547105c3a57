/** What the button beside a cause does: goes to a page, or does it here. */

import type { Page } from '../../app/route';
import type { FixAction } from '../../platform';

export type Remedy = { page: Page; section?: string } | { run: 'start' | 'restart' } | { free: true };

export const REMEDIES: Record<FixAction, Remedy> = {
  start: { run: 'start' },
  restart: { run: 'restart' },
  'free-memory': { free: true },
  'trust-install': { page: 'certificates', section: 'trust' },
  'renew-certificate': { page: 'certificates' },
  'open-settings': { page: 'settings' },
  'open-logs': { page: 'logs', section: 'editor' },
  'open-sign-in': { page: 'sign-in' },
};
