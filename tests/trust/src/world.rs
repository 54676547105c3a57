//! A door, and a machine around it on which root's rights are the test's own: network, host names and the system's store.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use doorcode_tests::{Door, Output, own_host_names, own_network, own_system_store};
use serde_json::Value;

/// An editor that says its version and then only waits: enough for a door.
const WAITING: &str = "#!/bin/sh\ncase \" $* \" in *' --version '*) echo 4.139.1 0000000000000000000000000000000000000000 with Code 1.139.1; exit 0;; esac\nexec sleep 1000\n";

/// Addresses that are this machine, besides loopback's: one as in a home network, and one that the thief would like to be.
const ADDRESSES: [&str; 2] = ["192.168.77.10/32", "10.9.8.7/32"];
/// Names that are this machine.
const NAMES: [&str; 2] = ["my.dev.local", "bank.example.com"];

/// The machine and its door.
pub struct World {
    /// The door; its home is the person's.
    pub door: Door,
}

impl World {
    /// A door that answers for `hosts`, in the namespaces that [`doorcode_tests::in_namespace`] has made. Nobody trusts it yet.
    pub fn new(hosts: &[&str]) -> World {
        own_network(&ADDRESSES);
        let mut door = Door::with_script(WAITING);
        own_host_names(door.home(), &NAMES);
        own_system_store(door.home());
        let port = door.port();
        door.write_settings_file(&format!(
            "[editor]\nprogram = {:?}\nfolder = {:?}\n[gateway]\n\
             listen = [\"127.0.0.1:{port}\", \"[::1]:{port}\", \"192.168.77.10:{port}\"]\nhosts = {hosts:?}\n",
            door.path("fake-code-server"),
            door.folder(),
        ));
        door.set_password();
        door.up();
        door.wait_for_state("starting");
        World { door }
    }

    /// The public sign-in page of `host`.
    pub fn page(&self, host: &str) -> String {
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        format!("https://{host}:{}/.doorcode/sign-in", self.door.port())
    }

    /// A Firefox profile that Firefox itself has made; gives its folder.
    pub fn firefox_profile(&self) -> PathBuf {
        let mut command = Command::new("firefox");
        command.args(["--headless", "-CreateProfile", "person"]);
        self.door.set_environment(&mut command);
        let made = command.output().expect("firefox is installed");
        assert!(made.status.success(), "{made:?}");
        let grounds = [
            self.door.path("config/mozilla/firefox"),
            self.door.path(".mozilla/firefox"),
        ];
        let mut profiles = grounds
            .iter()
            .filter_map(|ground| std::fs::read_dir(ground).ok())
            .flatten()
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.to_string_lossy().ends_with(".person"));
        profiles.next().expect("Firefox has made a profile")
    }

    /// `doorcode trust …`; a command that needs root's rights may run: they are the test's own.
    pub fn trust(&self, args: &[&str]) -> Output {
        let args: Vec<&str> = std::iter::once("trust").chain(args.iter().copied()).collect();
        self.door.run(&args)
    }

    /// The state and the detail of each store, as `doorcode trust <verb> --host HOST --json` says.
    pub fn stores(&self, verb: &str, host: &str) -> Vec<(String, String, String)> {
        let mut args = vec![verb, "--host", host, "--json"];
        if matches!(verb, "install" | "remove") {
            args.push("--yes");
        }
        let output = self.trust(&args);
        let report: Value =
            serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        let text = |store: &Value, key: &str| store[key].as_str().unwrap_or_default().to_owned();
        let stores = report["stores"].as_array().expect("stores").iter();
        stores
            .map(|store| (text(store, "store"), text(store, "state"), text(store, "detail")))
            .collect()
    }

    /// A program with the person's home, and without their proxies and certificates of other origin.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.door.set_environment(&mut command);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().to_lowercase();
            if text.ends_with("_proxy") || text.starts_with("ssl_cert") || text.starts_with("node_") {
                command.env_remove(&name);
            }
        }
        command.stdin(Stdio::null());
        command
    }
}

/// Runs a command to its end, for at most `limit`; all that it printed, and whether it was content.
pub(crate) fn finish(mut command: Command, limit: Duration) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("output");
    let file = std::fs::File::create(&log).expect("made");
    let both = file.try_clone().expect("duplicated");
    let mut child = command
        .stdout(file)
        .stderr(both)
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} starts: {error}"));
    let deadline = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            break Some(status);
        }
        if Instant::now() > deadline {
            child.kill().expect("a child of ours");
            child.wait().expect("a child of ours");
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let text = std::fs::read(&log).expect("written");
    let success = status.is_some_and(|status| status.success());
    (success, String::from_utf8_lossy(&text).into_owned())
}
