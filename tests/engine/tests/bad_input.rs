//! Bad input gets its own clear error and changes nothing.

use std::path::Path;
use std::time::Duration;

use doorcode_tests::{Door, Output, curl, wait_for};

/// A door whose editor is never started.
fn door() -> Door {
    Door::with_editor(Path::new("/nonexistent/code-server"))
}

#[track_caller]
fn refused(output: &Output, words: &[&str]) {
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.stderr.starts_with("error ["), "{output:?}");
    assert!(output.stderr.contains("next: "), "{output:?}");
    for word in words {
        assert!(
            output.stderr.contains(word),
            "`{word}` is not in {}",
            output.stderr
        );
    }
}

#[test]
fn a_broken_settings_file_is_refused_by_file_line_and_key() {
    let door = door();
    for (text, words) in [
        ("[gateway\n", &["settings.toml", ":1"][..]),
        ("[editor]\nfolder = 3\n", &[":2", "editor.folder"]),
        ("[gatway]\nhosts = []\n", &[":1", "gatway", "gateway"]),
        ("[gateway]\nhost = [\"a\"]\n", &[":2", "host", "hosts"]),
        ("[gateway]\nhosts = []\n", &[":2", "gateway.hosts"]),
        ("[gateway]\nhosts = [\"a_b\"]\n", &[":2", "a_b"]),
        ("[gateway]\nhosts = [\"exa mple\"]\n", &[":2", "exa mple"]),
        ("[gateway]\nhosts = [\"-a.example\"]\n", &[":2", "-a.example"]),
        ("[gateway]\nhosts = [\"127.0.0.1.5\"]\n", &[":2", "127.0.0.1.5"]),
        ("[gateway]\nhosts = [\"*.example\"]\n", &[":2", "*.example"]),
        ("[gateway]\nhosts = [\"fe80::1%eth0\"]\n", &[":2", "fe80::1%eth0"]),
        ("[gateway]\nhosts = [\"a\", \"A\"]\n", &[":2", "gateway.hosts"]),
        ("[gateway]\nlisten = [\"8443\"]\n", &[":2", "gateway.listen"]),
        (
            "[auth]\nmode = \"open\"\n",
            &[":2", "auth.mode", "password", "none"],
        ),
        (
            "[auth]\nmode = \"none\"\n[gateway]\nlisten = [\"0.0.0.0:8443\"]\n",
            &["none_beyond_loopback"],
        ),
        ("[sessions]\nidle = \"soon\"\n", &[":2", "sessions.idle"]),
        (
            "[sessions]\nidle = \"40d\"\n",
            &["sessions.idle", "sessions.absolute"],
        ),
        (
            "[tls]\nmode = \"custom\"\ncert = \"/c.pem\"\n",
            &["--cert-key is missing"],
        ),
        (
            "[tls]\nmode = \"custom\"\nkey = \"/k.pem\"\n",
            &["--cert is missing"],
        ),
        (
            "[editor]\nargs = [\"--bind-addr=0.0.0.0:80\"]\n",
            &[":2", "--bind-addr"],
        ),
        ("[limits]\nconnections = 0\n", &[":2", "limits.connections"]),
    ] {
        door.write_settings_file(text);
        let output = door.run(&["settings", "check"]);
        println!("{text:?}: {}", output.stderr);
        refused(&output, words);
        assert_eq!(
            std::fs::read_to_string(door.settings_file()).expect("there"),
            text,
            "the file was changed"
        );
        let up = door.run(&["up"]);
        assert_eq!(up.stderr, output.stderr, "`up` and `settings check` disagree");
        assert!(!door.data("certs").exists(), "a broken file has effects");
    }
}

#[test]
fn two_hosts_that_would_share_a_file_are_refused_by_name() {
    let door = door();
    door.write_settings_file("[gateway]\nhosts = [\"1.2.3.4\", \"a.b\", \"1:2:3:4::\"]\n");
    assert_eq!(door.run(&["settings", "check"]).code, 0);
    door.write_settings_file("[gateway]\nhosts = [\"::1\", \"0:0::1\"]\n");
    refused(&door.run(&["settings", "check"]), &["gateway.hosts"]);
}

#[test]
fn one_half_of_a_custom_pair_on_the_command_line_is_refused() {
    let door = door();
    refused(&door.run(&["up", "--cert", "x.pem"]), &["--cert-key is missing"]);
    refused(&door.run(&["up", "--cert-key", "x.pem"]), &["--cert is missing"]);
}

#[test]
fn a_folder_that_is_not_there_or_no_folder_is_refused() {
    let door = door();
    refused(
        &door.run(&["up", "/nonexistent/folder"]),
        &["/nonexistent/folder"],
    );
    std::fs::write(door.path("file"), "").expect("written");
    refused(&door.run(&["up", "file"]), &["file"]);
}

#[test]
fn an_unknown_host_has_no_certificate_and_a_bad_name_is_said() {
    let door = door();
    let shown = door.run(&["cert", "show", "other.example"]);
    assert_ne!(shown.code, 0, "{shown:?}");
    assert!(shown.stderr.contains("other.example"), "{shown:?}");
    assert_eq!(door.run(&["cert", "issue", "not a host"]).code, 2);
}

#[test]
fn a_password_that_is_too_short_or_empty_is_refused_and_the_old_one_stays() {
    let door = door();
    door.set_password();
    let before = std::fs::read(door.data("password.argon2id")).expect("there");
    for bad in ["", "tiny-1", "with\u{7}bell and more"] {
        let output = door.run_with_input(&["password", "set", "--stdin"], bad);
        refused(&output, &["password"]);
        assert!(
            bad.is_empty() || !output.stderr.contains(bad),
            "the refused password is printed"
        );
    }
    assert_eq!(
        std::fs::read(door.data("password.argon2id")).expect("there"),
        before
    );
}

#[test]
fn a_broken_edit_while_running_leaves_the_last_good_settings_in_force() {
    let mut door = Door::new();
    door.up_and_running();
    assert_eq!(curl(&door, &[&door.url("/")]).status, 401);
    let good = std::fs::read_to_string(door.settings_file()).expect("there");
    door.write_settings_file("[auth]\nmode = \"none\"\n[gateway]\nlisten = [");
    wait_for("the problem to be told", Duration::from_secs(5), || {
        door.problems()
            .iter()
            .any(|code| code.starts_with("settings_"))
            .then_some(())
    });
    assert_eq!(
        curl(&door, &[&door.url("/")]).status,
        401,
        "a file that does not parse opened the door"
    );
    assert_eq!(door.run(&["auth", "none"]).code, 2, "a broken file was edited");

    door.write_settings_file(&good);
    wait_for("the problem to be gone", Duration::from_secs(5), || {
        door.problems().is_empty().then_some(())
    });
    door.write_settings("hosts = [\"localhost\", \"my.dev.local\"]\n[editor.unknown]\n");
    wait_for("the next problem", Duration::from_secs(5), || {
        (!door.problems().is_empty()).then_some(())
    });
    door.write_settings("hosts = [\"localhost\", \"my.dev.local\"]\n");
    wait_for("the new host to be served", Duration::from_secs(5), || {
        (door.status()["certificates"].as_array().map(Vec::len) == Some(2)).then_some(())
    });
    let resolve = format!("my.dev.local:{}:127.0.0.1", door.port());
    let url = format!("https://my.dev.local:{}/", door.port());
    assert_eq!(
        curl(&door, &["--insecure", "--resolve", &resolve, &url]).status,
        401
    );
    let pid = door.status()["editor"]["pid"].clone();
    assert_eq!(door.run(&["settings", "check"]).code, 0);
    assert_eq!(
        door.status()["editor"]["pid"],
        pid,
        "a change of hosts restarted the editor"
    );
}
