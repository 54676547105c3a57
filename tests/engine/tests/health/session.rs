//! A session bus with a real gnome-keyring, for one door.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

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

/// A bus that starts no keyring by itself, which nobody would end.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=FOLDER</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

/// A session bus and gnome-keyring on it, for one door.
pub(super) struct Session {
    bus: Child,
    pub(super) address: String,
    pub(super) keyring: Child,
}

impl Session {
    pub(super) fn start(door: &Door) -> Session {
        let config = door.path("bus.conf");
        let folder = door.home().to_str().expect("a path in UTF-8");
        write(&config, &BUS.replace("FOLDER", folder));
        let mut bus = Command::new("dbus-daemon");
        door.set_environment(&mut bus);
        let mut bus = bus
            .arg("--config-file")
            .arg(&config)
            .args(["--nofork", "--print-address"])
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
        let keyring = daemon(door, &address, &[]);
        let session = Session {
            bus,
            address,
            keyring,
        };
        session.wait_for_another_than(None);
        session
    }

    /// Another process keeps the same secrets from now on; with the option `--replace` it sends the first one away.
    pub(super) fn replace(&mut self, door: &Door, options: &[&str]) {
        let before = self.owner();
        if options.is_empty() {
            end(&mut self.keyring);
        }
        let mut old = std::mem::replace(&mut self.keyring, daemon(door, &self.address, options));
        self.wait_for_another_than(before);
        end(&mut old);
    }

    pub(super) fn wait_for_another_than(&self, before: Option<String>) {
        wait_for("the keyring on the bus", Duration::from_secs(10), || {
            let owner = self.owner();
            (owner.is_some() && owner != before).then_some(())
        });
    }

    /// Who answers for the keyring.
    fn owner(&self) -> Option<String> {
        let answer = self.ask(
            "org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.GetNameOwner",
            NAME,
        );
        let name = answer.lines().find(|line| line.contains("string"))?;
        Some(name.to_owned())
    }

    /// The door's engine, which finds this keyring.
    pub(super) fn up(&self, door: &mut Door) {
        let mut command = door.command(&["up"]);
        command
            .env_remove("DOORCODE_KEYRING")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        door.start(&mut command);
    }

    pub(super) fn lock(&self) {
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
    pub(super) fn unlock(&self) {
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

pub(super) fn daemon(door: &Door, address: &str, options: &[&str]) -> Child {
    let mut command = Command::new("gnome-keyring-daemon");
    door.set_environment(&mut command);
    let mut child = command
        .args(["--foreground", "--unlock", "--components=secrets"])
        .args(options)
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
        end(&mut self.keyring);
        end(&mut self.bus);
    }
}

pub(super) fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
