//! The editor's program and the Node that runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use doorcode_audit::{CodeServer, Place, Role};
use doorcode_engine::Status;
use doorcode_settings::{Paths, Settings};

use super::places;

/// How long a Node may take to say its version.
const LIMIT: Duration = Duration::from_secs(5);

/// What is known of the editor's program.
pub(super) struct Editor {
    /// Its version and its Node's; none where there is none that can be run.
    pub(super) program: Option<CodeServer>,
    /// Its files, and the folders above them.
    pub(super) places: Vec<Place>,
}

/// The one that runs, else the one that would be started. Blocking: programs are asked for their versions.
pub(super) fn look(paths: &Paths, settings: Option<&Settings>, status: Option<&Status>) -> Editor {
    let found = settings.and_then(|settings| doorcode_engine::find_code_server(settings, paths).ok());
    let running = status.and_then(|status| status.editor.pid).and_then(program_of);
    let node = running.filter(|program| is_node(program)).or_else(|| {
        found
            .as_ref()?
            .node
            .clone()
            .or_else(|| bundled(&found.as_ref()?.entry))
    });
    let said = status.and_then(|status| version(status.editor.version.as_deref()?));
    let would_run = found.as_ref().map(|found| {
        let version = found.version;
        (version.major, version.minor, version.patch)
    });
    let program = said.or(would_run).map(|version| CodeServer {
        version,
        node: node.as_deref().and_then(version_of_node),
    });
    let files: Vec<PathBuf> = found.map(|found| found.entry).into_iter().chain(node).collect();
    // A link may lead to it; who can change what it leads to matters.
    let real: Vec<PathBuf> = files.iter().filter_map(|file| file.canonicalize().ok()).collect();
    let mut seen: Vec<Place> = { real.iter() }
        .filter_map(|file| places::persons(file, Role::Program))
        .collect();
    seen.extend(places::above(&files));
    Editor {
        program,
        places: seen,
    }
}

/// The file that a process runs; none where the system does not tell.
fn program_of(pid: u32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/exe")).ok()
}

fn is_node(program: &Path) -> bool {
    program.file_name().is_some_and(|name| name == "node")
}

/// A release of code-server is `bin/code-server` beside `lib/node`.
fn bundled(entry: &Path) -> Option<PathBuf> {
    let entry = entry.canonicalize().ok()?;
    let node = entry.parent()?.parent()?.join("lib/node");
    node.is_file().then_some(node)
}

fn version_of_node(node: &Path) -> Option<(u32, u32, u32)> {
    let mut child = Command::new(node)
        .arg("--version")
        // NODE_OPTIONS would have it load code.
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + LIMIT;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().ok()?;
    version(String::from_utf8_lossy(&output.stdout).trim().strip_prefix('v')?)
}

fn version(text: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = text.split('.').map(|number| number.parse().ok());
    let version = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_numbers() {
        assert_eq!(version("24.19.0"), Some((24, 19, 0)));
        for other in ["", "24", "24.19", "24.19.0.1", "24.19.x"] {
            assert_eq!(version(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_node_that_says_nothing_is_not_waited_for() {
        assert_eq!(version_of_node(Path::new("/nonexistent/node")), None);
        assert_eq!(version_of_node(Path::new("/bin/true")), None);
    }
}
