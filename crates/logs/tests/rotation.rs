//! Files of a limited size, in real folders.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use doorcode_logs::{Limit, RotatingFile, tail};

const SMALL: Limit = Limit { bytes: 100, files: 3 };

#[test]
fn keeps_the_newest_lines_in_the_number_of_files_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("name.log");
    let mut log = RotatingFile::open(&path, SMALL).unwrap();
    for number in 0..100 {
        log.write_line(&format!("line {number:04}")).unwrap();
    }
    assert_eq!(names(folder.path()), ["name.log", "name.log.1", "name.log.2"]);
    for name in names(folder.path()) {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(
            text.len() <= 100 && text.ends_with('\n') && text.starts_with("line "),
            "{text:?}"
        );
    }
    let kept = tail(&path, usize::MAX).unwrap();
    assert_eq!(kept.last().unwrap(), "line 0099");
    let numbers: Vec<usize> = kept.iter().map(|line| line[5..].parse().unwrap()).collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]),
        "{numbers:?}"
    );
}

#[test]
fn never_splits_a_line_over_two_files_in_one_large_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("name.log");
    let mut log = RotatingFile::open(
        &path,
        Limit {
            bytes: 100,
            files: 50,
        },
    )
    .unwrap();
    let lines: Vec<String> = (0..80)
        .map(|number| "x".repeat(number % 37) + &number.to_string())
        .collect();
    log.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    assert_eq!(tail(&path, usize::MAX).unwrap(), lines);
    assert!(names(folder.path()).len() > 10);
}

#[test]
fn output_without_line_ends_is_rotated_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("name.log");
    let mut log = RotatingFile::open(&path, SMALL).unwrap();
    for _ in 0..100 {
        log.write_all(&[b'.'; 30]).unwrap();
    }
    let kept: u64 = names(folder.path())
        .iter()
        .map(|name| folder.path().join(name).metadata().unwrap().len())
        .sum();
    assert!(kept <= 3 * 230, "{kept} bytes are kept");
}

#[test]
fn one_file_starts_over_when_it_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("name.log");
    let mut log = RotatingFile::open(&path, Limit { bytes: 100, files: 1 }).unwrap();
    for number in 0..30 {
        log.write_line(&format!("line {number:04}")).unwrap();
    }
    assert_eq!(names(folder.path()), ["name.log"]);
    assert!(path.metadata().unwrap().len() <= 100);
    assert_eq!(tail(&path, 1).unwrap(), ["line 0029"]);
}

#[test]
fn goes_on_where_an_earlier_process_stopped_and_counts_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("name.log");
    fs::write(&path, "old line\n".repeat(10)).unwrap();
    let mut log = RotatingFile::open(&path, SMALL).unwrap();
    log.write_line("a new line").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "a new line\n");
    assert_eq!(
        fs::read_to_string(folder.path().join("name.log.1")).unwrap(),
        "old line\n".repeat(10)
    );
}

#[test]
fn files_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/name.log");
    drop(RotatingFile::open(&path, SMALL).unwrap());
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    drop(RotatingFile::open(&path, SMALL).unwrap());
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn tail_reads_as_many_lines_as_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("name.log");
    assert!(tail(&path, 5).unwrap().is_empty(), "never written");
    fs::write(&path, "").unwrap();
    assert!(tail(&path, 5).unwrap().is_empty(), "empty");
    fs::write(&path, "one\r\n\nthree").unwrap();
    assert_eq!(tail(&path, 5).unwrap(), ["one", "", "three"]);
    assert_eq!(tail(&path, 2).unwrap(), ["", "three"]);
    assert!(tail(&path, 0).unwrap().is_empty());
    fs::write(&path, b"\xff\xfe\n").unwrap();
    assert_eq!(tail(&path, 1).unwrap(), ["\u{fffd}\u{fffd}"]);
}

#[test]
fn tail_crosses_blocks_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("name.log");
    let lines: Vec<String> = (0..30_000)
        .map(|number| format!("line number {number}"))
        .collect();
    fs::write(
        folder.path().join("name.log.2"),
        lines[..10_000].join("\n") + "\n",
    )
    .unwrap();
    fs::write(
        folder.path().join("name.log.1"),
        lines[10_000..20_000].join("\n") + "\n",
    )
    .unwrap();
    fs::write(&path, lines[20_000..].join("\n") + "\n").unwrap();
    for wanted in [1, 9_999, 10_000, 10_001, 25_000, 30_000, 40_000] {
        assert_eq!(
            tail(&path, wanted).unwrap(),
            lines[lines.len().saturating_sub(wanted)..],
            "{wanted} lines"
        );
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}
