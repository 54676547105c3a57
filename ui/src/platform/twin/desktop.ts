import type { Part, Stage } from '.';
import { fakeQr } from './fake-qr';

/** The desktop around the window: clipboard, start at login, the first run. */
export function desktop({ world }: Stage): Part {
  return {
    about: () => ({
      version: '0.1.0',
      code_server: world.editor.found?.version ?? null,
      licence: 'MIT OR Apache-2.0',
      repository: 'https://github.com/doorcode/doorcode',
      paths: {
        settings: '/home/you/.config/doorcode/settings.toml',
        data: '/home/you/.local/share/doorcode',
        logs: '/home/you/.local/state/doorcode',
      },
    }),
    desktop: () => world.desktop,
    set_autostart: ({ enabled }) => {
      world.desktop.autostart = enabled;
    },
    qr: ({ text }) => fakeQr(text),
    copy_address: () => {},
    copy_text: () => {},
    quit: () => {},
    welcome: () => world.welcome,
    set_welcome_step: ({ step, state }) => {
      world.welcome.steps[step] = state;
      return world.welcome;
    },
    finish_welcome: () => {
      world.welcome.done = true;
      return world.welcome;
    },
  };
}
