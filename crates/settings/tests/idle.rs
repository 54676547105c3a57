//! Nothing wakes up while nothing happens. One test, alone in its process, because it looks at every thread.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::time::{Duration, Instant};

use doorcode_settings::Watcher;

#[test]
fn a_watcher_sleeps_until_a_file_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    let (sender, mut reports) = tokio::sync::mpsc::channel(1);
    let _watcher = Watcher::new(vec![file.clone(), folder.path().join("not/there/yet")], sender).unwrap();
    fs::write(&file, "1").unwrap();
    assert_eq!(reports.blocking_recv(), Some(()));
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
