//! Wires the parts into one engine: settings, certificates, password, gateway and editor, driven over the control socket.
//!
//! # Theory of operation
//! One task ([`task`]) owns the state. What changes it comes in as a request over the control socket, as a change of a
//! file (settings, certificates) or as a change of the editor's state; nothing else writes. Whatever takes long (starting
//! the editor, asking the keyring) runs in a task of its own that holds handles only, so that a status is always answered
//! at once. The CLI and the tray speak to the control socket also when the engine runs in their own process.

mod certificates;
mod checks;
mod control;
mod devices;
mod engine;
mod expiry;
mod health;
mod launch;
mod live;
mod lock;
mod memory;
mod onboarding;
mod overrides;
mod password;
mod password_requests;
mod problems;
mod recent;
mod reload;
mod status;
mod task;
mod watched;

pub use checks::{CheckResult, CheckedTest};
pub use control::{
    Client, ClientError, PasswordPlace, PasswordReply, PasswordState, Reloaded, Reply, Request,
};
pub use devices::{Device, DeviceTrust, Proof, devices_on_disk, forget_device_on_disk};
pub use engine::Engine;
pub use health::public_url;
pub use launch::find as find_code_server;
pub use live::{Event, EventKind, HealthBrief, HealthState, HealthView, HistoryPoint, LingeringHost};
pub use lock::{EngineLock, Holder, LockError, holder};
pub use onboarding::OnboardingReply;
pub use overrides::Overrides;
pub use status::{CertificateStatus, EditorStatus, EngineStatus, State, Status};
