//! How often the kernel has killed for memory, lately.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A kill is the editor's if it came within this before the editor was seen to be gone.
const LATELY: Duration = Duration::from_secs(10);

/// What the counter said in the last seconds while the editor ran.
#[derive(Debug, Default)]
pub(super) struct Kills {
    samples: VecDeque<(Instant, u64)>,
}

impl Kills {
    /// How many processes were killed since a few seconds before the editor ended; 0 while it runs.
    pub(super) fn look(&mut self, runs: bool) -> u64 {
        counter().map_or(0, |count| self.at(count, runs, Instant::now()))
    }

    fn at(&mut self, count: u64, runs: bool, now: Instant) -> u64 {
        if runs {
            self.samples.push_back((now, count));
            // One that is older stays: the editor may end right now.
            while self.samples.get(1).is_some_and(|(at, _)| now - *at > LATELY) {
                self.samples.pop_front();
            }
            return 0;
        }
        let before = self.samples.front().map_or(count, |(_, before)| *before);
        count.saturating_sub(before)
    }
}

/// That of our own control group where the kernel keeps one (cgroup v2, `memory.events`), else that of the whole machine.
#[cfg(target_os = "linux")]
fn counter() -> Option<u64> {
    let field = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("oom_kill "))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let group = || {
        let path = std::fs::read_to_string("/proc/self/cgroup").ok()?;
        let path = path.lines().find_map(|line| line.strip_prefix("0::"))?;
        let events = format!("/sys/fs/cgroup{}/memory.events", path.trim_end_matches('/'));
        field(&std::fs::read_to_string(events).ok()?)
    };
    group().or_else(|| field(&std::fs::read_to_string("/proc/vmstat").ok()?))
}

#[cfg(not(target_os = "linux"))]
fn counter() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_kill_right_before_the_end_is_the_editors() {
        let (mut kills, start) = (Kills::default(), Instant::now());
        let second = Duration::from_secs(1);
        assert_eq!(kills.at(3, true, start), 0);
        assert_eq!(
            kills.at(4, true, start + 30 * second),
            0,
            "another program's, long before"
        );
        assert_eq!(kills.at(4, true, start + 60 * second), 0);
        assert_eq!(kills.at(4, false, start + 62 * second), 0);
        assert_eq!(
            kills.at(5, true, start + 64 * second),
            0,
            "seen only after it was killed"
        );
        assert_eq!(kills.at(5, false, start + 66 * second), 1);
        assert_eq!(kills.at(5, true, start + 70 * second), 0, "it runs again");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernel_keeps_count() {
        assert!(counter().is_some());
    }
}
