//! Lines of code-server and of the VS Code server in it: `[TIME] level text` and `[HH:MM:SS] text`.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Level, Record};

/// None for a line that begins nothing: it belongs to the one before.
pub(super) fn parse(line: &str) -> Option<Record> {
    let (bracketed, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    if OffsetDateTime::parse(bracketed, &Rfc3339).is_ok() {
        let (level, text) = leading_level(rest);
        return Some(Record {
            time: Some(bracketed.to_owned()),
            level,
            text: text.to_owned(),
        });
    }
    // Without a date: as much as there is stays in the text.
    is_clock(bracketed).then(|| Record {
        time: None,
        level: bracketed_level(rest),
        text: line.to_owned(),
    })
}

/// code-server's logger pads its levels to one width.
fn leading_level(text: &str) -> (Level, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    match word {
        "error" => (Level::Error, rest),
        "warn" => (Level::Warn, rest),
        "info" => (Level::Info, rest),
        "debug" | "trace" => (Level::Debug, rest),
        _ => (Level::Info, text),
    }
}

/// The server writes what went wrong with `[error]` or the name of the exception.
fn bracketed_level(text: &str) -> Level {
    let start: String = text.chars().take(120).collect::<String>().to_lowercase();
    if start.contains("[error]") || start.starts_with("error") || start.contains("uncaught exception") {
        Level::Error
    } else if start.contains("[warn") || start.starts_with("warn") {
        Level::Warn
    } else if start.contains("[debug]") || start.contains("[trace]") {
        Level::Debug
    } else {
        Level::Info
    }
}

/// `11:45:13`
fn is_clock(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_code_server_fall_into_time_level_and_text() {
        for (line, level, text) in [
            (
                "info  code-server 4.139.1 53c2f32",
                Level::Info,
                "code-server 4.139.1 53c2f32",
            ),
            (
                "info    - Not serving HTTPS",
                Level::Info,
                "  - Not serving HTTPS",
            ),
            ("error EACCES: denied", Level::Error, "EACCES: denied"),
            ("warn  careful", Level::Warn, "careful"),
            ("debug quietly", Level::Debug, "quietly"),
            ("no level here", Level::Info, "no level here"),
        ] {
            let record = parse(&format!("[2026-11-21T11:45:13.648Z] {line}")).expect("a record");
            assert_eq!(record.time.as_deref(), Some("2026-11-21T11:45:13.648Z"));
            assert_eq!((record.level, record.text.as_str()), (level, text), "{line}");
        }
    }

    #[test]
    fn lines_of_the_server_in_it_keep_their_clock() {
        for (line, level) in [
            ("[11:45:13] Extension host agent started.", Level::Info),
            ("[11:45:13] [error] the file is gone", Level::Error),
            ("[11:45:13] Error: connect ECONNREFUSED", Level::Error),
            (
                "[11:45:13] [127.0.0.1][ab][ManagementConnection] New connection established.",
                Level::Info,
            ),
            ("[11:45:13] [warning] slow", Level::Warn),
        ] {
            let expected = Record {
                time: None,
                level,
                text: line.to_owned(),
            };
            assert_eq!(parse(line), Some(expected));
        }
        for other in [
            "",
            "[reconnection-grace-time] Parsed CLI argument",
            "    at x",
            "[11:45] x",
            "[",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
