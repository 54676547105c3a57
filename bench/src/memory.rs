//! Resident memory of processes, as `ps` says it (Linux and macOS alike).

use std::process::Command;

use crate::error::BenchError;

/// Whose memory counts.
#[derive(Clone, Copy)]
pub(crate) enum Extent {
    /// The process alone: Doorcode's engine, without the editor that it runs.
    Alone,
    /// The process and everything it started: nginx's workers, code-server's servers.
    Tree,
}

/// The sum of the resident sets, in bytes. Pages that processes share count once for each.
pub(crate) fn resident(pid: u32, extent: Extent) -> Result<u64, BenchError> {
    let output = Command::new("ps")
        .args(["-A", "-o", "pid=,ppid=,rss="])
        .output()
        .map_err(|e| BenchError::io("cannot run ps", e))?;
    sum(&String::from_utf8_lossy(&output.stdout), pid, extent)
        .ok_or_else(|| BenchError::Unexpected(format!("ps does not know process {pid}")))
}

fn sum(listing: &str, pid: u32, extent: Extent) -> Option<u64> {
    let processes: Vec<(u32, u32, u64)> = listing.lines().filter_map(parse).collect();
    let of = |id| {
        processes
            .iter()
            .find(|process| process.0 == id)
            .map(|process| process.2 * 1024)
    };
    let mut total = of(pid)?;
    if matches!(extent, Extent::Alone) {
        return Some(total);
    }
    let mut parents = vec![pid];
    while let Some(parent) = parents.pop() {
        for &(child, _, kilobytes) in processes.iter().filter(|process| process.1 == parent) {
            total += kilobytes * 1024;
            parents.push(child);
        }
    }
    Some(total)
}

/// One line: process, parent, kilobytes.
fn parse(line: &str) -> Option<(u32, u32, u64)> {
    let mut fields = line.split_whitespace();
    Some((
        fields.next()?.parse().ok()?,
        fields.next()?.parse().ok()?,
        fields.next()?.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "  1  0  500\n 10  1 100\n 11 10  20\n 12 11   3\n 13  1  7000\nnot a line\n";

    #[test]
    fn a_tree_is_summed_down_to_the_grandchildren() {
        assert_eq!(sum(LISTING, 10, Extent::Tree), Some(123 * 1024));
    }

    #[test]
    fn alone_leaves_children_out() {
        assert_eq!(sum(LISTING, 10, Extent::Alone), Some(100 * 1024));
    }

    #[test]
    fn an_unknown_process_has_no_memory() {
        assert_eq!(sum(LISTING, 99, Extent::Tree), None);
    }
}
