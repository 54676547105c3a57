//! Lines of access.log: JSON for programs, a sentence for people.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Level, Record};

/// What of a line is shown.
#[derive(Deserialize)]
struct Line {
    ts: String,
    client: String,
    host: String,
    method: String,
    path: String,
    status: u16,
    bytes: u64,
    millis: f64,
    session: Option<String>,
    protocol: String,
    code: Option<String>,
}

/// None for what is no line of ours.
pub(super) fn parse(line: &str) -> Option<Record> {
    let line: Line = serde_json::from_str(line).ok()?;
    Some(Record {
        level: level(line.status),
        text: sentence(&line),
        time: Some(doorcode_logs::plain(&line.ts)),
    })
}

/// By status; 499 is a client that left, which is nobody's mistake.
fn level(status: u16) -> Level {
    match status {
        500.. => Level::Error,
        499 => Level::Info,
        400..=498 => Level::Warn,
        _ => Level::Info,
    }
}

fn sentence(line: &Line) -> String {
    let mut text = format!("{} {} {}", line.status, line.method, line.path);
    if let Some(code) = &line.code {
        let _ = write!(text, " ({code})");
    }
    let _ = write!(
        text,
        " · {} · {} bytes in {:.1} ms · {} from {}",
        line.host, line.bytes, line.millis, line.protocol, line.client
    );
    if let Some(session) = &line.session {
        let _ = write!(text, " · session {session}");
    }
    // The line had controls as JSON escapes, which are characters again by now.
    doorcode_logs::plain(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"ts":"2026-11-21T11:45:13.648Z","id":"0a-1","client":"10.0.0.7","host":"a.example:8443","method":"GET","path":"/x\u001b[31m","status":200,"bytes":12,"millis":3.25,"session":"ab12cd34","protocol":"h2"}"#;

    #[test]
    fn a_request_is_a_sentence_without_the_controls_that_its_json_had_escaped() {
        let record = parse(LINE).expect("a record");
        assert_eq!(record.time.as_deref(), Some("2026-11-21T11:45:13.648Z"));
        assert_eq!(
            record.text,
            "200 GET /x · a.example:8443 · 12 bytes in 3.2 ms · h2 from 10.0.0.7 · session ab12cd34"
        );
    }

    #[test]
    fn the_level_is_that_of_the_status() {
        for (status, expected) in [
            (101, Level::Info),
            (302, Level::Info),
            (401, Level::Warn),
            (499, Level::Info),
            (502, Level::Error),
        ] {
            let line = LINE.replace("\"status\":200", &format!("\"status\":{status},\"code\":\"why\""));
            let record = parse(&line).expect("a record");
            assert_eq!(record.level, expected, "{status}");
            assert!(
                record.text.starts_with(&format!("{status} GET /x (why) ·")),
                "{}",
                record.text
            );
        }
        assert_eq!(parse("{\"ts\":1}"), None);
    }
}
