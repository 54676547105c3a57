/** Where the window is. The hash decides, so that the tray can open the window at a page. */

import { href, parse, type Page, type Route } from './route';

class Navigation {
  route = $state.raw<Route>({ page: 'overview', section: '' });

  /** Follows the hash until the function it gives is called. */
  follow(): () => void {
    const read = () => {
      this.route = parse(location.hash) ?? { page: 'overview', section: '' };
    };
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }

  go(page: Page, section = ''): void {
    location.hash = href(page, section);
  }
}

export const navigation = new Navigation();
