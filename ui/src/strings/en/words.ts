/** Single words, and what numbers are put into. */

/** "1 device", "3 devices". */
export function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

export const units = {
  size: (value: string, unit: string) => `${value} ${unit}`,
  days: (count: number) => `${count} d`,
  hours: (count: number) => `${count} h`,
  minutes: (count: number) => `${count} min`,
  moment: 'less than a minute',
  just_now: 'just now',
  ago: (span: string) => `${span} ago`,
};

export const states = {
  stopped: 'Stopped',
  starting: 'Starting',
  running: 'Running',
  stopping: 'Stopping',
  backoff: 'Starting again',
  failed: 'Failed',
  absent: 'Not available',
};

export const nav = {
  label: 'Pages',
  menu: 'Menu',
  skip: 'Skip to the page',
  overview: 'Overview',
  health: 'Health',
  certificates: 'Certificates',
  'sign-in': 'Sign-in',
  logs: 'Logs',
  settings: 'Settings',
  about: 'About',
  welcome: 'Set up',
  title: (page: string) => `${page} · Doorcode`,
};

export const devices = {
  browser_on: (browser: string, system: string) => `${browser} on ${system}`,
  unknown: 'An unknown browser',
};
