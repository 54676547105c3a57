/** The usual world: two hosts, three people, an editor that runs. The others are changes of it. */

import type {
  CertificateView,
  Desktop,
  Device,
  FoundEditor,
  Leftover,
  PasswordState,
  SessionView,
  SettingKey,
  Snapshot,
  StoreReport,
  Welcome,
} from '../types';
import { settingKeys } from './setting-keys';
import { type Health, usualHealth } from './usual-health';

export interface World {
  snapshot: Snapshot;
  health: Health;
  sessions: SessionView[];
  password: { value: string; state: PasswordState };
  certificates: CertificateView[];
  stores: StoreReport[];
  leftovers: Leftover[];
  devices: Device[];
  settings: { keys: SettingKey[]; exists: boolean; undo: [string, SettingKey['value'], boolean][] };
  desktop: Desktop;
  editor: FoundEditor;
  welcome: Welcome;
  /** What goes wrong when it is tried. */
  fails: Set<'open' | 'install' | 'auth-none' | 'keyring' | 'trust' | 'logs' | 'health' | 'mended'>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A moment so many milliseconds ago; negative is to come. */
export function past(milliseconds: number): string {
  return new Date(Date.now() - milliseconds).toISOString();
}

const ROOT =
  '8F:3C:41:9A:07:D2:5E:B6:11:C8:74:FA:29:6D:E0:33:9B:52:AF:18:C4:70:ED:85:36:0A:DB:97:4E:F1:62:BD';
const LEAF =
  '1D:A9:70:4C:E8:53:BF:26:90:3B:F7:6E:12:D5:8A:C1:47:FE:09:B4:6A:E3:25:98:DC:0F:71:A2:5B:C6:84:3E';

/** A day like any other: two hosts, three people, an editor that runs. */
export function running(): World {
  const hosts = ['localhost', 'my.dev.local'];
  const certificates = hosts.map((host) => certificate(host, 812));
  return {
    snapshot: {
      engine: 'hosted',
      problem: null,
      version: '0.1.0',
      status: {
        state: 'running',
        urls: hosts.map((host) => `https://${host}:8443/`),
        auth: 'password',
        listen: ['127.0.0.1:8443', '192.168.1.20:8443'],
        editor: {
          version: '4.105.1',
          pid: 48211,
          rss_bytes: 734_003_200,
          started_at: past(2 * HOUR + 14 * MINUTE),
          restarts: 0,
        },
        sessions: 3,
        connections: 9,
        certificates: certificates.map(({ host, not_after, days_left, fingerprint }) => ({
          host,
          not_after: not_after ?? '',
          days_left: days_left ?? 0,
          fingerprint: fingerprint ?? '',
        })),
        problems: [],
        engine: { version: '0.1.0', pid: 48170 },
        recent_folders: [
          '/home/you/code/engine',
          '/home/you/code/notes',
          '/home/you/work/a-rather-long-name-of-a-folder',
        ],
        sessions_seen: 3,
        connected: 2,
        health: { state: 'healthy', p50_micros: 3_240, p95_micros: 41_400 },
      },
    },
    health: usualHealth(),
    sessions: [
      session(
        's1',
        'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36',
        '127.0.0.1',
        2,
        'link',
        130,
      ),
      session(
        's2',
        'Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/605.1',
        '192.168.1.44',
        2,
        'password',
        26,
      ),
      session(
        's3',
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0',
        '2001:db8:85a3::8a2e:370:7334',
        0,
        'password',
        2900,
      ),
    ],
    password: { value: 'velvet-orbit-canyon-maple-41', state: { kept: 'keyring', new: false } },
    certificates: [...certificates, { ...certificate('old.dev.local', -3), configured: false }],
    stores: [
      store('chromium', 'chromium', 'Chromium', '/home/you/.local/share/pki/nssdb', 'trusted'),
      store(
        'firefox',
        'firefox:k3x.default-esr',
        'Firefox, profile “default-esr”',
        '/home/you/.mozilla/firefox/k3x.default-esr',
        'restart-needed',
      ),
      store(
        'firefox',
        'firefox:p0q.work',
        'Firefox, profile “work”',
        '/home/you/.config/mozilla/firefox/p0q.work',
        'not-trusted',
      ),
      store(
        'system',
        'system',
        'The system (curl, git, Python)',
        '/usr/local/share/ca-certificates',
        'not-trusted',
      ),
      store(
        'chromium',
        'chromium:snap',
        'Chromium (snap)',
        '/home/you/snap/chromium/current/.pki/nssdb',
        'not-installed',
      ),
    ],
    leftovers: [
      {
        store: 'chromium',
        id: 'chromium',
        title: 'Chromium',
        nickname: 'Doorcode demo.dev.local (77ab01fe)',
        host: 'demo.dev.local',
        fingerprint: LEAF,
      },
    ],
    devices: [
      device('d1', 'Chrome on Linux', '127.0.0.1', 3 * DAY, 'proven'),
      device('d3', 'Firefox on Android', '192.168.1.45', 5 * DAY, 'unproven'),
      device('d2', 'Safari on iPad', '192.168.1.44', 40 * DAY, 'lost'),
    ],
    settings: { keys: settingKeys(), exists: true, undo: [] },
    desktop: {
      tray: true,
      wayland: false,
      autostart: true,
      shortcut: { accelerator: 'Ctrl+Alt+D', state: 'active', detail: '' },
    },
    editor: {
      found: {
        version: '4.105.1',
        path: '/home/you/.local/share/doorcode/code-server/4.105.1/bin/code-server',
        origin: 'installed',
      },
      problem: null,
      installing: false,
    },
    welcome: {
      done: true,
      steps: { folder: 'done', editor: 'done', password: 'done', trust: 'done', open: 'done' },
    },
    fails: new Set(),
  };
}

function certificate(host: string, days: number): CertificateView {
  return {
    host,
    configured: true,
    self_signed: true,
    file: `/home/you/.local/share/doorcode/certs/${host.replaceAll('.', '_')}.crt`,
    not_before: past((825 - days) * DAY),
    not_after: past(-days * DAY),
    days_left: days,
    fingerprint: LEAF,
    root_fingerprint: ROOT,
    names: host === 'localhost' ? ['localhost', '127.0.0.1', '::1'] : [host],
    problem: null,
  };
}

function session(
  id: string,
  user_agent: string,
  client: string,
  tunnels: number,
  method: SessionView['method'],
  minutes: number,
): SessionView {
  return {
    id,
    created: past(minutes * MINUTE),
    last_seen: past(tunnels > 0 ? 0 : 5 * HOUR),
    expires: past(-7 * DAY),
    client,
    user_agent,
    method,
    tunnels,
    user: null,
  };
}

function store(
  kind: StoreReport['store'],
  id: string,
  title: string,
  place: string,
  state: StoreReport['state'],
): StoreReport {
  return { store: kind, id, title, place, state, detail: '', problem: null };
}

function device(id: string, name: string, client: string, age: number, trust: Device['trust']): Device {
  const proven = trust !== 'unproven';
  return { id, name, client, host: 'localhost', fingerprint: ROOT, proven, verified_at: past(age), trust };
}
