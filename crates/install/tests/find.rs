//! Which code-server is run, and what is said about those that are not.

mod support;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use doorcode_install::{CodeServer, FindError, Origin, find};
use doorcode_settings::{Problem, Program};
use support::{Folder, install_bytes, release, says, version};

/// With `editor.program` set.
fn find_set(program: &Path, path_var: &str) -> Result<CodeServer, Problem> {
    let program = Program::Path(program.to_owned());
    find(&program, Path::new("/nonexistent"), Some(OsStr::new(path_var)))
        .map_err(|error| Problem::from(&error))
}

/// The problem with `editor.program` set to this, and nothing on PATH.
fn refusal(program: &Path) -> Problem {
    find_set(program, "").expect_err("it cannot be used")
}

/// A code-server as npm installs it, which needs Node 24.
fn package(folder: &Folder, root: &str) -> PathBuf {
    folder.file(
        &format!("{root}/package.json"),
        r#"{"name": "code-server", "engines": {"node": "24"}}"#,
    );
    folder.file(&format!("{root}/out/node/entry.js"), "")
}

/// A Node that says its version, and runs every script as if it were code-server 4.139.1.
fn node(folder: &Folder, name: &str, version: &str) -> PathBuf {
    folder.script(
        name,
        &format!("[ \"$1\" = --version ] && echo v{version} || {}", says("4.139.1")),
    )
}

#[test]
fn an_executable_that_the_settings_name() {
    let folder = Folder::new();
    let program = folder.script("my-code-server", &says("4.139.1"));
    let found = find_set(&program, "").expect("it can be used");
    assert_eq!(found.version, version("4.139.1"));
    assert_eq!(found.origin, Origin::Setting);
    assert_eq!(found.command(), (program, vec![]));
}

#[test]
fn javascript_gets_the_first_node_of_the_right_major_version() {
    let folder = Folder::new();
    let entry = package(&folder, "code-server");
    node(&folder, "old/node", "20.20.2");
    let right = node(&folder, "right/node", "24.1.0");
    let path_var = format!("{0}/old:{0}/right", folder.path().display());
    let found = find_set(&entry, &path_var).expect("it can be used");
    assert_eq!(found.command(), (right, vec![entry.into_os_string()]));
}

#[test]
fn javascript_without_the_right_node_is_refused() {
    let folder = Folder::new();
    let entry = package(&folder, "code-server");
    let old = node(&folder, "old/node", "20.20.2");
    let problem = find_set(&entry, &folder.join("old").display().to_string()).expect_err("only Node 20");
    assert_eq!(problem.code, "node_wrong_version");
    assert!(
        problem
            .message
            .contains(&format!("needs Node 24, found only 20 ({})", old.display())),
        "{problem}"
    );
    assert_eq!(refusal(&entry).code, "node_missing");
}

#[test]
fn a_command_linked_to_javascript_gets_the_node_beside_it() {
    let folder = Folder::new();
    let entry = package(&folder, "lib/node_modules/code-server");
    fs::set_permissions(&entry, PermissionsExt::from_mode(0o755)).expect("as npm does");
    let beside = node(&folder, "bin/node", "24.9.0");
    symlink(
        "../lib/node_modules/code-server/out/node/entry.js",
        folder.join("bin/code-server"),
    )
    .expect("linked");
    let path_var = folder.join("bin");
    let found = find(
        &Program::Auto,
        Path::new("/nonexistent"),
        Some(path_var.as_os_str()),
    )
    .expect("it can be used");
    assert_eq!(
        (found.node, found.entry, found.origin),
        (Some(beside), entry, Origin::Path)
    );
}

#[test]
fn a_standalone_release_is_run_with_its_own_node() {
    let folder = Folder::new();
    let entry = package(&folder, "release");
    let own = node(&folder, "release/lib/node", "24.9.0");
    let program = folder.script("release/bin/code-server", "exit 1");
    let found = find_set(&program, "").expect("it can be used");
    assert_eq!(found.command(), (own, vec![entry.into_os_string()]));
}

#[test]
fn the_version_is_asked_without_a_configuration_file_being_written() {
    let folder = Folder::new();
    let seen = folder.join("seen");
    let text = format!(
        "[ \"$1\" = --config ] && [ -f \"$2\" ] && [ ! -s \"$2\" ] && echo \"$3\" > {}; {}",
        seen.display(),
        says("4.139.1")
    );
    find_set(&folder.script("code-server", &text), "").expect("it can be used");
    assert_eq!(
        fs::read_to_string(seen).expect("an empty configuration was given"),
        "--version\n"
    );
}

#[test]
fn one_that_is_too_old_is_refused_with_the_reason() {
    let folder = Folder::new();
    let problem = refusal(&folder.script("code-server", &says("4.112.9")));
    assert_eq!(problem.code, "code_server_too_old");
    assert!(
        problem.message.contains("4.112.9") && problem.message.contains("--reconnection-grace-time"),
        "{problem}"
    );
    find_set(&folder.script("code-server", &says("4.113.0")), "").expect("the oldest that runs");
}

#[test]
fn what_is_no_code_server_is_refused_with_the_reason() {
    let folder = Folder::new();
    let other = folder.file("other/package.json", r#"{"name": "left-pad"}"#);
    let cases = [
        (folder.join("missing"), "code_server_missing", "No such file"),
        (folder.path().to_owned(), "code_server_missing", "not a file"),
        (
            folder.file("plain", ""),
            "code_server_not_runnable",
            "not executable",
        ),
        (
            folder.file("script.js", ""),
            "code_server_not_runnable",
            "another name",
        ),
        (
            folder.file("none/out/node/entry.js", ""),
            "code_server_not_runnable",
            "none/package.json",
        ),
        (
            folder.file("other/out/node/entry.js", ""),
            "code_server_not_runnable",
            "\"left-pad\"",
        ),
        (
            folder.script("fails", "echo because >&2; exit 3"),
            "code_server_broken",
            "exit status 3\n  because",
        ),
        (
            folder.script("dies", "kill -SEGV $$"),
            "code_server_broken",
            "signal 11",
        ),
        (
            folder.script("mute", "echo hello"),
            "code_server_broken",
            "no version\n  hello",
        ),
    ];
    for (program, code, text) in cases {
        let problem = refusal(&program);
        assert_eq!(problem.code, code, "{problem}");
        assert!(problem.message.contains(text), "{problem}");
        assert!(
            problem.message.contains(&program.display().to_string()),
            "{problem}"
        );
        assert!(problem.fix.starts_with("correct the line `program"), "{problem}");
        assert!(problem.fix.contains("doorcode settings edit"), "{problem}");
    }
    assert!(other.exists());
}

#[test]
fn what_is_said_of_a_program_that_fails_can_be_tried_out() {
    let folder = Folder::new();
    let program = folder.script("fails", "exit 3");
    let problem = refusal(&program);
    let path = program.display();
    assert_eq!(
        problem.message,
        format!(
            "the code-server that editor.program names cannot be used: {path}: `{path} --version` gives no version: \
             it ended with exit status 3"
        )
    );
}

#[tokio::test]
async fn one_on_path_comes_before_our_own_install() {
    let folder = Folder::new();
    let installed = install_bytes(&folder, &release("4.139.1"))
        .await
        .expect("installed");
    let program = folder.script("bin/code-server", &says("4.120.0"));
    let path_var = folder.join("bin");
    let find = || {
        find(
            &Program::Auto,
            &folder.join("installs"),
            Some(path_var.as_os_str()),
        )
    };
    let found = find().expect("both can be used");
    assert_eq!((found.entry, found.origin), (program.clone(), Origin::Path));

    // One that cannot be used is passed over.
    fs::write(&program, format!("#!/bin/sh\n{}\n", says("4.9.0"))).expect("written");
    assert_eq!(find().expect("our own can"), installed);
    assert_eq!(installed.origin, Origin::Installed);

    // When nothing works, every candidate is named with its reason.
    fs::write(&installed.entry, "#!/bin/sh\nexit 1\n").expect("written");
    match find() {
        Err(error @ FindError::NoneUsable(_)) => {
            let problem = Problem::from(&error);
            assert_eq!(
                (problem.code.as_str(), problem.fix.as_str()),
                ("code_server_not_usable", "doorcode install")
            );
            for part in [
                &program.display().to_string(),
                "4.9.0 is too old",
                "exit status 1",
            ] {
                assert!(problem.message.contains(part), "{problem}");
            }
            assert!(
                problem.message.contains(&installed.entry.display().to_string()),
                "{problem}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_install_that_somebody_deleted_is_named() {
    let folder = Folder::new();
    fs::create_dir(folder.join("installs")).expect("created");
    symlink("4.139.1-1", folder.join("installs/current")).expect("linked");
    let error = find(&Program::Auto, &folder.join("installs"), None).expect_err("it is gone");
    let problem = Problem::from(&error);
    assert_eq!(problem.code, "code_server_missing");
    assert!(
        problem.message.contains("installs/4.139.1-1/bin/code-server"),
        "{problem}"
    );
}

#[test]
fn a_link_out_of_the_folder_of_the_installs_is_not_followed() {
    let folder = Folder::new();
    folder.script("elsewhere/bin/code-server", &says("4.139.1"));
    fs::create_dir(folder.join("installs")).expect("created");
    symlink("../elsewhere", folder.join("installs/current")).expect("linked");
    let error = find(&Program::Auto, &folder.join("installs"), None);
    assert!(matches!(error, Err(FindError::NotFound { .. })), "{error:?}");
}

#[test]
fn folders_of_path_that_are_not_absolute_are_left_out() {
    // The tests run in the package's folder.
    let folder = tempfile::tempdir_in(".").expect("a temporary folder");
    let program = folder.path().join("code-server");
    fs::write(&program, format!("#!/bin/sh\n{}\n", says("4.139.1"))).expect("written");
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("made executable");
    let relative = folder
        .path()
        .strip_prefix(std::env::current_dir().expect("it exists"))
        .unwrap_or(folder.path());
    let error = find(
        &Program::Auto,
        Path::new("/nonexistent"),
        Some(relative.as_os_str()),
    );
    assert!(matches!(error, Err(FindError::NotFound { .. })), "{error:?}");
    let absolute = relative.canonicalize().expect("it exists");
    find(
        &Program::Auto,
        Path::new("/nonexistent"),
        Some(absolute.as_os_str()),
    )
    .expect("the same, absolute");
}
