/** Where in this window something can be done about a problem. */

import type { Page } from '../../app/route';
import { t } from '../../strings';

export interface Remedy {
  page: Page;
  section?: string;
  text: string;
}

/** By the problem's code; none where only its own fix helps. */
export function remedy(code: string): Remedy | null {
  if (code === 'code_server_missing' || code.startsWith('install_')) {
    return { page: 'welcome', section: 'editor', text: t.overview.to_editor };
  }
  if (code === 'certificate_replaced') {
    return { page: 'certificates', section: 'trust', text: t.overview.to_trust };
  }
  if (code.startsWith('certificate_')) return { page: 'certificates', text: t.overview.to_certificates };
  if (code.startsWith('password_') || code === 'sign_in_attack') {
    return { page: 'sign-in', text: t.overview.to_sign_in };
  }
  if (code.startsWith('settings_') || code === 'restart_editor' || code === 'folder_missing') {
    return { page: 'settings', text: t.overview.to_settings };
  }
  if (code.startsWith('editor_')) return { page: 'logs', section: 'editor', text: t.overview.to_logs };
  return null;
}
