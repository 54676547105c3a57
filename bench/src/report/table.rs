//! The table for people: medians, and below each the range from the smallest to the largest sample.

use std::fmt::Write as _;

use time::format_description::well_known::Rfc3339;

use crate::contenders::Column;
use crate::measures::Measure;
use crate::report::Report;
use crate::statistics::Summary;

const LABEL: usize = 31;
const CELL: usize = 14;
/// Whom Doorcode is divided by.
pub(crate) const RIVALS: [Column; 2] = [Column::Nginx, Column::Caddy];

pub(crate) fn render(report: &Report) -> String {
    let mut text = heading(report);
    let titles = Column::ALL.map(|column| column.title().to_owned());
    let ratios = RIVALS.map(|rival| format!("D/{}", rival.title()));
    text.push_str(&line("", titles.into_iter().chain(ratios)));
    for measure in report.sheet.measures() {
        let cells: Vec<(String, String)> = Column::ALL
            .iter()
            .map(|column| cell(report.sheet.summary(measure, *column), figure))
            .chain(
                RIVALS
                    .iter()
                    .map(|rival| cell(report.sheet.ratio(measure, *rival), ratio)),
            )
            .collect();
        let (medians, ranges): (Vec<String>, Vec<String>) = cells.into_iter().unzip();
        text.push_str(&line(&label(measure), medians));
        if ranges.iter().any(|range| !range.is_empty()) {
            text.push_str(&line("", ranges));
        }
    }
    text.push_str("\n↑ more is better, ↓ less is better. D/… is Doorcode's figure divided by the other's, round by round.\n");
    for failure in report.sheet.failures() {
        let _ = writeln!(text, "missing: {failure}");
    }
    text
}

fn heading(report: &Report) -> String {
    let date = report.date.format(&Rfc3339).unwrap_or_default();
    let mut text = format!(
        "{date}, {} cores, {} s a load\n",
        report.cores,
        report.seconds.as_secs_f64()
    );
    for (column, version) in &report.versions {
        let _ = writeln!(text, "{}: {version}", column.title());
    }
    text.push('\n');
    text
}

fn label(measure: Measure) -> String {
    let arrow = if measure.more_is_better() { '↑' } else { '↓' };
    format!("{} {} {arrow}", measure.label(), measure.unit())
}

/// Counted in characters, which all are one column wide here.
fn line(label: &str, cells: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("{label:<LABEL$}");
    for cell in cells {
        let _ = write!(text, "{cell:>CELL$}");
    }
    format!("{}\n", text.trim_end())
}

/// The median, and the range where there is one.
fn cell(summary: Option<Summary>, format: fn(f64) -> String) -> (String, String) {
    let Some(Summary { median, min, max }) = summary else {
        return ("–".to_owned(), String::new());
    };
    let range = if min < max {
        format!("{}–{}", short(min, format), short(max, format))
    } else {
        String::new()
    };
    (format(median), range)
}

/// Ranges have less room: thousands become k.
fn short(value: f64, format: fn(f64) -> String) -> String {
    match value {
        100_000.0.. => format!("{:.0}k", value / 1000.0),
        10_000.0.. => format!("{:.1}k", value / 1000.0),
        _ => format(value),
    }
}

/// Three digits are about what the noise leaves; above a thousand, whole numbers with separators.
fn figure(value: f64) -> String {
    match value {
        1000.0.. => separated(value.round() as u64),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn ratio(value: f64) -> String {
    format!("{value:.2}")
}

fn separated(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_digits() {
        let shown = [0.123, 9.876, 47.25, 123.4, 1234.5, 1_234_567.0].map(figure);
        assert_eq!(shown, ["0.12", "9.88", "47.2", "123", "1,235", "1,234,567"]);
    }

    #[test]
    fn a_cell_without_samples_is_a_dash_and_one_sample_has_no_range() {
        assert_eq!(cell(None, figure), ("–".to_owned(), String::new()));
        let one = Summary {
            median: 7.0,
            min: 7.0,
            max: 7.0,
        };
        assert_eq!(cell(Some(one), figure), ("7.00".to_owned(), String::new()));
        let many = Summary {
            median: 37_000.0,
            min: 35_050.0,
            max: 39_000.0,
        };
        assert_eq!(
            cell(Some(many), figure),
            ("37,000".to_owned(), "35.0k–39.0k".to_owned())
        );
    }
}
