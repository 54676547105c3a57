import type { Part, Stage } from '.';
import { problem } from './problem';
import { past } from './worlds';

/** Start, stop, open: what the engine does. */
export function engine({ world, clock, changed }: Stage): Part {
  const { snapshot } = world;
  const { status } = snapshot;

  async function start() {
    if (snapshot.engine === 'absent') throw snapshot.problem;
    status.state = 'starting';
    status.problems = [];
    changed();
    await clock.wait(1500);
    status.state = 'running';
    Object.assign(status.editor, {
      version: '4.105.1',
      pid: 50311,
      rss_bytes: 412_000_000,
      started_at: past(0),
    });
    changed();
  }

  async function stop() {
    status.state = 'stopping';
    changed();
    await clock.wait(700);
    status.state = 'stopped';
    status.connections = 0;
    Object.assign(status.editor, { pid: null, rss_bytes: null, started_at: null });
    world.sessions.forEach((session) => (session.tunnels = 0));
    changed();
  }

  return {
    snapshot: () => snapshot,
    start,
    stop,
    restart: async () => {
      await stop();
      await start();
    },
    open_editor: ({ folder }) => {
      if (world.fails.has('open')) {
        throw problem(
          'browser_not_opened',
          'xdg-open could not open the browser: there is no application for https',
          'doorcode open --print',
        );
      }
      if (folder) {
        status.recent_folders = [folder, ...status.recent_folders.filter((other) => other !== folder)].slice(
          0,
          8,
        );
        changed();
      }
    },
    pick_folder: () => '/home/you/code/picked',
  };
}
