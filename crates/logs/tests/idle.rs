//! Nothing wakes up while nothing happens. One test, alone in its process, because it looks at every thread.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::time::{Duration, Instant};

use doorcode_logs::{Limit, LogSink, follow};

#[test]
fn a_sink_and_its_follower_sleep_until_a_line_comes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let sink = LogSink::open(&path, Limit::default()).unwrap();
    let mut lines = follow(&path, 0).unwrap();
    sink.line("one".into());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(lines.next()).unwrap().unwrap(), "one");
    let end = Instant::now() + Duration::from_secs(10);
    while wake_ups_within(Duration::from_millis(500)) > 0 {
        assert!(Instant::now() < end, "something wakes up again and again");
    }
}

/// How often threads other than the caller's gave up a processor by themselves: each time they had been woken up.
fn wake_ups_within(time: Duration) -> u64 {
    let before = wake_ups();
    std::thread::sleep(time); // the measurement itself
    wake_ups() - before
}

fn wake_ups() -> u64 {
    let this = fs::read_link("/proc/thread-self").unwrap();
    let threads = fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|thread| thread.unwrap().path());
    threads
        .filter(|thread| thread.file_name() != this.file_name())
        .map(|thread| fs::read_to_string(thread.join("status")).unwrap())
        .flat_map(|status| status.lines().filter_map(switches).collect::<Vec<_>>())
        .sum()
}

fn switches(line: &str) -> Option<u64> {
    line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse().ok()
}
