//! A real keyring that is locked, silent, gone, or replaced by another; and the hash that stands in for one.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use doorcode_tests::kill;
use nix::sys::signal::Signal;

use super::session::{Session, daemon, end};
use super::*;

/// A door whose password is in the keyring, and which is not up.
fn with_password(session: &Session, door: &mut Door) {
    session.up(door);
    wait_until_open(door);
    assert_well(door);
    assert_eq!(door.run(&["stop", "--engine"]).code, 0);
    door.wait_for_end(Duration::from_secs(15));
}

/// A session whose keyring has the password of this door, and is locked, which is named.
fn locked(door: &mut Door) -> Session {
    let session = Session::start(door);
    with_password(&session, door);
    session.lock();
    session.up(door);
    wait_until_open(door);
    assert_named(door, "keyring_locked", Bad::Broken);
    session
}

#[test]
fn a_keyring_that_is_locked_is_named_and_one_that_was_opened_is_seen() {
    let mut door = without_editor();
    let session = locked(&mut door);
    session.unlock();
    assert_well(&door);
}

#[test]
fn a_keyring_that_is_silent_is_named_and_one_that_answers_again_is_seen() {
    let mut door = without_editor();
    let session = Session::start(&door);
    with_password(&session, &mut door);
    kill(session.keyring.id(), Signal::SIGSTOP);
    session.up(&mut door);
    wait_until_open(&door);
    assert_named(&door, "keyring_timed_out", Bad::Broken);
    kill(session.keyring.id(), Signal::SIGCONT);
    assert_well(&door);
}

#[test]
fn a_keyring_that_was_replaced_is_asked_as_the_first_one_was() {
    let mut door = without_editor();
    let mut session = locked(&mut door);
    // It dies, and the next one is opened at once: what the engine said to the first one is worth nothing any more.
    session.replace(&door, &[]);
    assert_well(&door);
    let password = door.run(&["password", "show"]);
    assert_eq!(password.code, 0, "{password:?}");
    session.replace(&door, &["--replace"]);
    let shown = door.run(&["password", "show"]);
    assert_eq!(
        (shown.code, shown.stdout),
        (0, password.stdout),
        "{}",
        shown.stderr
    );
    assert_well(&door);
}

#[test]
fn of_a_keyring_one_thing_is_said_at_a_time() {
    let mut door = without_editor();
    let session = locked(&mut door);
    // Settings that are read again have the password asked for again.
    kill(session.keyring.id(), Signal::SIGSTOP);
    door.write_settings("hosts = [\"localhost\", \"127.0.0.1\"]\n");
    wait_for("the keyring to be silent", Duration::from_secs(15), || {
        let mut codes = door.problems();
        codes.retain(|code| code.starts_with("keyring_"));
        assert_eq!(codes.len(), 1, "{codes:?}");
        (codes == ["keyring_timed_out"]).then_some(())
    });
    kill(session.keyring.id(), Signal::SIGCONT);
    session.unlock();
    assert_well(&door);
}

#[test]
fn settings_that_change_while_the_engine_waits_for_the_keyring_are_taken_up() {
    let mut door = without_editor();
    let session = Session::start(&door);
    with_password(&session, &mut door);
    kill(session.keyring.id(), Signal::SIGSTOP);
    session.up(&mut door);
    // The settings have been read by then, and for five seconds nothing else happens.
    wait_for("the port to be taken", SOON, || {
        std::net::TcpStream::connect(("127.0.0.1", door.port())).ok()
    });
    door.write_settings("hosts = [\"localhost\", \"127.0.0.1\"]\n");
    wait_until_open(&door);
    wait_for_status(&door, "the new host", |status| {
        status["urls"].to_string().contains("127.0.0.1")
    });
    kill(session.keyring.id(), Signal::SIGCONT);
    assert_well(&door);
}

#[test]
fn a_keyring_that_is_gone_is_named_until_it_is_back() {
    let mut door = without_editor();
    let mut session = locked(&mut door);
    end(&mut session.keyring);
    // Settings that are read again have the password asked for again.
    door.write_settings("hosts = [\"localhost\", \"127.0.0.1\"]\n");
    assert_named(&door, "keyring_failed", Bad::Broken);
    session.keyring = daemon(&door, &session.address, &[]);
    session.wait_for_another_than(None);
    assert_well(&door);
}

#[test]
fn what_is_no_password_in_the_keyring_is_named_until_there_is_another() {
    let mut door = without_editor();
    let session = Session::start(&door);
    with_password(&session, &mut door);
    // By another program.
    let mut command = Command::new("secret-tool");
    let mut child = command
        .args([
            "store",
            "--label=x",
            "service",
            "doorcode",
            "username",
            "password",
        ])
        .env("DBUS_SESSION_BUS_ADDRESS", &session.address)
        .stdin(Stdio::piped())
        .spawn()
        .expect("secret-tool is installed");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(b"short")
        .expect("read");
    assert!(child.wait().expect("it ends").success());
    session.up(&mut door);
    wait_until_open(&door);
    assert_named(&door, "password_refused", Bad::Broken);
    assert_eq!(
        door.run(&["password", "reset"]).code,
        0,
        "what the doctor says mends it"
    );
    assert_well(&door);
}

#[test]
fn a_hash_that_cannot_be_used_is_named_until_it_can_or_there_is_another() {
    let mut door = without_editor();
    let hash = door.data("password.argon2id");
    let start = |door: &mut Door| {
        door.up();
        wait_until_open(door);
    };
    start(&mut door);
    assert_well(&door);
    let stop = |door: &mut Door| {
        assert_eq!(door.run(&["stop", "--engine"]).code, 0);
        door.wait_for_end(Duration::from_secs(15));
    };
    let open_to = |mode| std::fs::set_permissions(&hash, PermissionsExt::from_mode(mode)).expect("ours");
    stop(&mut door);
    open_to(0o644);
    start(&mut door);
    let report = assert_named(&door, "password_hash_unusable", Bad::Broken);
    assert!(report.first().contains("password.argon2id"), "{}", report.first());
    open_to(0o600);
    assert_well(&door);
    stop(&mut door);
    write(&hash, "nonsense");
    start(&mut door);
    assert_named(&door, "password_hash_broken", Bad::Broken);
    assert_eq!(
        door.run(&["password", "reset"]).code,
        0,
        "what the doctor says mends it"
    );
    assert_well(&door);
}
