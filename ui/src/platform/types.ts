/**
 * What travels between the desktop program and its window, named as Rust serialises it. Times are RFC 3339 texts.
 */

/** What happened, on which thing, and the next step. Programs decide on `code` only. */
export interface Problem {
  code: string;
  message: string;
  fix: string;
}

export type State = 'stopped' | 'starting' | 'running' | 'stopping' | 'backoff' | 'failed';
export type AuthMode = 'password' | 'none';

export interface CertificateStatus {
  host: string;
  not_after: string;
  days_left: number;
  fingerprint: string;
}

/** `doorcode status --json`. */
export interface Status {
  state: State;
  urls: string[];
  auth: AuthMode;
  listen: string[];
  editor: {
    version: string | null;
    pid: number | null;
    rss_bytes: number | null;
    started_at: string | null;
    restarts: number;
  };
  sessions: number;
  connections: number;
  certificates: CertificateStatus[];
  problems: Problem[];
  engine: { version: string; pid: number | null };
  recent_folders: string[];
  sessions_seen: number;
}

export interface Snapshot {
  status: Status;
  /** Whether the engine runs in the desktop program, in a process of its own, or not at all. */
  engine: 'hosted' | 'attached' | 'absent';
  /** Why no engine could be started. */
  problem: Problem | null;
  version: string;
}

export interface About {
  version: string;
  code_server: string | null;
  licence: string;
  repository: string;
  paths: { settings: string; data: string; logs: string };
}

export interface Desktop {
  tray: boolean;
  wayland: boolean;
  autostart: boolean;
  shortcut: {
    accelerator: string;
    state: 'unset' | 'active' | 'unavailable' | 'refused';
    detail: string;
  };
}

/** A QR code on a grid of `size` × `size`, its quiet zone included. */
export interface Qr {
  size: number;
  /** SVG path data of the dark modules. */
  path: string;
}

/** What a change of the settings file did: the keys in force now, and those that wait. */
export interface Reloaded {
  applied: string[];
  restart_editor: string[];
  restart_engine: string[];
}

export interface PasswordState {
  kept: 'keyring' | 'hash-only' | 'none';
  /** A generated password that nobody has been shown yet. */
  new: boolean;
}

export interface PasswordReply {
  password: string | null;
  /** Only its hash is kept: this is the one time that it is shown. */
  hash_only: boolean;
}

export interface SessionView {
  id: string;
  created: string;
  last_seen: string;
  expires: string;
  client: string;
  user_agent: string | null;
  method: 'password' | 'link';
  /** Open WebSockets; an editor window has two. */
  tunnels: number;
}

export interface CertificateView {
  host: string;
  /** Whether the settings name this host. */
  configured: boolean;
  /** False for the certificate of a real authority, which the settings name. */
  self_signed: boolean;
  file: string;
  not_before: string | null;
  not_after: string | null;
  days_left: number | null;
  fingerprint: string | null;
  root_fingerprint: string | null;
  names: string[];
  problem: Problem | null;
}

export type LogName = 'editor' | 'access' | 'app';
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogRecord {
  time: string | null;
  level: LogLevel;
  text: string;
}

export type SettingValue = string | number | boolean | (string | number)[] | null;

export interface SettingKey {
  /** With its table: `editor.folder`. */
  name: string;
  table: string;
  label: string;
  doc: string;
  allowed: string;
  applies: 'live' | 'restart_editor' | 'restart_engine';
  kind: 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'path';
  choices: string[];
  value: SettingValue;
  default: SettingValue;
  is_set: boolean;
}

export interface SettingsView {
  file: string;
  exists: boolean;
  /** Why the file is not in force. */
  problem: Problem | null;
  can_undo: boolean;
  keys: SettingKey[];
}

export interface FoundEditor {
  found: { version: string; path: string; origin: Origin } | null;
  /** Why there is none; or, after an install, why another one is used. */
  problem: Problem | null;
  /** An install is under way: `install_editor` joins it. */
  installing: boolean;
}

export type Origin = 'setting' | 'path' | 'installed';

export type InstallPhase =
  'checking' | 'fetching_node' | 'building' | 'fetching' | 'unpacking' | 'proving' | 'cleaning_up';

export interface InstallProgress {
  phase: InstallPhase;
  /** Bytes done in this phase, and how many it takes, where known; that may be exceeded. */
  done: number;
  total: number | null;
  line: string | null;
}

export type WelcomeStep = 'folder' | 'editor' | 'password' | 'trust' | 'open';
export type StepState = 'todo' | 'done' | 'skipped';

export interface Welcome {
  done: boolean;
  steps: Record<WelcomeStep, StepState>;
}

export type StoreKind = 'chromium' | 'firefox' | 'system' | 'p11-kit' | 'macos' | 'windows';
export type Presence = 'trusted' | 'not-trusted' | 'restart-needed' | 'not-installed' | 'unknown';

export interface StoreReport {
  store: StoreKind;
  id: string;
  title: string;
  place: string;
  state: Presence;
  detail: string;
  problem: Problem | null;
}

export interface Leftover {
  store: string;
  id: string;
  title: string;
  nickname: string;
  host: string;
  fingerprint: string;
}

export interface TrustReport {
  host: string;
  fingerprint: string;
  stores: StoreReport[];
  leftovers: Leftover[];
}

/** What is said while trust is installed or removed. `command` and `ask` wait for `trust_answer`. */
export type TrustEvent =
  | { kind: 'command'; line: string }
  | { kind: 'ask'; prompt: string }
  | { kind: 'output'; text: string }
  | { kind: 'progress'; id: string; state: Presence };

export interface CheckBegun {
  id: string;
  url: string;
}

export interface CheckTest {
  id: string;
  passed: boolean;
  detail: string;
}

export interface CheckResult {
  state: 'waiting' | 'opened' | 'passed' | 'failed' | 'expired';
  tests: CheckTest[];
  device: Device | null;
}

export interface Device {
  id: string;
  name: string;
  client: string;
  host: string;
  fingerprint: string;
  verified_at: string;
  /** The fingerprint is still the one of the host's root. */
  trusted: boolean;
}

export interface Onboarding {
  url: string;
  check_url: string;
  fingerprint: string;
  expires: string;
  addresses: string[];
}

export interface Navigate {
  page: string;
  section: string | null;
}
