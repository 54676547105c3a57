//! A real keyring that is locked, or silent.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use doorcode_tests::kill;
use nix::sys::signal::Signal;

use super::*;

/// What opens the keyring.
const OPENS: &str = "the keyring's own password";

/// Needs arguments that dbus-send cannot write, on the connection that the session was opened on.
const UNLOCK: &str = "
import sys
from gi.repository import Gio, GLib
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
def call(interface, method, arguments):
    where = ('org.freedesktop.secrets', '/org/freedesktop/secrets', interface, method)
    return bus.call_sync(*where, arguments, None, Gio.DBusCallFlags.NONE, 5000, None)
plain = GLib.Variant('(sv)', ('plain', GLib.Variant('s', '')))
session = call('org.freedesktop.Secret.Service', 'OpenSession', plain).unpack()[1]
secret = (session, b'', sys.argv[1].encode(), 'text/plain')
collection = '/org/freedesktop/secrets/collection/login'
call('org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface', 'UnlockWithMasterPassword',
     GLib.Variant('(o(oayays))', (collection, secret)))
";

/// A session bus and gnome-keyring on it, for one door.
struct Session {
    bus: Child,
    address: String,
    keyring: Child,
}

impl Session {
    fn start(door: &Door) -> Session {
        let mut bus = Command::new("dbus-daemon");
        door.set_environment(&mut bus);
        let mut bus = bus
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        let stdout = bus.stdout.as_mut().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut address)
            .expect("its address");
        let address = address.trim().to_owned();
        let keyring = daemon(door, &address);
        let session = Session {
            bus,
            address,
            keyring,
        };
        wait_for("the keyring on the bus", Duration::from_secs(10), || {
            let there = session.ask(
                "org.freedesktop.DBus",
                "/",
                "org.freedesktop.DBus.NameHasOwner",
                NAME,
            );
            there.contains("boolean true").then_some(())
        });
        session
    }

    /// The door's engine, which finds this keyring.
    fn up(&self, door: &mut Door) {
        let mut command = door.command(&["up"]);
        command
            .env_remove("DOORCODE_KEYRING")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        door.start(&mut command);
    }

    fn lock(&self) {
        let collections = "array:objpath:/org/freedesktop/secrets/collection/login";
        let service = "org.freedesktop.Secret.Service.Lock";
        let answer = self.ask(
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            service,
            collections,
        );
        assert!(answer.contains("collection/login"), "locked: {answer}");
    }

    /// As the keyring's own window does, once it has been told the password.
    fn unlock(&self) {
        let output = Command::new("/usr/bin/python3")
            .args(["-c", UNLOCK])
            .arg(OPENS)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .output()
            .expect("python3 is installed");
        assert!(output.status.success(), "{output:?}");
    }

    fn ask(&self, destination: &str, object: &str, method: &str, argument: &str) -> String {
        let output = Command::new("dbus-send")
            .args(["--session", "--print-reply", &format!("--dest={destination}")])
            .args([object, method, argument])
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .output()
            .expect("dbus-send is installed");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

const NAME: &str = "string:org.freedesktop.secrets";

fn daemon(door: &Door, address: &str) -> Child {
    let mut command = Command::new("gnome-keyring-daemon");
    door.set_environment(&mut command);
    let mut child = command
        .args(["--foreground", "--unlock", "--components=secrets"])
        .env("DBUS_SESSION_BUS_ADDRESS", address)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("gnome-keyring-daemon is installed");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(OPENS.as_bytes()).expect("read by the keyring");
    child
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in [&mut self.keyring, &mut self.bus] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_keyring_that_is_locked_is_named_and_one_that_was_opened_is_seen() {
    let mut door = without_editor();
    let session = Session::start(&door);
    session.up(&mut door);
    wait_until_open(&door);
    assert_well(&door);
    assert_eq!(door.run(&["stop", "--engine"]).code, 0);
    door.wait_for_end(Duration::from_secs(15));

    session.lock();
    session.up(&mut door);
    wait_until_open(&door);
    assert_named(&door, "keyring_locked", Bad::Broken);
    session.unlock();
    assert_well(&door);
}

#[test]
fn a_keyring_that_is_silent_is_named_and_one_that_answers_again_is_seen() {
    let mut door = without_editor();
    let session = Session::start(&door);
    session.up(&mut door);
    wait_until_open(&door);
    assert_eq!(door.run(&["stop", "--engine"]).code, 0);
    door.wait_for_end(Duration::from_secs(15));

    kill(session.keyring.id(), Signal::SIGSTOP);
    session.up(&mut door);
    wait_until_open(&door);
    assert_named(&door, "keyring_timed_out", Bad::Broken);
    kill(session.keyring.id(), Signal::SIGCONT);
    assert_well(&door);
}
