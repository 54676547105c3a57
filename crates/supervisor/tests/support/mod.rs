//! A home for one editor, the fake editor, and waiting for a condition.

#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use doorcode_install::{CodeServer, Origin};
use doorcode_logs::{Limit, LogSink};
use doorcode_settings::Problem;
use doorcode_supervisor::{EditorState, Launch, Supervisor, Timing};
use serde_json::Value;

/// Generous: these tests share the machine with others.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Quick where nobody needs to be patient.
pub(crate) const TIMING: Timing = Timing {
    start_limit: PATIENCE,
    stop_limit: Duration::from_secs(5),
    window: Duration::from_secs(120),
    give_up_after: 3,
    backoff_base: Duration::from_millis(20),
    backoff_cap: Duration::from_millis(100),
};

/// When the editor's log is rotated; one older file is kept.
pub(crate) const LOG_BYTES: u64 = 100_000;

/// A temporary folder with everything an editor needs; `folder` is where it is started.
pub(crate) struct Home {
    root: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Home {
    pub(crate) fn new() -> Home {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let home = Home {
            root: temporary.path().to_owned(),
            _temporary: Some(temporary),
        };
        std::fs::create_dir(home.folder()).expect("the temporary folder is ours");
        home
    }

    /// The same home in another process.
    pub(crate) fn at(root: &Path) -> Home {
        Home {
            root: root.to_owned(),
            _temporary: None,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.join("folder")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("editor.log")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.root.join("run/editor/editor.sock")
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.root.join("run/editor.json")
    }

    pub(crate) fn launch(&self, code_server: CodeServer, args: &[&str], timing: Timing) -> Launch {
        Launch {
            code_server,
            folder: self.folder(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            socket: self.socket(),
            record: self.record(),
            config: self.root.join("data/config.yaml"),
            user_data_dir: self.root.join("data"),
            extensions_dir: self.root.join("data/extensions"),
            disable_proxy: true,
            log: LogSink::open(
                &self.log(),
                Limit {
                    bytes: LOG_BYTES,
                    files: 2,
                },
            )
            .expect("the home is ours"),
            log_path: self.log(),
            timing,
        }
    }

    /// A launch of the fake editor that behaves as these words say.
    pub(crate) fn fake(&self, words: &str, timing: Timing) -> Launch {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/fake_editor.py");
        let code_server = CodeServer {
            node: Some(in_path("python3")),
            entry: script,
            version: "4.139.1".parse().expect("a version"),
            origin: Origin::Setting,
        };
        self.launch(code_server, &[&format!("--fake={words}")], timing)
    }

    /// The real one, from the environment.
    pub(crate) fn real(&self) -> Launch {
        let variable = |name: &str| {
            let found = std::env::var_os(name).map(PathBuf::from);
            found.unwrap_or_else(|| {
                panic!("{name} is not set: make test sets it, for a code-server it has installed")
            })
        };
        let entry = variable("DOORCODE_TEST_CODE_SERVER");
        let node = entry
            .extension()
            .is_some_and(|end| end == "js")
            .then(|| variable("DOORCODE_TEST_NODE"));
        let version = "4.139.1".parse().expect("a version");
        let code_server = CodeServer {
            node,
            entry,
            version,
            origin: Origin::Setting,
        };
        self.launch(
            code_server,
            &[],
            Timing {
                give_up_after: 5,
                ..TIMING
            },
        )
    }

    /// What the fake editor wrote into this file of its folder; waits until it has.
    pub(crate) fn told(&self, name: &str) -> Value {
        let path = self.folder().join(name);
        until(&format!("{name} is written"), || path.exists());
        serde_json::from_slice(&std::fs::read(&path).expect("it exists"))
            .expect("the fake editor writes JSON")
    }

    /// The fake editor's children by name.
    pub(crate) fn family(&self) -> Family {
        let pid = |name: &str| {
            u32::try_from(self.told("family.json")[name].as_u64().expect("a number")).expect("a pid")
        };
        Family {
            ours: ["stubborn", "extension", "shell", "nohup", "orphan"].map(|name| (name, pid(name))),
            detached: pid("detached"),
        }
    }
}

/// The fake editor's children. Whoever is left is ended with this: what was detached nobody else may end.
pub(crate) struct Family {
    pub(crate) ours: [(&'static str, u32); 5],
    pub(crate) detached: u32,
}

impl Family {
    pub(crate) fn pid(&self, name: &str) -> u32 {
        self.ours.iter().find(|(known, _)| *known == name).expect(name).1
    }

    pub(crate) fn all_gone(&self) -> bool {
        self.ours.iter().all(|(_, pid)| !lives(*pid))
    }

    pub(crate) fn assert_alive(&self) {
        for (name, pid) in self.ours.iter().chain([&("detached", self.detached)]) {
            assert!(lives(*pid), "{name} runs");
        }
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        for pid in self.ours.iter().map(|(_, pid)| *pid).chain([self.detached]) {
            // Its number may be somebody else's by now.
            if ps(pid, "args=").contains("fake_editor.py") {
                kill(pid);
            }
        }
    }
}

pub(crate) fn supervise(launch: Launch) -> Supervisor {
    Supervisor::new(move || Ok::<_, Problem>(launch.clone()))
}

/// The process id of the running editor.
pub(crate) fn pid(supervisor: &Supervisor) -> u32 {
    match &*supervisor.state().borrow() {
        EditorState::Running { pid, .. } => *pid,
        other => panic!("it does not run: {other:?}"),
    }
}

/// Waits for a state of the editor and gives it.
pub(crate) async fn reached(
    supervisor: &Supervisor,
    what: &str,
    is_it: impl Fn(&EditorState) -> bool,
) -> EditorState {
    let mut states = supervisor.state();
    let waited = tokio::time::timeout(PATIENCE, states.wait_for(is_it)).await;
    let state =
        waited.unwrap_or_else(|_| panic!("{what} was not reached: {:?}", supervisor.state().borrow()));
    state.expect("the supervisor lives").clone()
}

/// Blocks until the condition holds.
pub(crate) fn until(what: &str, condition: impl FnMut() -> bool) {
    assert!(holds_within(PATIENCE, condition), "waited in vain until {what}");
}

pub(crate) fn holds_within(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether there is such a process; a zombie is gone.
pub(crate) fn lives(pid: u32) -> bool {
    let state = ps(pid, "stat=");
    !state.is_empty() && !state.starts_with('Z')
}

fn ps(pid: u32, column: &str) -> String {
    let output = Command::new("ps")
        .args(["-o", column, "-p", &pid.to_string()])
        .output()
        .expect("ps is everywhere");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// `kill -9`.
pub(crate) fn kill(pid: u32) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("a pid"));
    let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
}

fn in_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("tests have a PATH");
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{program} is not installed"))
}
