import type { Part, Stage } from '.';
import { problem } from './problem';

/** Finding and installing code-server. */
export function install({ world, clock, emit }: Stage): Part {
  let cancelled = false;

  function goOn() {
    if (cancelled) throw problem('install_cancelled', 'the installation was cancelled', '');
  }

  return {
    find_editor: async () => {
      await clock.wait(300);
      return world.editor;
    },
    install_editor: async () => {
      cancelled = false;
      const total = 118_000_000;
      for (let step = 1; step <= 10; step += 1) {
        await clock.wait(250);
        goOn();
        emit('install', { phase: 'building', done: (total / 10) * step, total, line: null });
        if (step === 6 && world.fails.has('install')) {
          world.fails.delete('install');
          throw problem(
            'install_download',
            'the download of code-server broke off after 71 MB: connection reset',
            'doorcode install',
          );
        }
      }
      for (const phase of ['proving'] as const) {
        emit('install', { phase, done: 0, total: null, line: 'code-server 4.105.1 with Code 1.105.1' });
        await clock.wait(600);
        goOn();
      }
      world.editor = {
        found: {
          version: '4.105.1',
          path: '/home/you/.local/share/doorcode/code-server/4.105.1/bin/code-server',
          origin: 'installed',
        },
        problem: null,
        installing: false,
      };
      return world.editor;
    },
    cancel_install: () => {
      cancelled = true;
    },
  };
}
