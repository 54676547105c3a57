//! `doorcode report` in a home full of secrets, none of which may leave it.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What must be nowhere in the bundle. Each is planted in a place of its own, in a form of its own.
const SECRETS: &[&str] = &[
    "hunter2-in-args",
    "hunter2-in-comment",
    "hunter2-in-hash",
    "hunter2-in-key",
    "hunter2-in-session",
    "hunter2-in-cookie",
    "hunter2-in-query",
    "hunter2-in-env",
    "hunter2-behind-port",
    "hunter2-in-header",
    "k3v9-0abc-defg-hjkm-npqr-stvw",
    "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k",
    "198.51.100.23",
    "2001:db8::17",
    "alice",
    "the-client-project",
    "bob-at-work",
    "Bob-At-Work",
    "carol@",
    "dave-of-the-path",
];

struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Home {
        let home = Home {
            dir: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(home.path()).unwrap();
        home
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("alice")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn report(&self, output: &Path) -> Output {
        Command::new(env!("CARGO_BIN_EXE_doorcode"))
            .args(["report", "--output"])
            .arg(output)
            .env_clear()
            .env("HOME", self.path())
            .env("USER", "alice")
            .env("PATH", "/usr/bin:/bin")
            .env("XDG_RUNTIME_DIR", self.path().join("run"))
            .env("DOORCODE_KEYRING", "none")
            .output()
            .unwrap()
    }
}

fn contents(archive: &Path) -> BTreeMap<String, String> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(archive).unwrap()));
    let mut files = BTreeMap::new();
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!(
            (header.uid().unwrap(), header.username().unwrap().unwrap_or("")),
            (0, "")
        );
        let name = entry
            .path()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        files.insert(name, text);
    }
    files
}

fn plant(home: &Home) {
    home.write(
        ".config/doorcode/settings.toml",
        "# hunter2-in-comment\n[editor]\nargs = [\"--locale=hunter2-in-args\", \"hunter2-in-args\"]\n[gateway]\nhosts = [\"my.dev.local\"]\n\
         [auth.trusted_proxy]\nallow_users = [\"bob-at-work\", \"carol@example.com\"]\n",
    );
    home.write(
        ".local/share/doorcode/password.argon2id",
        "$argon2id$hunter2-in-hash\n",
    );
    home.write(".local/share/doorcode/certs/my_dev_local.key", "hunter2-in-key\n");
    home.write(
        ".local/share/doorcode/sessions.json",
        "{\"hunter2-in-session\": 1}",
    );
    home.write(
        ".local/share/doorcode/recent.json",
        "{\"folders\":[\"/srv/the-client-project\"]}",
    );
    let editor = format!(
        "[2026-11-21T11:45:13.648Z] info  code-server 4.139.1\n\
         [2026-11-21T11:45:13.651Z] info  Using user-data-dir {}/.local\n\
         [11:45:13] GET /?tkn=hunter2-in-query&x=1 from 2001:db8::17\n\
         [11:45:13] cookie: vscode-tkn=hunter2-in-cookie\n\
         [11:45:13] GITHUB_TOKEN=hunter2-in-env node x.js\n\
         [11:45:13] bob-at-work opened /home/dave-of-the-path/x, carol@example.com did not\n\
         [11:45:13] the password k3v9-0abc-defg-hjkm-npqr-stvw was shown\n",
        home.path().display()
    );
    home.write(".local/state/doorcode/editor.log", &editor);
    home.write(
        ".local/state/doorcode/access.log",
        "{\"ts\":\"2026-11-21T11:45:13.648Z\",\"client\":\"198.51.100.23\",\"method\":\"GET\",\"path\":\"/proxy/3000/hunter2-behind-port\",\"status\":200,\"user\":\"Bob-At-Work\"}\n",
    );
    home.write(
        ".local/state/doorcode/doorcode.log",
        "2026-11-21T11:44:51.421728Z  INFO doorcode: a key q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k for alice\n\
         2026-11-21T11:44:52.421728Z  WARN doorcode: authorization: Bearer hunter2-in-header\n",
    );
}

#[test]
fn nothing_secret_and_nothing_personal_is_in_the_bundle() {
    let home = Home::new();
    plant(&home);
    let archive = home.dir.path().join("report.tar.gz");
    let output = home.report(&archive);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        fs::metadata(&archive).unwrap().permissions().mode() & 0o777,
        0o600
    );

    let files = contents(&archive);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "README.txt",
            "access.log",
            "certificates.json",
            "doctor.json",
            "doorcode.log",
            "editor.log",
            "health.json",
            "metrics.txt",
            "settings.txt",
            "status.json",
            "versions.json"
        ]
    );
    for (name, text) in &files {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is in {name}:\n{text}");
        }
    }
    // What a helper needs is there.
    assert!(files["editor.log"].contains("info  code-server 4.139.1"));
    assert!(files["editor.log"].contains("Using user-data-dir ~/.local"));
    assert!(files["access.log"].contains("\"client\":\"<address"));
    assert!(files["settings.txt"].contains("gateway.hosts = [\"my.dev.local\"]\n"));
    assert!(files["settings.txt"].contains("editor.args = [\"--locale=<removed>\",\"<removed>\"]\n"));
    assert!(files["versions.json"].contains(env!("CARGO_PKG_VERSION")));
    for name in ["status.json", "doctor.json", "health.json", "metrics.txt"] {
        assert!(
            files[name].contains("not_running"),
            "{name} says why there is nothing"
        );
    }
    assert!(files["settings.txt"].contains("auth.trusted_proxy.allow_users = [\"<2 people>\"]\n"));
    assert!(files["editor.log"].contains("<person 1> opened /home/<user>/x, <person 2> did not"));
    assert!(files["access.log"].contains("\"user\":\"<person 1>\""));
    assert!(files["README.txt"].contains("e-mail addresses"));
}

#[test]
fn a_file_that_is_there_is_not_replaced() {
    let home = Home::new();
    let precious = home.path().join("notes.txt");
    fs::write(&precious, "mine").unwrap();
    let output = home.report(&precious);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("report_exists"));
    assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
}

#[test]
fn a_home_without_anything_has_a_report_too() {
    let home = Home::new();
    let archive = home.dir.path().join("report.tar.gz");
    let output = home.report(&archive);
    assert!(output.status.success(), "{output:?}");
    let files = contents(&archive);
    assert_eq!(files["editor.log"], "");
    assert!(files["settings.txt"].contains("auth.mode = \"password\"  # the default"));
}
