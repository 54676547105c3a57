//! The last lines of a log, its rotated predecessors included.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::predecessors::{identity, open_if_there, predecessors};

const BLOCK: u64 = 64 << 10;

/// The last `lines` lines of the log at `path`, oldest first, without their line ends.
///
/// Where the file has fewer, its predecessors `NAME.1`, `NAME.2` … give the rest. A log that was never written is empty.
/// Bytes that are not UTF-8 are replaced.
///
/// # Errors
/// What the system says when one of the files exists and cannot be read.
pub fn tail(path: &Path, lines: usize) -> io::Result<Vec<String>> {
    let newest = open_if_there(path)?;
    let end = newest
        .as_ref()
        .map_or(Ok(0), |file| file.metadata().map(|found| found.len()))?;
    last_lines(newest.as_ref(), end, path, lines)
}

/// The last `wanted` lines before offset `end` of `newest`, and what is missing from the predecessors of `path`.
pub(crate) fn last_lines(
    newest: Option<&File>,
    end: u64,
    path: &Path,
    wanted: usize,
) -> io::Result<Vec<String>> {
    let mut newest_first = match newest {
        Some(file) => vec![lines_before(file, end, wanted)?],
        None => Vec::new(),
    };
    let mut found: usize = newest_first.iter().map(Vec::len).sum();
    let newest = newest.map(identity).transpose()?;
    for predecessor in predecessors(path) {
        if found >= wanted {
            break;
        }
        let (identity, file) = predecessor?;
        if Some(identity) == newest {
            continue; // rotated in the meantime: this one is read already
        }
        let lines = lines_before(&file, file.metadata()?.len(), wanted - found)?;
        found += lines.len();
        newest_first.push(lines);
    }
    Ok(newest_first.into_iter().rev().flatten().collect())
}

/// Where the last complete line of `file` ends.
pub(crate) fn end_of_lines(file: &File) -> io::Result<u64> {
    let end = file.metadata()?.len();
    let mut last = [0];
    if end == 0 || (file.read_at(&mut last, end - 1)? == 1 && last == *b"\n") {
        return Ok(end);
    }
    start_of_last(file, end, 1)
}

/// A line as people read it.
pub(crate) fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

fn lines_before(file: &File, end: u64, wanted: usize) -> io::Result<Vec<String>> {
    let start = start_of_last(file, end, wanted)?;
    let mut bytes = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, start)?;
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    if start == end {
        return Ok(Vec::new());
    }
    Ok(bytes.split(|byte| *byte == b'\n').map(text).collect())
}

/// Offset at which the last `wanted` lines before `end` begin.
fn start_of_last(file: &File, end: u64, wanted: usize) -> io::Result<u64> {
    if wanted == 0 {
        return Ok(end);
    }
    let mut seen = 0;
    let mut block_end = end.saturating_sub(1); // the line feed that ends the last line begins none
    while block_end > 0 {
        let block_start = block_end.saturating_sub(BLOCK);
        let mut block = vec![0; (block_end - block_start) as usize];
        file.read_exact_at(&mut block, block_start)?;
        for (at, _) in block.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n') {
            seen += 1;
            if seen == wanted {
                return Ok(block_start + at as u64 + 1);
            }
        }
        block_end = block_start;
    }
    Ok(0)
}
