/** The worlds a twin can stand in, by name: every state that pages have to show. */

import type { Snapshot } from '../types';
import { problem } from './problem';
import { brokenAt } from './usual-health';
import { DAY, past, running, type World } from './usual-world';

export { past, type World };

/** The world of this name; the name is part of an address, so an unknown one is an error that is seen. */
export function worldNamed(name: string): World {
  const change = WORLDS[name];
  if (!change) throw new Error(`no fixture ${name}; there are ${Object.keys(WORLDS).join(', ')}`);
  const world = running();
  change(world);
  return world;
}

/** Changes of the usual world, by name. */
export const WORLDS: Record<string, (world: World) => void> = {
  running: () => {},
  stopped: (world) => halt(world, 'stopped'),
  starting: (world) => halt(world, 'starting'),
  backoff: (world) => {
    halt(world, 'backoff');
    world.snapshot.status.editor.restarts = 2;
    world.snapshot.status.problems = [
      problem(
        'editor_exited',
        'the editor ended by itself (exit status 1); it is started again (attempt 3)',
        'doorcode logs --editor',
      ),
    ];
  },
  failed: (world) => {
    halt(world, 'failed');
    world.snapshot.status.editor.restarts = 5;
    world.snapshot.status.problems = [
      problem(
        'editor_given_up',
        'the editor ended five times within two minutes; it is not started again',
        'doorcode logs --editor; then: doorcode start',
      ),
    ];
  },
  unwell: (world) => {
    halt(world, 'backoff');
    const { view } = world.health;
    view.report = brokenAt('editor-process', 'fail', 'it ended with exit status 1');
    view.report.causes = [
      {
        code: 'editor_crashed',
        severity: 'critical',
        message: 'the editor ended by itself three times in the last minute',
        evidence:
          'Error: listen EADDRINUSE: address already in use\n    at Server.setupListenHandle (node:net:1908:16)',
        fix: 'doorcode logs --editor',
        action: 'open-logs',
      },
      {
        code: 'memory_low',
        severity: 'warning',
        message: 'the extension hosts of closed tabs hold 343 MB',
        evidence: '2 processes',
        fix: 'doorcode free-memory',
        action: 'free-memory',
      },
    ];
    Object.assign(view, { restarts: 3, editor_rss_bytes: null });
    Object.assign(view.latency, {
      p50_micros: null,
      p95_micros: null,
      requests: 0,
      spark: view.latency.spark.map(() => null),
    });
    world.health.connections = [];
    const { status } = world.snapshot;
    status.health = { state: 'broken', p50_micros: null, p95_micros: null };
    status.problems = view.report.causes.map(({ code, message, fix }) => problem(code, message, fix));
    world.fails.add('mended');
  },
  young: (world) => {
    const { view } = world.health;
    Object.assign(view, {
      report: { healthy: true, at: past(0), probes: [], causes: [] },
      history: [],
      lingering: [],
    });
    view.latency = { p50_micros: null, p95_micros: null, requests: 0, spark: [] };
    world.health.connections = [];
    world.snapshot.status.health = { state: 'unknown', p50_micros: null, p95_micros: null };
  },
  speechless: (world) => {
    world.fails.add('health');
  },
  proxy: (world) => {
    const { status } = world.snapshot;
    status.auth = 'trusted-proxy';
    status.urls = ['https://code.example.com/'];
    const values = {
      'auth.mode': 'trusted-proxy',
      'auth.trusted_proxy.preset': 'pomerium',
      'auth.trusted_proxy.public_url': 'https://code.example.com',
      'auth.trusted_proxy.proxies': ['10.0.0.1', '10.0.1.0/28'],
      'auth.trusted_proxy.allow_users': ['you@example.com'],
      'auth.trusted_proxy.proof': { header: 'x-doorcode-proof', secret_file: '/etc/doorcode/proof' },
    };
    for (const [name, value] of Object.entries(values)) {
      const key = world.settings.keys.find((key) => key.name === name);
      if (key) Object.assign(key, { value, is_set: true });
    }
    world.sessions.forEach((session, index) =>
      Object.assign(session, { method: 'proxy', user: index < 2 ? 'you@example.com' : 'them@example.com' }),
    );
    world.health.connections.forEach((one) => (one.who = one.session === null ? null : 'you@example.com'));
  },
  attention: (world) => {
    world.snapshot.status.problems = [
      problem(
        'sign_in_attack',
        '214 wrong passwords from 3 addresses in the last 10 minutes, most from 203.0.113.66',
        'doorcode logs --access',
      ),
      problem(
        'certificate_due',
        'the certificate of my.dev.local is valid for 12 more days',
        'doorcode cert renew my.dev.local',
      ),
      problem(
        'restart_editor',
        'the new value of editor.args is in force once the editor is started again',
        'doorcode restart',
      ),
    ];
    const due = world.certificates.find(({ host }) => host === 'my.dev.local');
    if (due) Object.assign(due, { days_left: 12, not_after: past(-12 * DAY) });
    const { view } = world.health;
    view.report = brokenAt('tls-localhost', 'warn', 'my.dev.local: 12 days left');
    view.report.causes = [
      {
        code: 'certificate_due',
        severity: 'warning',
        message: 'the certificate of my.dev.local is valid for 12 more days',
        evidence: 'it ends on 26 March 2026',
        fix: 'doorcode cert renew my.dev.local',
        action: 'renew-certificate',
      },
    ];
    world.snapshot.status.health.state = 'warning';
    untrust(world);
    world.fails.add('open').add('trust').add('logs');
  },
  absent: (world) => {
    halt(world, 'stopped');
    Object.assign(world.snapshot, {
      engine: 'absent',
      problem: problem(
        'port_busy',
        'cannot listen on 127.0.0.1:8443: another program does',
        "ss -ltnp 'sport = :8443'",
      ),
    });
    Object.assign(world.snapshot.status, { urls: [], listen: [], certificates: [], recent_folders: [] });
    world.sessions = [];
  },
  wayland: (world) => {
    world.desktop = {
      tray: false,
      wayland: true,
      autostart: false,
      shortcut: { accelerator: '', state: 'unavailable', detail: '' },
    };
  },
  fresh: (world) => {
    halt(world, 'stopped');
    Object.assign(world.snapshot.status, { recent_folders: [], sessions: 0 });
    world.sessions = [];
    world.devices = [];
    world.leftovers = [];
    world.settings.exists = false;
    world.password.state = { kept: 'hash-only', new: true };
    untrust(world);
    world.editor = {
      found: null,
      problem: problem('code_server_missing', 'there is no code-server', 'doorcode install'),
      installing: false,
    };
    world.welcome = {
      done: false,
      steps: { folder: 'todo', editor: 'todo', password: 'todo', trust: 'todo', open: 'todo' },
    };
  },
  'fresh-broken': (world) => {
    WORLDS['fresh']?.(world);
    world.fails.add('install').add('open').add('trust');
  },
  open: (world) => {
    world.snapshot.status.auth = 'none';
    world.password.state = { kept: 'hash-only', new: false };
    const mode = world.settings.keys.find(({ name }) => name === 'auth.mode');
    if (mode) Object.assign(mode, { value: 'none', is_set: true });
  },
  refusing: (world) => {
    world.fails.add('auth-none').add('keyring');
    world.certificates = world.certificates.slice(0, 1).map((certificate) => ({
      ...certificate,
      not_before: null,
      not_after: null,
      days_left: null,
      fingerprint: null,
      root_fingerprint: null,
      problem: problem(
        'certificate_unusable',
        `${certificate.file} cannot be used: the key belongs to another certificate`,
        'doorcode cert show localhost',
      ),
    }));
  },
};

function untrust(world: World): void {
  for (const store of world.stores) {
    if (store.state !== 'not-installed') store.state = 'not-trusted';
  }
}

function halt(world: World, state: Snapshot['status']['state']): void {
  const { status } = world.snapshot;
  status.state = state;
  status.connections = 0;
  status.connected = 0;
  Object.assign(status.editor, { pid: null, rss_bytes: null, started_at: null });
  world.sessions.forEach((session) => (session.tunnels = 0));
}
