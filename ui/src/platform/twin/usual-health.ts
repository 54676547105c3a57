/** The health of the usual world: everything works, somebody is connected, yesterday had a bad quarter of an hour. */

import type { ConnectionView, HealthView, HistoryPoint, Probe, Report } from '../types';

const MINUTE = 60_000;

/** What is known of the engine's health. */
export interface Health {
  view: HealthView;
  connections: ConnectionView[];
}

export function usualHealth(): Health {
  return {
    view: {
      report: { healthy: true, at: past(40_000), probes: probes(), causes: [] },
      latency: {
        p50_micros: 3_240,
        p95_micros: 41_400,
        requests: 1284,
        spark: [
          ...[null, null, 38, 41, 36, 44, 39, 47, 120, 96, 52, 40, 38, 37, null],
          ...[36, 39, 43, 41, 40, 44, 60, 58, 45, 41, 40, 39, 42, 41, 40],
        ].map((millis) => (millis === null ? null : millis * 1000)),
      },
      history: history(),
      lingering: [
        { pid: 48_502, rss_bytes: 212_000_000, since: past(35 * MINUTE) },
        { pid: 48_911, rss_bytes: 148_000_000, since: past(9 * MINUTE) },
      ],
      restarts: 0,
      editor_rss_bytes: 734_003_200,
    },
    connections: [
      connection(1, 's1', '127.0.0.1', 'Chrome on Linux', 130, 2, [4_200_000, 38_000_000], 0),
      connection(2, 's2', '192.168.1.44', 'Safari on iPad', 26, 2, [812_000, 21_400_000], 3),
      connection(3, null, '2001:db8:85a3::8a2e:370:7334', null, 0, 0, [1_900, 4_100], 0),
    ],
  };
}

/** Every probe, and each passes. */
export function probes(): Probe[] {
  return [
    probe('disk', 'machine', 'Disk space', 'pass', 0.4, '41 GB free in /home/you/.local/share/doorcode'),
    probe('clock', 'machine', 'The clock', 'pass', 12, 'no more than 1 s off'),
    probe('editor-process', 'editor', 'The editor’s process', 'pass', 0.2, 'process 48211'),
    probe('editor-socket', 'editor', 'Its socket', 'pass', 0.3, 'answers'),
    probe('editor-healthz', 'editor', 'Its own health page', 'pass', 4.1, 'alive'),
    probe('listen', 'door', 'The addresses listened on', 'pass', 0.8, '127.0.0.1:8443, 192.168.1.20:8443'),
    probe('tls-localhost', 'door', 'The certificate of localhost', 'pass', 6.7, '812 days left'),
    probe('sign-in', 'door', 'Sign-in is enforced', 'pass', 3.2, 'an unsigned request gets 401'),
    probe('websocket', 'door', 'A live connection', 'pass', 9.5, '101 with our origin, 403 with another'),
    probe('trust-chromium', 'trust', 'Chromium', 'pass', 48, 'trusts localhost'),
    probe('trust-firefox', 'trust', 'Firefox, profile “work”', 'skipped', 0, 'not used in the last 90 days'),
  ];
}

/** A report in which the probe `id` found something: what lies behind it in its chain is not reached. */
export function brokenAt(id: string, status: 'warn' | 'fail', evidence: string): Report {
  const all = probes();
  const broken = all.find((one) => one.id === id);
  if (!broken) throw new Error(`no probe ${id}`);
  const behind = status === 'fail' ? all.slice(all.indexOf(broken) + 1) : [];
  for (const one of behind) {
    if (one.chain === broken.chain) Object.assign(one, { status: 'not_reached', millis: 0, evidence: '' });
  }
  Object.assign(broken, { status, evidence });
  return { healthy: false, at: past(3000), probes: all, causes: [] };
}

/** What a public address is found to be: the proxy does not let live connections through. */
export function publicReport(url: string): Report {
  const host = new URL(url).host;
  return {
    healthy: false,
    at: past(0),
    probes: [
      ...probes(),
      probe('public-dns', 'public', 'The name', 'pass', 18, `${host} is 203.0.113.9`),
      probe('public-tcp', 'public', 'The connection', 'pass', 31, '203.0.113.9:443 answers'),
      probe('public-tls', 'public', 'The certificate', 'pass', 64, 'valid for 61 more days'),
      probe('public-http', 'public', 'An answer', 'pass', 88, '302 to https://sign-in.example.com'),
      probe('public-websocket', 'public', 'A live connection', 'fail', 93, '200 instead of 101'),
      probe('public-origin', 'public', 'Host and origin agree', 'not_reached', 0, ''),
    ],
    causes: [
      {
        code: 'proxy_websocket_blocked',
        severity: 'critical',
        message: `the proxy at ${host} does not pass live connections on, so the editor stays blank`,
        evidence: 'a WebSocket upgrade was answered with 200 instead of 101',
        fix: 'set `allow_websockets: true` on the route, or print a route that has it: doorcode recipe pomerium-core',
        action: null,
      },
    ],
  };
}

function probe(
  id: string,
  chain: Probe['chain'],
  title: string,
  status: Probe['status'],
  millis: number,
  evidence: string,
): Probe {
  return { id, chain, title, status, millis, evidence };
}

function connection(
  id: number,
  session: string | null,
  from: string,
  device: string | null,
  minutes: number,
  websockets: number,
  [bytes_in, bytes_out]: [number, number],
  reconnects: number,
): ConnectionView {
  const since = past(minutes * MINUTE);
  return {
    id,
    session,
    who: null,
    from,
    device,
    since,
    protocol: 'h2',
    websockets,
    bytes_in,
    bytes_out,
    reconnects,
  };
}

/** Stopped in the night, and given up for a quarter of an hour in the morning. */
function history(): HistoryPoint[] {
  return Array.from({ length: 264 }, (_, index) => {
    const ago = 263 - index;
    const state = ago > 160 && ago < 220 ? 'stopped' : ago > 90 && ago < 94 ? 'failed' : 'running';
    const problem = state === 'failed' ? 'editor_gave_up' : ago > 20 && ago < 32 ? 'latency_high' : null;
    const runs = state === 'running';
    return {
      at: past(ago * 5 * MINUTE + MINUTE),
      state,
      p50_micros: runs ? 3_000 + (index % 7) * 120 : null,
      p95_micros: runs ? 40_000 + (index % 11) * 900 : null,
      connections: runs ? 2 + (index % 3) : 0,
      rss_bytes: runs ? 700_000_000 : null,
      problem,
    };
  });
}

function past(milliseconds: number): string {
  return new Date(Date.now() - milliseconds).toISOString();
}
