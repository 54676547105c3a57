//! Lines of doorcode.log, as `tracing_subscriber`'s plain format writes them: `TIME LEVEL target: message field=value`.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Level, Record};

pub(super) fn parse(line: &str) -> Option<Record> {
    let (time, rest) = line.split_once(' ')?;
    OffsetDateTime::parse(time, &Rfc3339).ok()?;
    let (level, text) = rest.trim_start().split_once(' ')?;
    let level = match level {
        "ERROR" => Level::Error,
        "WARN" => Level::Warn,
        "INFO" => Level::Info,
        "DEBUG" | "TRACE" => Level::Debug,
        _ => return None,
    };
    Some(Record {
        time: Some(time.to_owned()),
        level,
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_falls_into_time_level_and_text() {
        let line =
            "2026-11-21T11:44:51.421728Z  WARN doorcode_engine::engine: ended what was left swept=Some(3)";
        let expected = Record {
            time: Some("2026-11-21T11:44:51.421728Z".into()),
            level: Level::Warn,
            text: "doorcode_engine::engine: ended what was left swept=Some(3)".into(),
        };
        assert_eq!(parse(line), Some(expected));
        for other in [
            "",
            "   0: a backtrace",
            "now INFO x",
            "2026-11-21T11:44:51Z LOUD x",
            "2026-11-21T11:44:51Z",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    /// The format is the library's: this is what it writes.
    #[test]
    fn what_the_subscriber_writes_is_understood() {
        let written: std::sync::Arc<std::sync::Mutex<Vec<u8>>> = std::sync::Arc::default();
        let sink = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || Shared(sink.clone()))
            .finish();
        tracing::subscriber::with_default(subscriber, || tracing::error!(port = 8443, "the port is busy"));
        let line = String::from_utf8(written.lock().expect("unpoisoned").clone()).expect("UTF-8");
        let record = parse(line.trim_end()).expect("understood");
        assert_eq!(record.level, Level::Error);
        assert!(
            record.text.ends_with("the port is busy port=8443"),
            "{}",
            record.text
        );
    }

    struct Shared(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
