import type { Part, Stage } from '.';
import type { Event, Missing } from '../types';
import { problem } from './problem';
import { brokenAt, publicReport } from './usual-health';
import { past } from './worlds';

const HAPPENINGS: Omit<Event, 'at'>[] = [
  { kind: 'editor', code: 'running', message: 'the editor runs: code-server 4.105.1, process 48211' },
  { kind: 'sign-in', code: null, message: 'somebody signed in from 192.168.1.44 with the password' },
  {
    kind: 'refused',
    code: 'trusted_proxy_user_not_allowed',
    message: '3 requests from 10.0.0.1 were refused',
  },
  {
    kind: 'problem-appeared',
    code: 'certificate_due',
    message: 'the certificate of my.dev.local is valid for 12 more days',
  },
];

/** What is known of the engine's health, and finding out more. */
export function health({ world, clock, emit, changed }: Stage): Part {
  let close = () => {};

  function engine() {
    if (world.snapshot.engine === 'absent')
      throw problem('not_running', 'Doorcode is not running', 'doorcode up');
    return world.health;
  }

  return {
    health: () => {
      if (world.fails.has('health')) {
        throw problem('control_unreachable', 'the engine does not answer', 'doorcode status');
      }
      return engine().view;
    },
    connections: () => engine().connections,
    check_health: async ({ url }) => {
      const { view } = engine();
      await clock.wait(1500);
      if (url !== undefined) {
        if (!/^https:\/\/[^/\s]+\/?$/.test(url)) {
          throw problem(
            'url_invalid',
            `“${url}” is no https address`,
            'give one such as https://code.example.com',
          );
        }
        return publicReport(url);
      }
      if (world.fails.has('mended')) {
        view.report = { ...brokenAt('disk', 'warn', ''), healthy: true, causes: [] };
        view.report.probes.forEach((probe) => probe.status === 'warn' && (probe.status = 'pass'));
        world.snapshot.status.problems = [];
        world.snapshot.status.health.state = 'healthy';
      }
      view.report.at = past(0);
      changed();
      return view.report;
    },
    free_memory: () => {
      const { view } = engine();
      const bytes = view.lingering.reduce((sum, { rss_bytes }) => sum + rss_bytes, 0);
      const processes = view.lingering.length;
      view.lingering = [];
      return { processes, bytes };
    },
    events_open: () => {
      engine();
      close();
      let index = 0;
      close = clock.every(3000, () => {
        const happening = HAPPENINGS[index++ % HAPPENINGS.length];
        if (happening) emit('happening', { at: past(0), ...happening });
      });
    },
    events_close: () => close(),
    explain: ({ code }) =>
      code.startsWith('trusted_proxy_')
        ? {
            title: 'The user may not come in',
            cause: 'The proxy signed somebody in who is not among auth.trusted_proxy.allow_users.',
            remedy: 'Add them there, or leave them out: doorcode settings edit',
          }
        : null,
    make_proxy_secret: () => ({
      header: 'x-doorcode-proof',
      secret_file: '/home/you/.config/doorcode/proxy-secret',
    }),
    missing_for_proxy: () => {
      const value = (name: string) =>
        world.settings.keys.find((key) => key.name === `auth.trusted_proxy.${name}`)?.value ?? null;
      const missing: Missing[] = [];
      const need = (key: string, message: string) => {
        const found = value(key);
        if (found === null || (Array.isArray(found) && found.length === 0))
          missing.push({ key: `auth.trusted_proxy.${key}`, message });
      };
      need('public_url', 'the https address at which browsers reach the proxy');
      need('proxies', 'the addresses that the proxy connects from');
      need('allow_users', 'who may come in; "*" is everyone');
      return missing;
    },
  };
}
