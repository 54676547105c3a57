//! The writer thread: fast, and unimpressed by a full disk.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use doorcode_logs::{Limit, LogSink, tail};

#[test]
fn what_is_written_from_many_threads_arrives_whole_and_in_each_ones_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.log");
    let sink = LogSink::open(
        &path,
        Limit {
            bytes: 20_000,
            files: 100,
        },
    )
    .unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let sink = sink.clone();
            scope.spawn(move || (0..5_000).for_each(|number| sink.line(format!("{thread} {number}"))));
        }
    });
    sink.flush();
    assert_eq!(sink.trouble(), None);
    let lines = tail(&path, usize::MAX).unwrap();
    assert_eq!(lines.len(), 20_000);
    for thread in 0..4 {
        let mine = lines
            .iter()
            .filter(|line| line.starts_with(&format!("{thread} ")));
        assert!(
            mine.enumerate()
                .all(|(at, line)| *line == format!("{thread} {at}"))
        );
    }
}

#[test]
fn lines_reach_the_file_without_a_flush_and_after_the_last_clone_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let sink = LogSink::open(&path, Limit::default()).unwrap();
    sink.line("first".into());
    until("the first line is there", || tail(&path, 9).unwrap() == ["first"]);
    sink.bytes(b"second\nthi".to_vec());
    sink.bytes(b"rd\n".to_vec());
    drop(sink);
    until("all lines are there", || {
        tail(&path, 9).unwrap() == ["first", "second", "third"]
    });
}

#[test]
fn a_full_disk_costs_lines_that_are_counted_and_writing_resumes_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    symlink("/dev/full", &path).unwrap();
    let sink = LogSink::open(&path, Limit::default()).unwrap();
    for number in 0..100 {
        sink.line(format!("lost {number}"));
    }
    sink.flush();
    let trouble = sink.trouble().expect("nothing can be written to a full disk");
    assert_eq!(
        (trouble.lost_lines, trouble.path.as_path()),
        (100, path.as_path())
    );
    assert!(trouble.error.contains("No space left"), "{}", trouble.error);

    fs::remove_file(&path).unwrap();
    let mut tried = 0;
    until("lines are written again", || {
        tried += 1;
        sink.line(format!("try {tried}"));
        sink.flush();
        sink.trouble().is_none()
    });
    assert_eq!(tail(&path, 9).unwrap(), [format!("try {tried}")]);
    assert_eq!(
        sink.lost_lines(),
        100 + tried - 1,
        "those before the retry are lost too"
    );
}

#[test]
fn a_half_written_line_is_ended_before_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    fs::write(&path, "the process was killed he").unwrap();
    let sink = LogSink::open(&path, Limit::default()).unwrap();
    sink.line("next".into());
    sink.flush();
    assert_eq!(tail(&path, 9).unwrap(), ["the process was killed he", "next"]);
}

#[test]
fn a_removed_file_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let sink = LogSink::open(&path, Limit::default()).unwrap();
    sink.line("before".into());
    sink.flush();
    fs::remove_file(&path).unwrap();
    sink.line("after".into());
    sink.flush();
    assert_eq!(tail(&path, 9).unwrap(), ["after"]);
}

#[test]
fn a_disk_that_hangs_never_holds_up_the_writer_and_the_queue_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let both_ends = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap(); // waits for nobody
    let mut read_end = fs::File::open(&path).unwrap();
    let sink = LogSink::open(
        &path,
        Limit {
            bytes: u64::MAX,
            files: 1,
        },
    )
    .unwrap();
    drop(both_ends);
    let line = "x".repeat(1_000);
    let start = Instant::now();
    (0..20_000).for_each(|_| sink.line(line.clone())); // 20 MB into a pipe of 64 kB that nobody reads
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "the writer was held up for {:?}",
        start.elapsed()
    );
    let trouble = sink.trouble().expect("more than the queue holds was written");
    assert!(
        trouble.lost_lines > 10_000,
        "{} lines lost, the others wait in memory",
        trouble.lost_lines
    );

    let reader = std::thread::spawn(move || std::io::copy(&mut read_end, &mut std::io::sink()));
    sink.flush();
    until("the sink is well again", || sink.trouble().is_none());
    let lost = sink.lost_lines();
    drop(sink);
    let read = reader.join().unwrap().unwrap();
    assert_eq!(read, (20_000 - lost) * 1_001, "what was not lost was written");
}

/// Measures; fails only if a line costs ten times what it should on a slow machine.
#[test]
fn forty_thousand_lines_a_second_cost_little() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.log");
    let sink = LogSink::open(&path, Limit::default()).unwrap();
    let line = "{\"ts\":\"2026-01-01T00:00:00Z\",\"status\":200}".repeat(4);
    let start = Instant::now();
    (0..40_000).for_each(|_| sink.line(line.clone()));
    let handed_over = start.elapsed();
    sink.flush();
    println!(
        "40,000 lines handed over in {handed_over:?}, on disk after {:?}",
        start.elapsed()
    );
    assert!(handed_over < Duration::from_millis(500), "{handed_over:?}");
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "not within 10 s: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_log_that_is_closed_is_not_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs/access.log");
    let sink = LogSink::open(&path, Limit::default()).unwrap();
    let other = sink.clone();
    sink.line("before".to_owned());
    sink.close();
    assert_eq!(tail(&path, usize::MAX).unwrap(), ["before"]);
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    other.line("after".to_owned());
    other.flush();
    assert!(!path.parent().unwrap().exists());
}
