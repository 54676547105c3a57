/** Which page the address names: `#/certificates/trust`. */

/** In the order in which they are offered. */
export const PAGES = [
  'welcome',
  'overview',
  'health',
  'certificates',
  'sign-in',
  'logs',
  'settings',
  'about',
] as const;

export type Page = (typeof PAGES)[number];

export interface Route {
  page: Page;
  /** What follows the page; each page decides what it means and ignores what it does not know. */
  section: string;
}

/** The route of a hash; none when it names no page of ours. */
export function parse(hash: string): Route | null {
  const [name = '', section = ''] = hash.replace(/^#\/?/, '').split('/');
  const page = PAGES.find((known) => known === name);
  return page ? { page, section } : null;
}

/** The hash of a page. */
export function href(page: Page, section = ''): string {
  return section ? `#/${page}/${section}` : `#/${page}`;
}
