//! A histogram of microseconds whose bars grow with the value, so that its error is the same share everywhere.

use std::sync::atomic::{AtomicU32, Ordering};

/// Bars for each doubling: a value is known to a sixteenth of itself.
const STEPS: u32 = 8;
const STEP_BITS: u32 = STEPS.ilog2();
/// From 2^26 µs on, which is a minute, all is one.
const DOUBLINGS: u32 = 26;
/// How many bars there are.
pub(super) const BARS: usize = (STEPS * (DOUBLINGS - STEP_BITS + 1)) as usize;

/// Counted values.
#[derive(Debug)]
pub(super) struct Histogram([AtomicU32; BARS]);

impl Default for Histogram {
    fn default() -> Self {
        Histogram(std::array::from_fn(|_| AtomicU32::new(0)))
    }
}

impl Histogram {
    pub(super) fn add(&self, micros: u64) {
        self.0[bar_of(micros)].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn clear(&self) {
        self.0.iter().for_each(|bar| bar.store(0, Ordering::Relaxed));
    }

    /// Adds its bars to `sum`.
    pub(super) fn add_to(&self, sum: &mut Sum) {
        for (sum, bar) in sum.0.iter_mut().zip(&self.0) {
            *sum += u64::from(bar.load(Ordering::Relaxed));
        }
    }
}

/// Several histograms, added up.
#[derive(Debug)]
pub(super) struct Sum([u64; BARS]);

impl Default for Sum {
    fn default() -> Self {
        Sum([0; BARS])
    }
}

impl Sum {
    pub(super) fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(super) fn add(&mut self, other: &Sum) {
        self.0.iter_mut().zip(&other.0).for_each(|(sum, bar)| *sum += bar);
    }

    /// The microseconds that `percent` of the values stay below or reach; none without values.
    pub(super) fn percentile(&self, percent: u64) -> Option<u32> {
        let rank = (self.count() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let bar = self.0.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        Some(middle_of(bar))
    }
}

/// Values below [`STEPS`] have a bar each; of the others, the highest bit and the [`STEP_BITS`] behind it decide.
fn bar_of(micros: u64) -> usize {
    let micros = micros.min((1 << DOUBLINGS) - 1) as u32;
    if micros < STEPS {
        return micros as usize;
    }
    let shift = micros.ilog2() - STEP_BITS;
    ((shift << STEP_BITS) + (micros >> shift)) as usize
}

fn middle_of(bar: usize) -> u32 {
    // As long as BARS is, which fits.
    let bar = bar as u32;
    if bar < STEPS {
        return bar;
    }
    let shift = (bar >> STEP_BITS) - 1;
    let first = (STEPS + (bar & (STEPS - 1))) << shift;
    first + ((1 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_known_to_a_sixteenth() {
        let mut value = 1_u64;
        while value < 1 << DOUBLINGS {
            let bar = bar_of(value);
            assert!(bar < BARS);
            let found = u64::from(middle_of(bar));
            assert!(
                found.abs_diff(value) * 16 <= value.max(16),
                "{value} became {found}"
            );
            value += value / 7 + 1;
        }
        assert_eq!(bar_of(u64::MAX), BARS - 1);
    }

    #[test]
    fn bars_are_in_the_order_of_their_values() {
        let bars: Vec<usize> = (0..100_000).map(bar_of).collect();
        assert!(bars.is_sorted_by(|one, next| one == next || one + 1 == *next));
    }

    #[test]
    fn percentiles_are_those_of_the_values() {
        let histogram = Histogram::default();
        for micros in 1..=1000 {
            histogram.add(micros);
        }
        let mut sum = Sum::default();
        assert_eq!(sum.percentile(50), None);
        histogram.add_to(&mut sum);
        let (p50, p95) = (
            sum.percentile(50).expect("values"),
            sum.percentile(95).expect("values"),
        );
        assert!((469..=531).contains(&p50), "{p50}");
        assert!((891..=1009).contains(&p95), "{p95}");
        assert_eq!(sum.count(), 1000);
        histogram.clear();
        let mut none = Sum::default();
        histogram.add_to(&mut none);
        assert_eq!(none.count(), 0);
    }
}
