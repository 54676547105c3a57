//! A status as people read it.

use std::fmt::Write as _;

use doorcode_engine::{HealthBrief, State, Status};
use time::OffsetDateTime;

use crate::output::{self, BAD, DIM, GOOD, WARN};

/// All of it but the problems, which go to standard error.
pub(super) fn whole(status: &Status) -> String {
    let mut text = brief(status);
    for certificate in &status.certificates {
        let (host, fingerprint) = (&certificate.host, &certificate.fingerprint);
        let left = match certificate.not_after <= OffsetDateTime::now_utc() {
            true => format!("expired on {}", certificate.not_after.date()),
            false => format!("{} days left", certificate.days_left),
        };
        line(
            &mut text,
            "certificate",
            &format!("{host}, {left} {DIM}{fingerprint}{DIM:#}"),
        );
    }
    text
}

/// What a screen that is looked at in passing has room for: the state, the figures, and the first problem.
pub(super) fn glance(status: &Status) -> String {
    let mut text = brief(status);
    if let Some(problem) = status.problems.first() {
        let (code, message) = (&problem.code, &problem.message);
        let more = match status.problems.len() - 1 {
            0 => String::new(),
            more => format!(" {DIM}(and {more} more: doorcode status){DIM:#}"),
        };
        let (style, word) = match status.broken.contains(code) {
            true => (BAD, "broken"),
            false => (WARN, "warning"),
        };
        let _ = writeln!(
            text,
            "{style}{word}{style:#} {DIM}[{code}]{DIM:#} {message}{more}"
        );
        let _ = writeln!(text, "  next: {}", problem.fix);
    }
    text
}

/// Writing to a string does not fail.
fn brief(status: &Status) -> String {
    let colour = match status.state {
        State::Running => GOOD,
        State::Failed | State::Backoff => BAD,
        _ => WARN,
    };
    let mut text = format!(
        "{colour}{}{colour:#}  {}\n",
        status.state.word(),
        status.urls.join("  ")
    );
    if status.engine.pid.is_none() {
        text.push_str("  next: doorcode up\n");
        return text;
    }
    let editor = editor(status);
    if !editor.is_empty() {
        line(&mut text, "editor", &editor.join(", "));
    }
    let (auth, sessions, connections) = (status.auth.as_str(), status.sessions, status.connections);
    line(
        &mut text,
        "sign-in",
        &format!("{auth}, {sessions} signed in, {connections} connections"),
    );
    if let Some(latency) = latency(status.health) {
        line(&mut text, "latency", &latency);
    }
    text
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "  {name:<11}  {value}");
}

fn editor(status: &Status) -> Vec<String> {
    let editor = &status.editor;
    let mut words = Vec::new();
    words.extend(
        editor
            .version
            .as_ref()
            .map(|version| format!("code-server {version}")),
    );
    words.extend(editor.pid.map(|pid| format!("process {pid}")));
    words.extend(editor.rss_bytes.map(output::bytes));
    let now = OffsetDateTime::now_utc();
    words.extend(
        editor
            .started_at
            .map(|start| format!("up {}", output::span(now - start))),
    );
    if editor.restarts > 0 {
        words.push(format!("restarted {} times", editor.restarts));
    }
    words
}

/// `None` while nothing was asked of the editor.
fn latency(health: HealthBrief) -> Option<String> {
    let (p50, p95) = (millis(health.p50_micros?), millis(health.p95_micros?));
    Some(format!(
        "half of the answers within {p50} ms, 95 % within {p95} ms"
    ))
}

fn millis(micros: u32) -> String {
    match micros {
        0..10_000 => format!("{:.1}", f64::from(micros) / 1e3),
        _ => (micros / 1_000).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use doorcode_engine::CertificateStatus;
    use doorcode_settings::Problem;

    use super::*;

    fn running() -> Status {
        let mut status = Status::not_running();
        status.state = State::Running;
        status.engine.pid = Some(1);
        status
    }

    #[test]
    fn latency_is_told_once_there_is_one() {
        let mut status = running();
        assert!(!whole(&status).contains("latency"));
        status.health.p50_micros = Some(1_234);
        status.health.p95_micros = Some(25_900);
        let text = whole(&status);
        assert!(
            text.contains("  latency      half of the answers within 1.2 ms, 95 % within 25 ms\n"),
            "{text}"
        );
    }

    #[test]
    fn a_glance_has_the_first_problem_and_the_number_of_the_others() {
        let mut status = running();
        assert!(!glance(&status).contains("warning"));
        status.problems = ["first", "second"]
            .map(|code| Problem::new(code, format!("the {code} one"), "doorcode logs"))
            .to_vec();
        let text = anstream::adapter::strip_str(&glance(&status)).to_string();
        assert!(
            text.ends_with(
                "warning [first] the first one (and 1 more: doorcode status)\n  next: doorcode logs\n"
            ),
            "{text}"
        );
        status.broken = vec!["first".to_owned()];
        let text = anstream::adapter::strip_str(&glance(&status)).to_string();
        assert!(text.contains("\nbroken [first] the first one"), "{text}");
    }

    #[test]
    fn a_certificate_that_is_over_has_no_days_left() {
        let mut status = running();
        let certificate = |ends: time::Duration| CertificateStatus {
            host: "localhost".parse().expect("a host"),
            not_after: OffsetDateTime::now_utc() + ends,
            days_left: ends.whole_days(),
            fingerprint: "AA:BB".to_owned(),
        };
        status.certificates = vec![
            certificate(time::Duration::HOUR),
            certificate(-time::Duration::HOUR),
        ];
        let text = whole(&status);
        assert!(text.contains("localhost, 0 days left"), "{text}");
        assert!(text.contains("localhost, expired on "), "{text}");
    }
}
