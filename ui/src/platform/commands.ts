/** Every command of the desktop program and every event it sends, with their types: the window knows no others. */

import type {
  About,
  AuthMode,
  CertificateView,
  CheckBegun,
  CheckResult,
  ConnectionView,
  Desktop,
  Device,
  Event as EngineEvent,
  Explained,
  FoundEditor,
  Freed,
  HealthView,
  InstallProgress,
  LogName,
  LogLines,
  LogRecord,
  Missing,
  Navigate,
  OnboardingReply,
  PasswordReply,
  PasswordState,
  Problem,
  Qr,
  Reloaded,
  Report,
  Revoked,
  SessionView,
  SettingsView,
  SettingValue,
  Snapshot,
  StepState,
  TrustEvent,
  TrustReport,
  Welcome,
  WelcomeStep,
} from './types';

type Host = { host: string };

/** Name → arguments and result. */
export interface Commands {
  snapshot: () => Snapshot;
  about: () => About;
  desktop: () => Desktop;
  start: () => void;
  stop: () => void;
  restart: () => void;
  open_editor: (args: { host?: string; folder?: string }) => void;
  pick_folder: () => string | null;
  qr: (args: { text: string }) => Qr;
  copy_address: (args: { url: string }) => void;
  copy_password: () => void;
  copy_text: (args: { text: string }) => void;
  quit: () => void;

  health: () => HealthView;
  check_health: (args: { url?: string }) => Report;
  connections: () => ConnectionView[];
  free_memory: () => Freed;
  explain: (args: { code: string }) => Explained | null;
  events_open: () => void;
  events_close: () => void;

  set_auth: (args: { mode: AuthMode }) => Reloaded;
  missing_for_proxy: () => Missing[];
  make_proxy_secret: () => Record<string, string>;
  password_state: () => PasswordState;
  show_password: () => PasswordReply;
  set_password: (args: { password: string }) => void;
  generate_password: () => PasswordReply;
  sessions: () => SessionView[];
  revoke_session: (args: { id: string }) => void;
  revoke_all_sessions: () => Revoked;

  certificates: () => CertificateView[];
  issue_certificate: (args: Host) => void;
  renew_certificate: (args: Host & { force: boolean }) => void;
  remove_certificate: (args: Host) => void;
  export_certificate: (args: Host) => string | null;

  trust_report: (args: { host?: string; verify: boolean }) => TrustReport;
  trust_install: (args: Host & { stores: string[] }) => TrustReport;
  trust_remove: (args: Host & { stores: string[] }) => TrustReport;
  trust_remove_leftover: (args: { store: string; nickname: string }) => void;
  trust_answer: (args: { approve?: boolean; secret?: string }) => void;
  check_begin: (args: Host) => CheckBegun;
  check_result: (args: { id: string }) => CheckResult;
  onboarding_begin: (args: Host & { address?: string }) => OnboardingReply;
  onboarding_end: () => void;
  devices: () => Device[];
  forget_device: (args: { id: string }) => void;

  log_open: (args: { which: LogName; lines: number }) => LogRecord[];
  log_close: () => void;
  open_log_folder: () => void;
  export_report: () => string | null;

  settings: () => SettingsView;
  check_setting: (args: { name: string; value: SettingValue }) => Problem | null;
  set_setting: (args: { name: string; value: SettingValue }) => Reloaded;
  unset_setting: (args: { name: string }) => Reloaded;
  undo_settings: () => Reloaded;
  open_settings_file: () => void;
  set_autostart: (args: { enabled: boolean }) => void;

  find_editor: () => FoundEditor;
  install_editor: () => FoundEditor;
  cancel_install: () => void;
  welcome: () => Welcome;
  set_welcome_step: (args: { step: WelcomeStep; state: StepState }) => Welcome;
  finish_welcome: () => Welcome;
}

/** Name → what comes with it. */
export interface Events {
  snapshot: Snapshot;
  navigate: Navigate;
  log: LogLines;
  happening: EngineEvent;
  install: InstallProgress;
  trust: TrustEvent;
}

/** What stands behind the window: the desktop program, or its twin in a plain browser. */
export interface Platform {
  /** Rejects with whatever the other side threw; `call` of this folder makes a [Problem] of it. */
  invoke<K extends keyof Commands>(
    command: K,
    args: Parameters<Commands[K]>[0],
  ): Promise<ReturnType<Commands[K]>>;
  /** Calls `heard` at each event until the function it gives is called. */
  listen<K extends keyof Events>(event: K, heard: (payload: Events[K]) => void): Promise<() => void>;
}
