//! A `doorcode` of the test's own.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// What the sign-in tests type.
const PASSWORD: &str = "a password for the tests";

/// A home with settings, and at most one engine running in it.
pub struct Door {
    home: TempDir,
    port: u16,
    program: PathBuf,
    engine: Option<Child>,
}

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Output {
    /// Its exit status.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

impl Door {
    /// A fresh home whose editor is the real code-server, named by `DOORCODE_TEST_CODE_SERVER`.
    pub fn new() -> Door {
        let program = std::env::var_os("DOORCODE_TEST_CODE_SERVER")
            .expect("DOORCODE_TEST_CODE_SERVER names code-server's entry.js: run the tests with `make test`");
        Door::with_editor(Path::new(&program))
    }

    /// A fresh home whose editor is `program`.
    pub fn with_editor(program: &Path) -> Door {
        let home = tempfile::tempdir().expect("a temporary folder");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let door = Door {
            home,
            port,
            program: program.to_owned(),
            engine: None,
        };
        std::fs::create_dir_all(door.folder()).expect("made");
        door.write_settings("");
        door
    }

    /// A fresh home whose editor is the executable script `text`.
    pub fn with_script(text: &str) -> Door {
        let mut door = Door::with_editor(Path::new("/nonexistent"));
        let script = door.path("fake-code-server");
        std::fs::write(&script, text).expect("written");
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .expect("executable");
        door.program = script;
        door.write_settings("");
        door
    }

    /// Writes settings.toml: this door's editor and address, and `more` behind them.
    pub fn write_settings(&self, more: &str) {
        let text = format!(
            "[editor]\nprogram = {:?}\nfolder = {:?}\n[gateway]\nlisten = [\"127.0.0.1:{}\"]\n{more}",
            self.program,
            self.folder(),
            self.port
        );
        self.write_settings_file(&text);
    }

    /// Writes settings.toml, whole.
    pub fn write_settings_file(&self, text: &str) {
        std::fs::create_dir_all(self.path("config/doorcode")).expect("made");
        std::fs::write(self.settings_file(), text).expect("written");
    }

    /// Where settings.toml is.
    pub fn settings_file(&self) -> PathBuf {
        self.path("config/doorcode/settings.toml")
    }

    /// A path in this door's home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The home itself, which every process of this door has as its `HOME`.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A path in the data directory.
    pub fn data(&self, name: &str) -> PathBuf {
        self.path("data/doorcode").join(name)
    }

    /// The folder that the editor opens.
    pub fn folder(&self) -> PathBuf {
        self.path("folder")
    }

    /// The port listened on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `https://localhost:PORT` and `path`.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// `doorcode` with `args`, in this home.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(args);
        self.set_environment(&mut command);
        command
    }

    /// Gives `command` this door's home.
    pub fn set_environment(&self, command: &mut Command) {
        for (name, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            let folder = self.path(folder);
            std::fs::create_dir_all(&folder).expect("made");
            std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
                .expect("private");
            command.env(name, folder);
        }
        if let Some(node) = std::env::var_os("DOORCODE_TEST_NODE") {
            let folder = Path::new(&node)
                .parent()
                .expect("a program stands in a folder")
                .to_owned();
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(folders).expect("folders of a PATH"));
        }
        command
            .env("HOME", self.home.path())
            .env("DOORCODE_KEYRING", "none")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("BROWSER")
            .current_dir(self.home.path());
    }

    /// Runs `doorcode` with `args` to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        finish(
            self.command(args)
                .stdin(Stdio::null())
                .output()
                .expect("doorcode starts"),
        )
    }

    /// Runs `doorcode` with `args` and `input` on its standard input.
    pub fn run_with_input(&self, args: &[&str], input: &str) -> Output {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("doorcode starts");
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(input.as_bytes())
            .expect("read by doorcode");
        finish(child.wait_with_output().expect("doorcode ends"))
    }

    /// Sets the password that [`Door::sign_in`] uses.
    pub fn set_password(&self) {
        let output = self.run_with_input(&["password", "set", "--stdin"], PASSWORD);
        assert_eq!(output.code, 0, "{output:?}");
    }

    /// The password that [`Door::set_password`] set.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// Starts `doorcode up`; what it prints goes to `up.log` in the home.
    pub fn up(&mut self) {
        let mut command = self.command(&["up"]);
        self.start(&mut command);
    }

    /// Starts `command`, which becomes `doorcode up`, as this door's engine.
    pub fn start(&mut self, command: &mut Command) {
        assert!(self.engine.is_none(), "this door has an engine already");
        let log = std::fs::File::create(self.path("up.log")).expect("made");
        let both = log.try_clone().expect("duplicated");
        self.engine = Some(
            command
                .stdin(Stdio::null())
                .stdout(log)
                .stderr(both)
                .spawn()
                .expect("doorcode starts"),
        );
    }

    /// Starts `doorcode up` and waits until the editor runs.
    pub fn up_and_running(&mut self) -> Value {
        self.up();
        self.wait_for_state("running")
    }

    /// Waits until `status --json` says `state`, and returns all of it.
    pub fn wait_for_state(&self, state: &str) -> Value {
        wait_for(
            &format!("state {state}; the engine said: {}", self.said()),
            Duration::from_secs(60),
            || {
                let status = self.status();
                (status["state"] == state).then_some(status)
            },
        )
    }

    /// `status --json`, as it is.
    pub fn status(&self) -> Value {
        let output = self.run(&["status", "--json"]);
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// The codes of the problems that `status` names.
    pub fn problems(&self) -> Vec<String> {
        let status = self.status();
        let problems = status["problems"].as_array().expect("an array").iter();
        problems
            .map(|problem| problem["code"].as_str().expect("a text").to_owned())
            .collect()
    }

    /// What the engine has printed so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.path("up.log")).unwrap_or_default()
    }

    /// The engine's process id.
    pub fn pid(&self) -> u32 {
        self.engine.as_ref().expect("an engine runs").id()
    }

    /// Waits for the engine's end; its exit status, or none when a signal ended it.
    pub fn wait_for_end(&mut self, limit: Duration) -> Option<i32> {
        let mut engine = self.engine.take().expect("an engine runs");
        wait_for("the engine's end", limit, || {
            engine.try_wait().expect("a child of ours")
        })
        .code()
    }

    /// A cookie that is signed in: `name=value`.
    pub fn sign_in(&self) -> String {
        let link = self.run(&["open", "--print"]);
        assert_eq!(link.code, 0, "{link:?}");
        let answer = crate::curl(self, &[link.stdout.trim()]);
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
        cookie.split(';').next().expect("a first part").to_owned()
    }
}

impl Default for Door {
    fn default() -> Self {
        Door::new()
    }
}

impl Drop for Door {
    /// Ends the engine, which ends the editor.
    fn drop(&mut self) {
        if let Some(mut engine) = self.engine.take() {
            crate::kill(engine.id(), nix::sys::signal::Signal::SIGTERM);
            let deadline = Instant::now() + Duration::from_secs(15);
            while engine.try_wait().is_ok_and(|ended| ended.is_none()) {
                if Instant::now() > deadline {
                    let _ = engine.kill();
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// Polls `condition` until it gives something.
///
/// # Panics
/// When `limit` has passed, naming `what` was waited for.
pub fn wait_for<T>(what: &str, limit: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited {limit:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The command under test: `DOORCODE_BIN`, or the one built beside this test.
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("DOORCODE_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test has a path");
    test.ancestors()
        .nth(2)
        .expect("target/PROFILE/deps/test")
        .join("doorcode")
}

fn finish(output: std::process::Output) -> Output {
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
