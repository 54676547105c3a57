//! What people see: colours on a terminal only, problems on stderr as what, on what, next command.

use std::fmt::Write as _;

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};
use doorcode_settings::Problem;
use doorcode_trust::{State, StoreReport};
use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::failure::Failure;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Prints why the command failed.
pub(crate) fn failure(failure: &Failure) {
    let Problem { code, message, fix } = &failure.problem;
    eprintln!("{BAD}error{BAD:#} {DIM}[{code}]{DIM:#} {message}");
    next(fix);
}

/// Prints a problem that does not stop the command.
pub(crate) fn warning(problem: &Problem) {
    let Problem { code, message, fix } = problem;
    eprintln!("{WARN}warning{WARN:#} {DIM}[{code}]{DIM:#} {message}");
    next(fix);
}

/// Prints how things stand with a trust store.
pub(crate) fn store(report: &StoreReport) {
    let (style, word) = match report.state {
        State::Trusted => (GOOD, "trusted"),
        State::RestartNeeded => (WARN, "trusted, once it is opened again"),
        State::NotTrusted => (BAD, "not trusted"),
        State::NotInstalled => (DIM, "nothing here reads it"),
        State::Unknown => (WARN, "unknown"),
    };
    let StoreReport {
        title, id, detail, ..
    } = report;
    println!("{style}{word:<13}{style:#} {title} {DIM}[{id}] {detail}{DIM:#}");
}

/// Prints a problem that keeps people from working, in the doctor's words.
pub(crate) fn broken(problem: &Problem) {
    let Problem { code, message, fix } = problem;
    eprintln!("{BAD}broken{BAD:#} {DIM}[{code}]{DIM:#} {message}");
    next(fix);
}

fn next(fix: &str) {
    if !fix.is_empty() {
        eprintln!("  next: {fix}");
    }
}

/// Prints `value` as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(error) => return Err(Problem::new("json", format!("cannot print JSON: {error}"), "").into()),
    }
    Ok(())
}

/// A time as people read it, UTC, to the minute.
pub(crate) fn moment(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    time.format(format).unwrap_or_else(|_| time.to_string())
}

/// How long ago, or how long a span is, to its largest two units.
pub(crate) fn span(span: time::Duration) -> String {
    let seconds = span.whole_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Bytes as people read them.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Rows under a heading, columns aligned, two spaces between them.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..heading.len())
        .map(|column| {
            let cells = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count());
            cells.chain([heading[column].len()]).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    let heading: Vec<String> = heading.iter().map(|name| name.to_uppercase()).collect();
    for row in std::iter::once(&heading).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_end_clean() {
        let rows = vec![
            vec!["a".to_owned(), "1".to_owned()],
            vec!["longer".to_owned(), "22".to_owned()],
        ];
        assert_eq!(table(&["id", "n"], &rows), "ID      N\na       1\nlonger  22\n");
    }

    #[test]
    fn spans_are_said_in_their_largest_units() {
        assert_eq!(span(time::Duration::seconds(59)), "59 s");
        assert_eq!(span(time::Duration::seconds(7_260)), "2 h 1 min");
        assert_eq!(span(time::Duration::days(31)), "31 d 0 h");
    }
}
