//! The password with a real keyring: gnome-keyring on a session bus of its own, locked, silent, and not there at all.
//!
//! What the environment says holds for a process, so each case is this program once more, in a home of its own.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use doorcode_settings::{Kept, Password, PasswordError, PasswordStore, Paths, Problem};
use keyring_core::api::CredentialStoreApi;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const HOME: &str = "DOORCODE_TEST_HOME";
/// A bus on which no service can be started.
const EMPTY_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=FOLDER</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

#[test]
fn a_keyring_keeps_the_password_and_wins_over_a_hash() {
    in_a_session("case_keyring", &[]);
}

#[test]
fn a_locked_keyring_is_an_error_and_never_a_reason_for_a_hash() {
    in_a_session("case_locked", &[]);
}

#[test]
fn a_silent_keyring_is_given_up_and_found_again() {
    in_a_session("case_silent", &[]);
}

#[test]
fn a_keyring_that_is_replaced_is_asked_as_the_first_one_was() {
    on_an_empty_bus("case_replaced");
}

#[test]
fn a_keyring_that_is_gone_is_an_error_and_never_a_reason_for_a_hash() {
    on_an_empty_bus("case_gone");
}

#[test]
fn without_a_keyring_on_the_bus_a_hash_is_kept() {
    on_an_empty_bus("case_no_keyring");
}

#[test]
fn without_a_bus_a_hash_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let mut case = Command::new(std::env::current_exe().unwrap());
    case.args(arguments("case_no_keyring"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    passes(run(&mut case, home.path()));
}

#[test]
#[ignore = "started by the tests above, in a session of its own"]
fn case_keyring() {
    let _daemon = Daemon::start();
    let paths = paths();
    let store = PasswordStore::new(&paths);
    assert!(matches!(store.show(), Err(PasswordError::NotSet)));
    let ensured = store.ensure().unwrap();
    let generated = ensured.generated.expect("made on first use");
    assert_eq!(ensured.kept, Kept::Keyring);
    assert!(!ensured.verifier.is_slow() && ensured.verifier.verify(generated.expose()));
    assert!(!ensured.verifier.verify("something else") && !ensured.verifier.verify(""));
    assert_eq!(store.show().unwrap().expose(), generated.expose());
    assert!(
        !paths.password_hash_file().exists(),
        "what is in the keyring is nowhere else"
    );

    let without = PasswordStore::without_keyring(&paths);
    without.set(password("kept as a hash")).unwrap();
    assert!(
        store.ensure().unwrap().verifier.verify(generated.expose()),
        "the keyring wins"
    );
    assert_eq!(store.set(password("my own password")).unwrap(), Kept::Keyring);
    assert!(
        !paths.password_hash_file().exists(),
        "an old hash must not let the old password in"
    );
    assert_eq!(store.show().unwrap().expose(), "my own password");

    entry().delete_credential().unwrap();
    without.set(password("from a time without keyring")).unwrap();
    let ensured = store.ensure().unwrap();
    assert_eq!(ensured.kept, Kept::HashFile);
    assert!(ensured.generated.is_none(), "a password that is known goes on");

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime
        .block_on(async { store.reset() })
        .expect("on a thread of an async runtime, too");

    entry().set_password("short").unwrap();
    assert!(matches!(store.ensure(), Err(PasswordError::KeptRefused(_))));
}

#[test]
#[ignore = "started by the tests above, in a session of its own"]
fn case_locked() {
    let _daemon = Daemon::start();
    let paths = paths();
    let store = PasswordStore::new(&paths);
    store.ensure().unwrap();
    lock();
    let locked = |error: PasswordError| assert_eq!(Problem::from(&error).code, "keyring_locked", "{error}");
    locked(store.ensure().expect_err("locked"));
    locked(store.show().expect_err("locked"));
    locked(store.set(password("another password")).expect_err("locked"));
    assert!(!paths.password_hash_file().exists(), "no silent fallback");
}

#[test]
#[ignore = "started by the tests above, in a session of its own"]
fn case_silent() {
    let daemon = Daemon::start();
    let paths = paths();
    let store = PasswordStore::new(&paths);
    let generated = store.ensure().unwrap().generated.unwrap();
    daemon.signal(Signal::SIGSTOP);
    for limit in [7, 1] {
        let start = Instant::now();
        let error = store.ensure().expect_err("it does not answer");
        assert_eq!(Problem::from(&error).code, "keyring_timed_out", "{error}");
        assert!(
            start.elapsed() < Duration::from_secs(limit),
            "{:?}",
            start.elapsed()
        );
    }
    assert!(!paths.password_hash_file().exists(), "no silent fallback");
    daemon.signal(Signal::SIGCONT);
    until("the keyring is asked again", || {
        store
            .show()
            .is_ok_and(|password| password.expose() == generated.expose())
    });
}

#[test]
#[ignore = "started by the tests above, in a session of its own"]
fn case_replaced() {
    let first = Daemon::start();
    let store = PasswordStore::new(&paths());
    let generated = store.ensure().unwrap().generated.unwrap();
    drop(first);
    let second = Daemon::start();
    let shown = store.show().expect("one that has died, and was started again");
    assert_eq!(shown.expose(), generated.expose());
    let before = owner().expect("the second");
    let _third = Daemon::spawn(&["--replace"]);
    until("the third has taken the second's place", || {
        owner().is_some_and(|owner| owner != before)
    });
    let shown = store.show().expect("one that had to give way");
    assert_eq!(shown.expose(), generated.expose());
    drop(second);
}

#[test]
#[ignore = "started by the tests above, in a session of its own"]
fn case_gone() {
    let daemon = Daemon::start();
    let paths = paths();
    let store = PasswordStore::new(&paths);
    store.ensure().unwrap();
    drop(daemon);
    for error in [
        store.ensure().expect_err("gone"),
        store.set(password("another password")).expect_err("gone"),
    ] {
        assert_eq!(Problem::from(&error).code, "keyring_failed", "{error}");
    }
    assert!(!paths.password_hash_file().exists(), "no silent fallback");
}

#[test]
#[ignore = "started by the tests above, in a session of its own"]
fn case_no_keyring() {
    let store = PasswordStore::new(&paths());
    let start = Instant::now();
    let ensured = store.ensure().unwrap();
    assert_eq!(ensured.kept, Kept::HashFile);
    assert!(ensured.verifier.verify(ensured.generated.unwrap().expose()));
    assert!(matches!(store.show(), Err(PasswordError::NotShown)));
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "found out at once, in {:?}",
        start.elapsed()
    );
}

fn on_an_empty_bus(case: &str) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bus.conf");
    std::fs::write(
        &config,
        EMPTY_BUS.replace("FOLDER", folder.path().to_str().unwrap()),
    )
    .unwrap();
    in_a_session(case, &["--config-file", config.to_str().unwrap()]);
}

fn in_a_session(case: &str, options: &[&str]) {
    let home = tempfile::tempdir().unwrap();
    let mut session = Command::new("dbus-run-session");
    session
        .args(options)
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .args(arguments(case));
    passes(run(&mut session, home.path()));
}

fn arguments(case: &str) -> [&str; 4] {
    [case, "--exact", "--ignored", "--nocapture"]
}

fn run(command: &mut Command, home: &Path) -> Output {
    command
        .env("HOME", home)
        .env(HOME, home)
        .env("XDG_RUNTIME_DIR", home)
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DOORCODE_KEYRING")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{:?} cannot be run: {error}", command.get_program()))
}

fn passes(output: Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{}\n{said}\n{complained}",
        output.status
    );
}

fn paths() -> Paths {
    let home = PathBuf::from(std::env::var_os(HOME).expect("started by the tests above"));
    let [settings_file, data_dir, state_dir, runtime_dir] =
        ["settings.toml", "data", "state", "run"].map(|name| home.join("doorcode").join(name));
    let paths = Paths {
        settings_file,
        data_dir,
        state_dir,
        runtime_dir,
    };
    paths.create().unwrap();
    paths
}

fn password(text: &str) -> Password {
    Password::parse(text.into()).unwrap()
}

fn entry() -> keyring_core::Entry {
    let store = zbus_secret_service_keyring_store::Store::new().unwrap();
    store.build("doorcode", "password", None).unwrap()
}

/// gnome-keyring with an unlocked collection; it ends with the case.
struct Daemon(Child);

impl Daemon {
    fn start() -> Daemon {
        let daemon = Daemon::spawn(&[]);
        until("the keyring is on the bus and unlocked", || {
            call("org.freedesktop.DBus.NameHasOwner").contains("boolean true")
        });
        daemon
    }

    fn spawn(options: &[&str]) -> Daemon {
        let mut child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon must be installed");
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"the keyring's own password")
            .unwrap();
        Daemon(child)
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.0.id().try_into().unwrap()), signal).unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn lock() {
    let collections = "array:objpath:/org/freedesktop/secrets/collection/login";
    let service = "org.freedesktop.secrets";
    let answer = dbus(
        service,
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        collections,
    );
    assert!(answer.contains("collection/login"), "locked: {answer}");
}

/// Who is the keyring of this session.
fn owner() -> Option<String> {
    let answer = call("org.freedesktop.DBus.GetNameOwner");
    let name = answer.lines().find(|line| line.contains("string"))?;
    Some(name.to_owned())
}

/// What the bus says of the keyring's name.
fn call(method: &str) -> String {
    let name = "string:org.freedesktop.secrets";
    dbus("org.freedesktop.DBus", "/", method, name)
}

fn dbus(destination: &str, object: &str, method: &str, argument: &str) -> String {
    let output = Command::new("dbus-send")
        .args([
            "--session",
            "--print-reply",
            &format!("--dest={destination}"),
            object,
            method,
            argument,
        ])
        .output()
        .expect("dbus-send must be installed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "not within 10 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
