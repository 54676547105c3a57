//! How long to wait before the next start, and when to give up.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::launch::Timing;

/// Counts the exits nobody asked for.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    exits: VecDeque<Instant>,
}

/// What to do after an exit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Retry { attempt: u32, delay: Duration },
    GiveUp { exits: usize },
}

impl Backoff {
    /// Forgets all exits: somebody asked for a start.
    pub(crate) fn reset(&mut self) {
        self.exits.clear();
    }

    /// Counts an exit at `now`. An editor that `was_ready` is forgiven what lies longer ago than the window; one that
    /// never became ready is not, or slow failures would go on for ever. `random` spreads the delay.
    pub(crate) fn exited(&mut self, timing: &Timing, now: Instant, was_ready: bool, random: u32) -> Verdict {
        if was_ready {
            self.exits
                .retain(|exit| now.duration_since(*exit) < timing.window);
        }
        self.exits.push_back(now);
        if self.exits.len() >= timing.give_up_after {
            return Verdict::GiveUp {
                exits: self.exits.len(),
            };
        }
        let attempt = u32::try_from(self.exits.len()).unwrap_or(u32::MAX);
        let doubled = timing
            .backoff_base
            .saturating_mul(2u32.saturating_pow(attempt - 1));
        let longest = doubled.min(timing.backoff_cap);
        // Between half of it and all of it.
        let delay = longest / 2 + (longest / 2).mul_f64(f64::from(random) / f64::from(u32::MAX));
        Verdict::Retry { attempt, delay }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing {
        start_limit: Duration::from_secs(60),
        stop_limit: Duration::from_secs(5),
        window: Duration::from_secs(120),
        give_up_after: 5,
        backoff_base: Duration::from_millis(500),
        backoff_cap: Duration::from_secs(3),
    };

    fn delays(random: u32) -> Vec<Duration> {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        let verdicts = (0..4).map(|_| backoff.exited(&TIMING, now, true, random));
        verdicts
            .map(|verdict| {
                if let Verdict::Retry { delay, .. } = verdict {
                    delay
                } else {
                    panic!("{verdict:?}")
                }
            })
            .collect()
    }

    #[test]
    fn delays_double_up_to_the_cap_and_are_spread_over_their_upper_half() {
        assert_eq!(
            delays(u32::MAX),
            [500, 1000, 2000, 3000].map(Duration::from_millis)
        );
        assert_eq!(delays(0), [250, 500, 1000, 1500].map(Duration::from_millis));
    }

    #[test]
    fn the_fifth_exit_within_the_window_is_the_last() {
        let (mut backoff, start) = (Backoff::default(), Instant::now());
        for second in 0..4 {
            let verdict = backoff.exited(&TIMING, start + Duration::from_secs(second * 29), true, 0);
            assert!(matches!(verdict, Verdict::Retry { .. }));
        }
        let verdict = backoff.exited(&TIMING, start + Duration::from_secs(119), true, 0);
        assert_eq!(verdict, Verdict::GiveUp { exits: 5 });
    }

    #[test]
    fn exits_before_the_window_are_forgiven_once_it_ran() {
        let (mut backoff, start) = (Backoff::default(), Instant::now());
        for _ in 0..4 {
            backoff.exited(&TIMING, start, true, 0);
        }
        let verdict = backoff.exited(&TIMING, start + TIMING.window, true, u32::MAX);
        assert_eq!(
            verdict,
            Verdict::Retry {
                attempt: 1,
                delay: TIMING.backoff_base
            }
        );
    }

    #[test]
    fn starts_that_never_become_ready_are_counted_however_slow_they_are() {
        let (mut backoff, mut now) = (Backoff::default(), Instant::now());
        for _ in 0..4 {
            backoff.exited(&TIMING, now, false, 0);
            now += TIMING.start_limit;
        }
        assert_eq!(
            backoff.exited(&TIMING, now, false, 0),
            Verdict::GiveUp { exits: 5 }
        );
    }

    #[test]
    fn a_reset_forgets() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        for _ in 0..4 {
            backoff.exited(&TIMING, now, true, 0);
        }
        backoff.reset();
        assert!(matches!(
            backoff.exited(&TIMING, now, true, 0),
            Verdict::Retry { attempt: 1, .. }
        ));
    }
}
