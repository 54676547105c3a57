import type { Part, Stage } from '.';
import type { LogName, LogRecord } from '../types';
import { problem } from './problem';
import { past } from './worlds';

const LINES: Record<LogName, [LogRecord['level'], string][]> = {
  editor: [
    ['info', 'code-server 4.105.1 e1e7e1c8cc0f2a0b'],
    ['info', 'Using user-data-dir /home/you/.local/share/code-server'],
    ['info', 'HTTP server listening on /run/user/1000/doorcode/editor.sock'],
    ['info', '  - Authentication is disabled'],
    ['debug', 'got latest version 4.105.1'],
    ['warn', 'Extension host: the extension you.notes took 412 ms to activate'],
    [
      'error',
      'TypeError: Cannot read properties of undefined (reading “uri”) at /home/you/.local/share/code-server/extensions/you.notes/out/extension.js:118:22',
    ],
  ],
  access: [
    ['info', '127.0.0.1 GET /?folder=/home/you/code 200 4312 12ms'],
    ['info', '127.0.0.1 GET /stable/static/out/vs/code/browser/workbench/workbench.js 200 3118204 41ms'],
    ['info', '192.168.1.44 GET / 101 - websocket'],
    ['warn', '203.0.113.66 POST /.doorcode/sign-in 401 wrong password'],
    ['warn', '203.0.113.66 POST /.doorcode/sign-in 429 too many wrong passwords'],
  ],
  app: [
    ['info', 'the engine listens on 127.0.0.1:8443'],
    ['info', 'a certificate for my.dev.local was issued'],
    ['warn', 'settings.toml: the new value of editor.args waits for a restart of the editor'],
    ['debug', 'status: running'],
  ],
};

/** The logs: what is in them, and more as it comes. */
export function logs({ world, clock, emit }: Stage): Part {
  let close = () => {};

  function record(which: LogName, index: number, age: number): LogRecord {
    const lines = LINES[which];
    const [level, text] = lines[index % lines.length] ?? ['info', ''];
    return { time: past(age), level, text };
  }

  return {
    log_open: ({ which, lines }) => {
      close();
      if (world.fails.has('logs') && which === 'app') {
        throw problem(
          'log_unreadable',
          'the log app.log cannot be read: permission denied',
          'ls -ld /home/you/.local/state/doorcode',
        );
      }
      if (world.snapshot.engine === 'absent') return [];
      let index = Math.min(lines, 400);
      const earlier = Array.from({ length: index }, (_, at) => record(which, at, (400 - at) * 7000));
      close = clock.every(2000, () => emit('log', { which, records: [record(which, index++, 0)] }));
      return earlier;
    },
    log_close: () => close(),
    open_log_folder: () => {},
    export_report: () => '/home/you/doorcode-report.tar.gz',
  };
}
