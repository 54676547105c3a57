//! The samples of a run.

use std::collections::BTreeMap;

use crate::contenders::Column;
use crate::error::BenchError;
use crate::measures::{Group, Measure};
use crate::statistics::{Summary, summarize};

/// Samples by row and column, one a round, and what could not be measured.
#[derive(Default)]
pub(crate) struct Sheet {
    samples: BTreeMap<(Measure, Column), Vec<f64>>,
    failures: Vec<String>,
}

impl Sheet {
    /// Keeps what one load gave, or why it gave nothing.
    pub(crate) fn record_all(
        &mut self,
        column: Column,
        group: Group,
        figures: Result<Vec<(Measure, f64)>, BenchError>,
    ) {
        match figures {
            Ok(figures) => {
                for (measure, value) in figures {
                    self.samples.entry((measure, column)).or_default().push(value);
                }
            }
            Err(error) => {
                let failure = format!("{}, {group:?}: {error}", column.title());
                if !self.failures.contains(&failure) {
                    self.failures.push(failure);
                }
            }
        }
    }

    pub(crate) fn samples(&self, measure: Measure, column: Column) -> &[f64] {
        self.samples.get(&(measure, column)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn summary(&self, measure: Measure, column: Column) -> Option<Summary> {
        summarize(self.samples(measure, column).iter().copied())
    }

    /// Doorcode's figure divided by `other`'s, round by round: neighbours in time shared the machine's moods.
    /// `None` where a round of either is missing.
    pub(crate) fn ratio(&self, measure: Measure, other: Column) -> Option<Summary> {
        let (ours, theirs) = (
            self.samples(measure, Column::Doorcode),
            self.samples(measure, other),
        );
        if ours.len() != theirs.len() {
            return None;
        }
        summarize(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs))
    }

    /// The rows that have a figure, in the table's order.
    pub(crate) fn measures(&self) -> impl Iterator<Item = Measure> {
        Measure::ALL
            .into_iter()
            .filter(|measure| self.samples.keys().any(|(row, _)| row == measure))
    }

    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_pair_rounds_and_need_all_of_them() {
        let mut sheet = Sheet::default();
        for (nginx, doorcode) in [(100.0, 150.0), (50.0, 100.0), (200.0, 200.0)] {
            sheet.record_all(Column::Nginx, Group::Stream, Ok(vec![(Measure::Stream, nginx)]));
            sheet.record_all(
                Column::Doorcode,
                Group::Stream,
                Ok(vec![(Measure::Stream, doorcode)]),
            );
        }
        let expected = Summary {
            median: 1.5,
            min: 1.0,
            max: 2.0,
        };
        assert_eq!(sheet.ratio(Measure::Stream, Column::Nginx), Some(expected));
        sheet.record_all(Column::Nginx, Group::Stream, Ok(vec![(Measure::Stream, 1.0)]));
        assert_eq!(sheet.ratio(Measure::Stream, Column::Nginx), None);
        assert_eq!(sheet.ratio(Measure::Stream, Column::Caddy), None);
    }

    #[test]
    fn a_failure_is_kept_once_with_who_and_what() {
        let mut sheet = Sheet::default();
        for _round in 0..2 {
            let error = BenchError::Unexpected("no luck".to_owned());
            sheet.record_all(Column::Caddy, Group::Websocket, Err(error));
        }
        assert_eq!(sheet.failures(), ["Caddy, Websocket: no luck"]);
        assert_eq!(sheet.measures().count(), 0);
    }
}
