export type Chain = 'machine' | 'editor' | 'door' | 'trust' | 'public';
export type ProbeStatus = 'pass' | 'warn' | 'fail' | 'not_reached' | 'skipped';
export type Severity = 'warning' | 'critical';
export type FixAction =
  | 'start'
  | 'restart'
  | 'free-memory'
  | 'trust-install'
  | 'renew-certificate'
  | 'open-settings'
  | 'open-logs'
  | 'open-sign-in';
export interface Probe {
  id: string;
  chain: Chain;
  title: string;
  status: ProbeStatus;
  millis: number;
  evidence: string;
}
export interface Cause {
  code: string;
  severity: Severity;
  message: string;
  evidence: string;
  fix: string;
  action: FixAction | null;
}
export interface Report {
  healthy: boolean;
  at: string;
  probes: Probe[];
  causes: Cause[];
}
export interface LatencyView {
  p50_micros: number | null;
  p95_micros: number | null;
  requests: number;
  spark: (number | null)[];
}
export interface HistoryPoint {
  at: string;
  state: 'stopped' | 'starting' | 'running' | 'stopping' | 'backoff' | 'failed';
  p50_micros: number | null;
  p95_micros: number | null;
  connections: number;
  rss_bytes: number | null;
  problem: string | null;
}
export interface LingeringHost {
  pid: number;
  rss_bytes: number;
  since: string;
}
export interface HealthView {
  report: Report;
  latency: LatencyView;
  history: HistoryPoint[];
  lingering: LingeringHost[];
  restarts: number;
  editor_rss_bytes: number | null;
}
export interface ConnectionView {
  id: number;
  session: string | null;
  who: string | null;
  from: string | null;
  device: string | null;
  since: string;
  protocol: string;
  websockets: number;
  bytes_in: number;
  bytes_out: number;
  reconnects: number;
}
export interface Freed {
  processes: number;
  bytes: number;
}
export type EventKind = 'editor' | 'problem-appeared' | 'problem-cleared' | 'sign-in' | 'refused' | 'missed';
export interface Explained {
  title: string;
  cause: string;
  remedy: string;
}
export interface Event {
  at: string;
  kind: EventKind;
  code: string | null;
  message: string;
}
export interface HealthBrief {
  state: 'unknown' | 'healthy' | 'warning' | 'broken';
  p50_micros: number | null;
  p95_micros: number | null;
}
export interface Missing {
  key: string;
  message: string;
}
