import { plural } from './words';

export const logs = {
  title: 'Logs',
  which: 'Log',
  editor: 'Editor',
  access: 'Access',
  app: 'Application',
  about: {
    editor: 'What code-server says.',
    access: 'Every request at the door, one line each.',
    app: 'What Doorcode itself does.',
  },
  level: 'Level',
  levels: {
    debug: 'All',
    info: 'Information and worse',
    warn: 'Warnings and errors',
    error: 'Errors only',
  },
  level_word: { debug: 'debug', info: 'info', warn: 'warning', error: 'error' },
  filter: 'Containing',
  follow: 'Follow',
  copy: 'Copy',
  copied: (count: number) => `Copied ${plural(count, 'line', 'lines')}`,
  open_folder: 'Open folder',
  export: 'Export report…',
  exported: (path: string) => `The report is in ${path}. It holds no passwords and no keys.`,
  export_about: 'A report has versions, settings, state and logs, without passwords and keys.',
  shown: (shown: number, all: number) =>
    shown === all ? plural(all, 'line', 'lines') : `${shown} of ${plural(all, 'line', 'lines')}`,
  earlier: 'Show earlier lines',
  empty: 'Nothing has been written yet.',
  none_fit: 'No line fits the filter.',
  lines: (which: string) => `Lines of the log: ${which}`,
};
