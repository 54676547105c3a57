//! Following a log across rotations.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use doorcode_logs::{Follow, Limit, RotatingFile, follow};
use tokio::time::timeout;

#[tokio::test]
async fn gives_the_last_lines_and_then_each_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut log = RotatingFile::open(&path, Limit::default()).unwrap();
    (0..10).for_each(|number| log.write_line(&format!("{number}")).unwrap());
    log.write_all(b"unfin").unwrap();
    let mut lines = follow(&path, 3).unwrap();
    assert_eq!(next(&mut lines, 3).await, ["7", "8", "9"]);
    log.write_all(b"ished\nmore\n").unwrap();
    assert_eq!(next(&mut lines, 2).await, ["unfinished", "more"]);
}

#[tokio::test]
async fn loses_nothing_over_many_rotations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut log = RotatingFile::open(
        &path,
        Limit {
            bytes: 1_000,
            files: 1_000,
        },
    )
    .unwrap();
    let mut lines = follow(&path, 0).unwrap();
    let writer = std::thread::spawn(move || {
        (0..5_000).for_each(|number| log.write_line(&format!("line {number}")).unwrap());
    });
    let expected: Vec<_> = (0..5_000).map(|number| format!("line {number}")).collect();
    assert_eq!(next(&mut lines, expected.len()).await, expected);
    writer.join().unwrap();
}

#[tokio::test]
async fn waits_for_a_file_that_does_not_exist_yet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut lines = follow(&path, 10).unwrap();
    RotatingFile::open(&path, Limit::default())
        .unwrap()
        .write_line("at last")
        .unwrap();
    assert_eq!(next(&mut lines, 1).await, ["at last"]);
}

#[tokio::test]
async fn starts_over_when_the_file_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    fs::write(&path, "a long line from before\n").unwrap();
    let mut lines = follow(&path, 1).unwrap();
    next(&mut lines, 1).await;
    fs::write(&path, "short\n").unwrap();
    assert_eq!(next(&mut lines, 1).await, ["short"]);
}

#[test]
fn a_missing_folder_is_an_error() {
    assert!(follow(Path::new("/nonexistent/folder/a.log"), 1).is_err());
}

async fn next(lines: &mut Follow, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    for at in 0..count {
        let line = timeout(Duration::from_secs(10), lines.next()).await;
        let line = line.unwrap_or_else(|_| panic!("{at} of {count} lines within 10 s"));
        found.push(line.expect("it goes on").unwrap());
    }
    found
}
