//! The figures as Prometheus reads them (text exposition format 0.0.4).

use std::fmt::{Display, Write as _};

use doorcode_gateway::{Durations, Refusals, RequestCounts};

use super::view::{HealthState, LingeringHost};
use crate::status::{State, Status};

/// Everything that is told.
pub(super) struct Figures<'a> {
    pub(super) status: &'a Status,
    pub(super) websockets: usize,
    pub(super) reconnects: u64,
    pub(super) requests: RequestCounts,
    pub(super) refusals: Refusals,
    pub(super) durations: Durations,
    pub(super) lingering: &'a [LingeringHost],
    pub(super) restarts: u32,
    pub(super) engine_rss: Option<u64>,
}

const STATES: [State; 6] = [
    State::Stopped,
    State::Starting,
    State::Running,
    State::Stopping,
    State::Backoff,
    State::Failed,
];
const HEALTH: [HealthState; 4] = [
    HealthState::Unknown,
    HealthState::Healthy,
    HealthState::Warning,
    HealthState::Broken,
];

/// All metrics.
pub(super) fn text(figures: &Figures<'_>) -> String {
    let mut text = Text::default();
    engine(&mut text, figures);
    editor(&mut text, figures);
    gateway(&mut text, figures);
    health(&mut text, figures.status);
    text.text
}

fn engine(text: &mut Text, figures: &Figures<'_>) {
    text.metric("doorcode_up", "gauge", "Whether the engine runs: 1.");
    text.sample("", &[], 1);
    text.metric("doorcode_build_info", "gauge", "The versions that run: 1.");
    let version = &figures.status.engine.version;
    let editor = figures.status.editor.version.as_deref().unwrap_or_default();
    text.sample("", &[("version", version), ("code_server", editor)], 1);
    if let Some(bytes) = figures.engine_rss {
        text.metric(
            "doorcode_engine_resident_bytes",
            "gauge",
            "Resident memory of the engine.",
        );
        text.sample("", &[], bytes);
    }
}

fn editor(text: &mut Text, figures: &Figures<'_>) {
    let status = figures.status;
    text.metric(
        "doorcode_editor_state",
        "gauge",
        "The editor's state: 1 for the one it is in.",
    );
    for state in STATES {
        text.sample("", &[("state", state.word())], u8::from(status.state == state));
    }
    text.metric(
        "doorcode_editor_restarts_total",
        "counter",
        "Starts of the editor after an exit nobody asked for.",
    );
    text.sample("", &[], figures.restarts);
    if let Some(bytes) = status.editor.rss_bytes {
        text.metric(
            "doorcode_editor_resident_bytes",
            "gauge",
            "Resident memory of the editor with all it started; shared pages count once for each process.",
        );
        text.sample("", &[], bytes);
    }
    text.metric(
        "doorcode_lingering_hosts",
        "gauge",
        "Extension hosts whose window has been gone for a minute and more.",
    );
    text.sample("", &[], figures.lingering.len());
    text.metric(
        "doorcode_lingering_resident_bytes",
        "gauge",
        "Resident memory of those.",
    );
    let bytes: u64 = figures.lingering.iter().map(|host| host.rss_bytes).sum();
    text.sample("", &[], bytes);
}

fn gateway(text: &mut Text, figures: &Figures<'_>) {
    let status = figures.status;
    for (name, help, value) in [
        (
            "doorcode_connections",
            "Open client connections.",
            status.connections,
        ),
        (
            "doorcode_websockets",
            "Open WebSockets; a window of the editor has two.",
            figures.websockets,
        ),
        ("doorcode_sessions", "Sign-ins that are valid.", status.sessions),
    ] {
        text.metric(name, "gauge", help);
        text.sample("", &[], value);
    }
    text.metric("doorcode_sign_ins_total", "counter", "Sign-ins.");
    text.sample("", &[], status.sessions_seen);
    text.metric(
        "doorcode_reconnects_total",
        "counter",
        "WebSockets of windows that connected again.",
    );
    text.sample("", &[], figures.reconnects);
    text.metric(
        "doorcode_requests_total",
        "counter",
        "Requests that are over, by the class of their status; a WebSocket is a 1xx at its end.",
    );
    for (class, count) in ["1xx", "2xx", "3xx", "4xx", "5xx"]
        .iter()
        .zip(figures.requests.by_class)
    {
        text.sample("", &[("class", class)], count);
    }
    text.metric(
        "doorcode_refusals_total",
        "counter",
        "Requests that were refused, by the code of the reason.",
    );
    for (code, count) in &figures.refusals {
        text.sample("", &[("code", code)], count);
    }
    text.metric(
        "doorcode_request_duration_seconds",
        "histogram",
        "From the end of a request's head to the beginning of the editor's answer, WebSockets left out.",
    );
    let Durations { at_most, count, sum } = &figures.durations;
    for (bound, count) in at_most {
        text.sample("_bucket", &[("le", &bound.to_string())], count);
    }
    text.sample("_bucket", &[("le", "+Inf")], count);
    text.sample("_sum", &[], sum);
    text.sample("_count", &[], count);
    text.metric(
        "doorcode_certificate_expiry_timestamp_seconds",
        "gauge",
        "The end of a host's certificate, seconds since 1970.",
    );
    for certificate in &status.certificates {
        let host = certificate.host.to_string();
        text.sample("", &[("host", &host)], certificate.not_after.unix_timestamp());
    }
}

fn health(text: &mut Text, status: &Status) {
    text.metric(
        "doorcode_health",
        "gauge",
        "What the probes found: 1 for the word that holds.",
    );
    for state in HEALTH {
        text.sample(
            "",
            &[("state", state.word())],
            u8::from(status.health.state == state),
        );
    }
    text.metric("doorcode_problem", "gauge", "What is wrong now, by code: 1 each.");
    let mut codes: Vec<&str> = status
        .problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        text.sample("", &[("code", code)], 1);
    }
}

/// A text that grows by metrics and their samples.
#[derive(Default)]
struct Text {
    text: String,
    /// The metric begun last.
    metric: &'static str,
}

impl Text {
    /// Begins a metric.
    fn metric(&mut self, name: &'static str, kind: &str, help: &str) {
        self.metric = name;
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// Adds a sample to the metric begun last, whose name may have an end of its own.
    fn sample(&mut self, end: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.text, "{}{end}", self.metric);
        for (index, (label, value)) in labels.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{label}=\"{}\"", escaped(value));
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{after} {value}");
    }
}

/// A label's value as it is written.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests;
