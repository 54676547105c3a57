//! The life of an engine, driven by the command as a person would.

use std::time::Duration;

use doorcode_tests::{Door, alive, curl, kill, members, wait_for};
use nix::sys::signal::Signal;

#[test]
fn up_runs_the_editor_behind_the_door_and_ctrl_c_ends_everything() {
    let mut door = Door::new();
    let status = door.up_and_running();
    assert_eq!(status["urls"][0], door.url("/"));
    assert_eq!(status["auth"], "password");
    assert_eq!(status["listen"][0], format!("127.0.0.1:{}", door.port()));
    let version = status["editor"]["version"].as_str().expect("a version");
    assert!(version.starts_with("4."), "{version}");
    assert!(status["editor"]["rss_bytes"].as_u64().expect("a size") > 50_000_000);
    assert_eq!(status["editor"]["restarts"], 0);
    assert_eq!(status["certificates"][0]["host"], "localhost");
    assert!(status["certificates"][0]["days_left"].as_i64().expect("days") > 300);
    assert_eq!(status["problems"], serde_json::json!([]));
    assert_eq!(door.run(&["status"]).code, 0);
    let said = door.said();
    assert!(
        said.contains(&door.url("/")) && said.contains("/.doorcode/enter?code="),
        "{said}"
    );

    let cookie = door.sign_in();
    let page = curl(&door, &["--cookie", &cookie, "--location", &door.url("/")]);
    assert!(
        page.body.contains("vscode-workbench-web-configuration"),
        "{page:?}"
    );

    kill(door.pid(), Signal::SIGINT);
    assert_eq!(
        door.wait_for_end(Duration::from_secs(12)),
        Some(0),
        "{}",
        door.said()
    );
    wait_for("every process to be gone", Duration::from_secs(1), || {
        members(door.home()).is_empty().then_some(())
    });
    let stopped = door.run(&["status", "--json"]);
    assert_eq!(stopped.code, 3);
    assert!(stopped.stdout.contains("\"stopped\""), "{stopped:?}");
}

#[test]
fn stop_start_and_restart_drive_the_editor_and_the_door_says_so() {
    let mut door = Door::new();
    let first = door.up_and_running()["editor"]["pid"]
        .as_u64()
        .expect("a process");
    let cookie = door.sign_in();

    assert_eq!(door.run(&["stop"]).code, 0);
    let stopped = door.run(&["status", "--json"]);
    assert_eq!(stopped.code, 3, "{stopped:?}");
    assert!(!alive(u32::try_from(first).expect("a process id")));
    let page = curl(
        &door,
        &["--cookie", &cookie, "-H", "Accept: text/html", &door.url("/")],
    );
    assert_eq!(page.status, 503);
    assert!(page.body.contains("doorcode start"), "{page:?}");

    assert_eq!(door.run(&["start"]).code, 0);
    let second = door.wait_for_state("running")["editor"]["pid"].as_u64();
    assert_ne!(second, Some(first));
    assert_eq!(door.run(&["restart"]).code, 0);
    assert_ne!(door.wait_for_state("running")["editor"]["pid"].as_u64(), second);

    let ended = door.run(&["stop", "--engine"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(door.wait_for_end(Duration::from_secs(5)), Some(0));
    assert_eq!(door.run(&["start"]).code, 3);
}

#[test]
fn a_second_up_says_where_the_first_one_is() {
    let mut door = Door::new();
    door.up_and_running();
    let second = door.run(&["up"]);
    assert_eq!(second.code, 1, "{second:?}");
    assert!(
        second.stderr.contains(&door.url("/")) && second.stderr.contains("already_running"),
        "{second:?}"
    );
    assert_eq!(door.status()["state"], "running");
}

#[test]
fn signing_in_survives_a_restart_of_the_engine_and_revoking_ends_it() {
    let mut door = Door::new();
    door.set_password();
    door.up_and_running();
    let cookie = door.sign_in();
    let origin = format!("Origin: {}", door.url("").trim_end_matches('/'));
    let form = format!("password={}&to=/", door.password().replace(' ', "+"));
    let signed_in = curl(
        &door,
        &["-H", &origin, "--data", &form, &door.url("/.doorcode/sign-in")],
    );
    assert_eq!(signed_in.status, 303, "{signed_in:?}");
    let wrong = curl(
        &door,
        &[
            "-H",
            &origin,
            "--data",
            "password=wrong",
            &door.url("/.doorcode/sign-in"),
        ],
    );
    assert_eq!(wrong.status, 401);
    assert!(wrong.header("set-cookie").is_none());

    kill(door.pid(), Signal::SIGTERM);
    assert_eq!(door.wait_for_end(Duration::from_secs(12)), Some(0));
    let listed = door.run(&["sessions", "list", "--json"]);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&listed.stdout)
            .expect("JSON")
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let stored = std::fs::read_to_string(door.data("sessions.json")).expect("readable");
    let token = cookie.split_once('=').expect("name=value").1;
    assert!(!stored.contains(token), "the session's token is on disk");

    door.up_and_running();
    assert_ne!(curl(&door, &["--cookie", &cookie, &door.url("/")]).status, 401);
    assert_eq!(door.run(&["sessions", "revoke", "--all"]).code, 0);
    assert_eq!(curl(&door, &["--cookie", &cookie, &door.url("/")]).status, 401);
    assert_eq!(door.run(&["sessions", "revoke", "nobody"]).code, 1);
}

#[test]
fn a_one_time_link_works_once_and_leads_to_the_folder() {
    let mut door = Door::new();
    door.up_and_running();
    let folder = door.folder();
    let link = door.run(&["open", folder.to_str().expect("UTF-8"), "--print"]);
    assert_eq!(link.code, 0, "{link:?}");
    let first = curl(&door, &[link.stdout.trim()]);
    assert_eq!(first.status, 303);
    assert_eq!(
        first.header("location"),
        Some(format!("/?folder={}", folder.display()).as_str())
    );
    let second = curl(&door, &[link.stdout.trim()]);
    assert!(
        second.header("set-cookie").is_none() && second.status >= 400,
        "{second:?}"
    );

    let code = link
        .stdout
        .split_once("code=")
        .expect("a code")
        .1
        .split('&')
        .next()
        .expect("its value")
        .trim();
    let log = door.run(&["logs", "--access"]).stdout;
    assert!(log.contains("/.doorcode/enter") && !log.contains(code), "{log}");
    assert_eq!(door.run(&["open", "--print", "--host", "other.example"]).code, 1);
}

#[test]
fn the_toggle_is_live_and_closed_by_default() {
    let mut door = Door::new();
    door.up_and_running();
    assert_eq!(curl(&door, &[&door.url("/")]).status, 401);
    assert_eq!(door.run(&["auth", "none"]).code, 0);
    assert_ne!(curl(&door, &[&door.url("/")]).status, 401);
    assert_eq!(door.status()["auth"], "none");
    assert_eq!(door.run(&["auth", "password"]).code, 0);
    assert_eq!(curl(&door, &[&door.url("/")]).status, 401);
}

#[test]
fn a_password_is_shown_once_where_there_is_no_keyring_and_a_new_one_signs_everyone_out() {
    let mut door = Door::new();
    door.up_and_running();
    let said = door.said();
    assert!(said.contains("shown this once"), "{said}");
    let cookie = door.sign_in();
    let show = door.run(&["password", "show"]);
    assert_eq!(show.code, 1, "{show:?}");
    assert!(show.stderr.contains("doorcode password reset"), "{show:?}");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(door.data("password.argon2id"))
            .expect("there")
            .permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);

    let reset = door.run(&["password", "reset"]);
    assert_eq!(reset.code, 0, "{reset:?}");
    assert_eq!(curl(&door, &["--cookie", &cookie, &door.url("/")]).status, 401);
    let origin = format!("Origin: {}", door.url("").trim_end_matches('/'));
    let form = format!("password={}", reset.stdout.trim());
    assert_eq!(
        curl(
            &door,
            &[
                "-H",
                &origin,
                "--data-urlencode",
                &form,
                &door.url("/.doorcode/sign-in")
            ]
        )
        .status,
        303
    );
    for log in [
        door.path("state/doorcode/doorcode.log"),
        door.path("state/doorcode/access.log"),
    ] {
        assert!(
            !std::fs::read_to_string(&log)
                .expect("there")
                .contains(reset.stdout.trim()),
            "{}",
            log.display()
        );
    }
}

#[test]
fn signing_everyone_out_ends_links_that_nobody_has_used_yet() {
    let mut door = Door::new();
    door.up_and_running();
    for command in [&["sessions", "revoke", "--all"][..], &["password", "reset"]] {
        let link = door.run(&["open", "--print"]).stdout;
        assert_eq!(door.run(command).code, 0);
        let answer = curl(&door, &[link.trim()]);
        assert!(
            answer.status >= 400 && answer.header("set-cookie").is_none(),
            "{command:?}: {answer:?}"
        );
    }
}

#[test]
fn an_absurd_control_request_does_not_end_the_engine() {
    use std::io::{BufRead, BufReader, Write};
    let mut door = Door::new();
    door.up_and_running();
    let socket =
        std::os::unix::net::UnixStream::connect(door.path("run/doorcode/control.sock")).expect("listening");
    let mut answers = BufReader::new(socket.try_clone().expect("duplicated")).lines();
    for (request, answer) in [
        (
            format!("{{\"request\":\"link\",\"to\":\"/\",\"seconds\":{}}}", u64::MAX),
            "\"link\"",
        ),
        ("{\"request\":\"nonsense\"}".to_owned(), "control_protocol"),
        ("not JSON".to_owned(), "control_protocol"),
    ] {
        writeln!(&socket, "{request}").expect("read by the engine");
        let said = answers.next().expect("an answer").expect("text");
        assert!(said.contains(answer), "{request}: {said}");
    }
    assert_eq!(door.status()["state"], "running");
}
