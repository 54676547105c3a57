//! How long answers took: the last 5 minutes in slots of 10 s, and all of them for the metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::histogram::{Histogram, Sum};
use super::view::{Durations, LatencyView};
use crate::workers;

const SLOT: Duration = Duration::from_secs(10);
/// Slots that are shown.
const SHOWN: u64 = 30;
/// Slots that are kept: the one being written must not be one that is shown.
const KEPT: u64 = SHOWN + 1;

/// Upper bounds of the histogram that is kept for good, microseconds.
const BOUNDS: [u64; 13] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000,
];

/// The figures of all threads.
#[derive(Debug)]
pub(crate) struct Latency {
    began: Instant,
    threads: Vec<Box<Thread>>,
}

/// What one thread writes; aligned so that no other's is in the same cache line.
#[derive(Debug)]
#[repr(align(128))]
struct Thread {
    slots: [Slot; KEPT as usize],
    by_bound: [AtomicU64; BOUNDS.len() + 1],
    sum_micros: AtomicU64,
}

#[derive(Debug, Default)]
struct Slot {
    /// Which 10 s since the beginning it holds, plus one; 0 before the first.
    number: AtomicU64,
    values: Histogram,
}

impl Latency {
    pub(crate) fn new() -> Latency {
        let thread = || Thread {
            slots: std::array::from_fn(|_| Slot::default()),
            by_bound: std::array::from_fn(|_| AtomicU64::new(0)),
            sum_micros: AtomicU64::new(0),
        };
        Latency {
            began: Instant::now(),
            threads: (0..workers::count()).map(|_| Box::new(thread())).collect(),
        }
    }

    /// An answer at `now` to a request whose head was read at `began`. To be called on the thread that serves it.
    pub(crate) fn answered(&self, began: Instant, now: Instant) {
        let micros = now.saturating_duration_since(began).as_micros() as u64;
        let thread = &self.threads[workers::current()];
        thread.slot(self.number(now)).values.add(micros);
        let bound = BOUNDS.partition_point(|bound| *bound < micros);
        thread.by_bound[bound].fetch_add(1, Ordering::Relaxed);
        thread.sum_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The last 5 minutes.
    pub(crate) fn view(&self) -> LatencyView {
        self.view_at(Instant::now())
    }

    /// All answers so far.
    pub(crate) fn durations(&self) -> Durations {
        let total = |bound: usize| -> u64 {
            let of_thread = |thread: &Thread| thread.by_bound[bound].load(Ordering::Relaxed);
            self.threads.iter().map(|thread| of_thread(thread)).sum()
        };
        let mut count = 0;
        let at_most = BOUNDS
            .iter()
            .enumerate()
            .map(|(index, micros)| {
                count += total(index);
                (*micros as f64 / 1e6, count)
            })
            .collect();
        let micros: u64 = self
            .threads
            .iter()
            .map(|thread| thread.sum_micros.load(Ordering::Relaxed))
            .sum();
        Durations {
            at_most,
            count: count + total(BOUNDS.len()),
            sum: micros as f64 / 1e6,
        }
    }

    fn view_at(&self, now: Instant) -> LatencyView {
        let last = self.number(now);
        let first = last.saturating_sub(SHOWN - 1);
        let mut whole = Sum::default();
        let mut spark: Vec<Option<u32>> = Vec::with_capacity(SHOWN as usize);
        for number in first..=last {
            let slot = self.sum_of(number);
            spark.push(slot.percentile(95));
            whole.add(&slot);
        }
        // Before the first 5 minutes are over, the oldest are missing.
        let missing = SHOWN as usize - spark.len();
        spark.splice(0..0, std::iter::repeat_n(None, missing));
        LatencyView {
            p50_micros: whole.percentile(50),
            p95_micros: whole.percentile(95),
            requests: whole.count(),
            spark,
        }
    }

    fn sum_of(&self, number: u64) -> Sum {
        let mut sum = Sum::default();
        for thread in &self.threads {
            let slot = &thread.slots[(number % KEPT) as usize];
            if slot.number.load(Ordering::Acquire) == number + 1 {
                slot.values.add_to(&mut sum);
            }
        }
        sum
    }

    fn number(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs() / SLOT.as_secs()
    }
}

impl Thread {
    /// The slot of the 10 s with this number, emptied when it still holds others: only this thread writes it.
    fn slot(&self, number: u64) -> &Slot {
        let slot = &self.slots[(number % KEPT) as usize];
        if slot.number.load(Ordering::Relaxed) != number + 1 {
            slot.number.store(0, Ordering::Release);
            slot.values.clear();
            slot.number.store(number + 1, Ordering::Release);
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// Adds `count` answers of `took`, given `after` the beginning.
    fn add(latency: &Latency, after: Duration, took: Duration, count: usize) {
        let now = latency.began + after + took;
        (0..count).for_each(|_| latency.answered(latency.began + after, now));
    }

    fn near(found: Option<u32>, micros: u32) -> bool {
        found.is_some_and(|found| found.abs_diff(micros) <= micros / 16)
    }

    #[test]
    fn the_spark_is_a_value_for_every_ten_seconds() {
        let latency = Latency::new();
        add(&latency, Duration::ZERO, MILLISECOND, 10);
        add(&latency, 2 * SLOT, 4 * MILLISECOND, 10);
        let view = latency.view_at(latency.began + 2 * SLOT + SLOT / 2);
        assert_eq!(view.spark.len(), 30);
        assert!(view.spark[..27].iter().all(Option::is_none));
        assert!(near(view.spark[27], 1_000) && view.spark[28].is_none() && near(view.spark[29], 4_000));
        assert_eq!(view.requests, 20);
        assert!(
            near(view.p50_micros, 1_000) && near(view.p95_micros, 4_000),
            "{view:?}"
        );
    }

    #[test]
    fn what_is_older_than_five_minutes_is_forgotten_and_its_slot_used_again() {
        let latency = Latency::new();
        add(&latency, Duration::ZERO, MILLISECOND, 5);
        assert_eq!(latency.view_at(latency.began + 29 * SLOT).requests, 5);
        assert_eq!(
            latency.view_at(latency.began + 30 * SLOT),
            LatencyView {
                spark: vec![None; 30],
                ..LatencyView::default()
            }
        );
        add(&latency, SLOT * KEPT as u32, MILLISECOND, 3);
        assert_eq!(latency.view_at(latency.began + SLOT * KEPT as u32).requests, 3);
    }

    #[test]
    fn the_histogram_of_all_is_cumulative() {
        let latency = Latency::new();
        add(&latency, Duration::ZERO, MILLISECOND, 3);
        add(&latency, Duration::ZERO, Duration::from_micros(1_001), 1);
        add(&latency, Duration::ZERO, Duration::from_secs(6), 1);
        let durations = latency.durations();
        let at_most = |seconds: f64| {
            let found = durations.at_most.iter().find(|(bound, _)| *bound == seconds);
            found.expect("a bound").1
        };
        assert_eq!(
            (at_most(0.0005), at_most(0.001), at_most(0.0025), at_most(5.0)),
            (0, 3, 4, 4)
        );
        assert_eq!(durations.count, 5);
        assert!((durations.sum - 6.004_001).abs() < 1e-6, "{}", durations.sum);
    }
}
