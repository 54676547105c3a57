//! Medians, spreads, percentiles.

use std::time::Duration;

/// How long many requests or messages took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    ascending: Vec<Duration>,
}

impl From<Vec<Duration>> for Latencies {
    fn from(mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Self { ascending: latencies }
    }
}

impl FromIterator<Latencies> for Latencies {
    fn from_iter<I: IntoIterator<Item = Latencies>>(parts: I) -> Self {
        Self::from(
            parts
                .into_iter()
                .flat_map(|part| part.ascending)
                .collect::<Vec<_>>(),
        )
    }
}

impl Latencies {
    pub(crate) fn count(&self) -> usize {
        self.ascending.len()
    }

    /// The time within which `percent` of them were done, in microseconds; 0 when there are none.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.ascending.len() * percent).div_ceil(100).saturating_sub(1);
        self.ascending
            .get(rank)
            .map_or(0.0, |latency| latency.as_secs_f64() * 1e6)
    }
}

/// What a set of samples comes to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

/// `None` when there are no samples.
pub(crate) fn summarize(samples: impl IntoIterator<Item = f64>) -> Option<Summary> {
    let mut ascending: Vec<f64> = samples.into_iter().collect();
    ascending.sort_unstable_by(f64::total_cmp);
    let (&min, &max) = (ascending.first()?, ascending.last()?);
    let middle = ascending.len() / 2;
    let median = match ascending.len() % 2 {
        0 => f64::midpoint(ascending[middle - 1], ascending[middle]),
        _ => ascending[middle],
    };
    Some(Summary { median, min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        let summary = summarize([4.0, 1.0, 3.0, 2.0]).expect("there are samples");
        assert_eq!(
            summary,
            Summary {
                median: 2.5,
                min: 1.0,
                max: 4.0
            }
        );
        assert_eq!(summarize([]), None);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let latencies = Latencies::from((1..=200).rev().map(Duration::from_micros).collect::<Vec<_>>());
        assert_eq!(latencies.percentile(50), 100.0);
        assert_eq!(latencies.percentile(99), 198.0);
        assert_eq!(latencies.percentile(100), 200.0);
        assert_eq!(Latencies::default().percentile(99), 0.0);
    }
}
