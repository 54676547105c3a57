/** The settings that let others in: they are asked about wherever they are changed. */

import type { SettingValue } from '../../platform';
import { t } from '../../strings';

/** The question to ask before `name` gets this value; null when there is none. */
export function dangerOf(name: string, value: SettingValue): string | null {
  if (name === 'auth.mode' && value === 'none') return t.signIn.none_body;
  if (name === 'auth.none_beyond_loopback' && value === true) return t.settings.danger_beyond;
  if (name === 'auth.trusted_proxy.proof' && value === 'address-only') return t.settings.danger_address;
  if (name === 'auth.trusted_proxy.allow_users' && Array.isArray(value) && value.includes('*')) {
    return t.settings.danger_everyone;
  }
  return null;
}
