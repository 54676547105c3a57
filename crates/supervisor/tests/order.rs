//! The order of events, with an editor that does as it is told.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use doorcode_settings::Problem;
use doorcode_supervisor::{EditorState, ExitReason, Launch, Supervisor, Timing};
use support::{Home, PATIENCE, TIMING, kill, lives, pid, reached, supervise, until};

fn mode(path: &Path) -> u32 {
    path.metadata()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .permissions()
        .mode()
        & 0o777
}

fn failed(state: &EditorState) -> (&Problem, &[String]) {
    match state {
        EditorState::Failed { problem, log_tail } => (problem, log_tail),
        other => panic!("it has not failed: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_once_it_answers_and_its_files_are_ours_alone() {
    let home = Home::new();
    let supervisor = supervise(home.fake("", TIMING));
    assert_eq!(*supervisor.state().borrow(), EditorState::Stopped);
    supervisor.start().await.expect("it starts");
    let pid = pid(&supervisor);
    assert_eq!(mode(home.socket().parent().expect("it has one")), 0o700);
    for file in [home.record(), home.root().join("data/config.yaml"), home.log()] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert!(doorcode_supervisor::tree_rss(pid).expect("it lives") > 1 << 20);
    supervisor.start().await.expect("it runs already");

    supervisor.stop().await.expect("it stops");
    assert_eq!(*supervisor.state().borrow(), EditorState::Stopped);
    assert!(!lives(pid));
    assert!(!home.record().exists(), "nothing is left to be swept");
    assert_eq!(doorcode_supervisor::tree_rss(pid), None);
    supervisor.stop().await.expect("it is stopped already");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_start_it_at_once_get_one_editor() {
    let home = Home::new();
    let supervisor = supervise(home.fake("", TIMING));
    let (first, second) = tokio::join!(supervisor.start(), supervisor.start());
    first.and(second).expect("both are told that it runs");
    let EditorState::Running { restarts, .. } = *supervisor.state().borrow() else {
        panic!("it runs")
    };
    assert_eq!(restarts, 0);
    supervisor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_where_to_listen_and_marked_as_ours() {
    let home = Home::new();
    let supervisor = supervise(home.fake("", TIMING));
    supervisor.start().await.expect("it starts");
    let arguments: Vec<String> =
        serde_json::from_value(home.told("arguments.json")).expect("a list of texts");
    let after = |name: &str| &arguments[arguments.iter().rposition(|arg| arg == name).expect(name) + 1];
    assert_eq!(after("--auth"), "none");
    assert_eq!(Path::new(after("--socket")), home.socket());
    assert_eq!(after("--socket-mode"), "600");
    assert!(arguments.contains(&"--disable-proxy".to_owned()));
    assert_eq!(
        arguments.last().map(Path::new),
        Some(home.folder().as_path()),
        "opened by default"
    );
    let environment = home.told("environment.json");
    assert!(environment["DOORCODE_RUN"].is_string());
    assert_eq!(
        environment["HOME"].as_str(),
        std::env::var("HOME").ok().as_deref()
    );
    supervisor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_is_asked_for_ahead_of_the_first_person() {
    let home = Home::new();
    let supervisor = supervise(home.fake("", TIMING));
    supervisor.start().await.expect("it starts");
    let requests = || std::fs::read_to_string(home.folder().join("requests")).unwrap_or_default();
    until("the workbench was asked for", || {
        requests().ends_with("/\n/?folder=here\n")
    });
    supervisor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_output_is_logged_as_plain_lines() {
    let home = Home::new();
    let supervisor = supervise(home.fake("", TIMING));
    supervisor.start().await.expect("it starts");
    supervisor.stop().await.expect("it stops");
    until("the log is written", || {
        std::fs::read_to_string(home.log()).unwrap_or_default() == "fake editor starts\n"
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn exits_with_0_are_crashes_and_the_last_lines_are_told_when_it_is_given_up() {
    let home = Home::new();
    let supervisor = supervise(home.fake(
        "exits_when_ready",
        Timing {
            give_up_after: 4,
            ..TIMING
        },
    ));
    // Whether it is seen running in between is a matter of luck; where it ends is not.
    let _ = supervisor.start().await;
    let state = reached(&supervisor, "Failed", |state| {
        matches!(state, EditorState::Failed { .. })
    })
    .await;
    let (problem, log_tail) = failed(&state);
    assert_eq!(problem.code, "editor_gave_up");
    assert!(
        problem.message.contains("4 times") && problem.message.contains("status 0"),
        "{problem}"
    );
    assert_eq!(problem.fix, "doorcode logs --editor");
    assert_eq!(log_tail.len(), 8, "{log_tail:?}");
    assert_eq!(log_tail[7], "fake editor: out of memory");
    supervisor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_a_start_is_told_that_it_failed_and_may_start_anew() {
    let home = Home::new();
    let supervisor = supervise(home.fake("exit1", TIMING));
    for _ in 0..2 {
        let problem = supervisor.start().await.expect_err("it cannot start");
        assert_eq!(problem.code, "editor_gave_up");
        assert!(
            problem.message.contains("3 times") && problem.message.contains("status 1"),
            "{problem}"
        );
    }
    supervisor.stop().await.expect("nothing runs");
    assert_eq!(*supervisor.state().borrow(), EditorState::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_becomes_ready_is_ended_and_says_so() {
    for words in ["hangs", "unhealthy", "hangs,ignores_term"] {
        let home = Home::new();
        let limit = Duration::from_millis(700);
        let timing = Timing {
            start_limit: limit,
            stop_limit: limit,
            give_up_after: 2,
            ..TIMING
        };
        let supervisor = supervise(home.fake(words, timing));
        let starting = tokio::spawn({
            let supervisor = supervisor.clone();
            async move { supervisor.start().await }
        });
        let has_pid = |state: &EditorState| matches!(state, EditorState::Starting { pid: Some(_), .. });
        let EditorState::Starting { pid: Some(pid), .. } = reached(&supervisor, "a process", has_pid).await
        else {
            unreachable!("that is what was waited for")
        };
        let problem = starting
            .await
            .expect("no panic")
            .expect_err("it never answers with 200");
        assert_eq!(problem.code, "editor_not_ready", "{words}: {problem}");
        assert!(!lives(pid), "{words}: the stuck one was ended");
        supervisor.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_it_starts_works_at_once() {
    let home = Home::new();
    let supervisor = supervise(home.fake("hangs", TIMING));
    let starting = tokio::spawn({
        let supervisor = supervisor.clone();
        async move { supervisor.start().await }
    });
    reached(&supervisor, "a process", |state| {
        matches!(state, EditorState::Starting { pid: Some(_), .. })
    })
    .await;
    home.told("arguments.json");
    let began = Instant::now();
    supervisor.stop().await.expect("it stops");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(
        starting
            .await
            .expect("no panic")
            .expect_err("it was stopped")
            .code,
        "editor_stopped"
    );
    assert_eq!(*supervisor.state().borrow(), EditorState::Stopped);
}

/// An editor that has crashed once and would be started again in half a minute at the earliest.
async fn backing_off(home: &Home) -> Supervisor {
    let long = Duration::from_secs(60);
    let supervisor = supervise(home.fake(
        "",
        Timing {
            backoff_base: long,
            backoff_cap: long,
            ..TIMING
        },
    ));
    supervisor.start().await.expect("it starts");
    kill(pid(&supervisor));
    let state = reached(&supervisor, "Backoff", |state| {
        matches!(state, EditorState::Backoff { .. })
    })
    .await;
    let EditorState::Backoff {
        attempt: 1,
        last: ExitReason::Killed { signal },
        ..
    } = state
    else {
        panic!("not the first exit, or not by a signal: {state:?}")
    };
    assert_eq!(signal, "SIGKILL");
    supervisor
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_between_two_starts_works_at_once() {
    let home = Home::new();
    let supervisor = backing_off(&home).await;
    let began = Instant::now();
    supervisor.stop().await.expect("nothing runs");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(*supervisor.state().borrow(), EditorState::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_between_two_starts_does_not_wait_for_the_second() {
    let home = Home::new();
    let supervisor = backing_off(&home).await;
    tokio::time::timeout(PATIENCE, supervisor.start())
        .await
        .expect("long before the minute")
        .expect("it starts");
    supervisor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_another_one_runs_and_the_restart_is_counted() {
    let home = Home::new();
    let supervisor = supervise(home.fake("", TIMING));
    supervisor.start().await.expect("it starts");
    let first = pid(&supervisor);
    kill(first);
    let again = |state: &EditorState| matches!(state, EditorState::Running { restarts: 1, .. });
    reached(&supervisor, "a second run", again).await;
    assert_ne!(pid(&supervisor), first);

    supervisor.restart().await.expect("it restarts");
    let state = supervisor.state().borrow().clone();
    assert!(
        matches!(state, EditorState::Running { restarts: 0, .. }),
        "somebody asked for this one: {state:?}"
    );
    supervisor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_stop_is_given_its_time() {
    let home = Home::new();
    let supervisor = supervise(home.fake("slow_stop", TIMING));
    supervisor.start().await.expect("it starts");
    supervisor.stop().await.expect("it stops");
    assert!(
        home.folder().join("stopped.json").exists(),
        "it came to the end of its own stop"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ignores_every_request_is_killed_in_time() {
    let home = Home::new();
    let stop_limit = Duration::from_millis(400);
    let supervisor = supervise(home.fake("ignores_term", Timing { stop_limit, ..TIMING }));
    supervisor.start().await.expect("it starts");
    let pid = pid(&supervisor);
    let began = Instant::now();
    supervisor.stop().await.expect("SIGKILL ends it");
    assert!(!lives(pid));
    assert!(began.elapsed() > stop_limit, "it was asked first");
    assert!(
        began.elapsed() < stop_limit + Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_floods_its_log_is_neither_held_up_nor_fills_the_disk() {
    let home = Home::new();
    let supervisor = supervise(home.fake("flood", TIMING));
    supervisor.start().await.expect("it starts");
    let rotated = home.root().join("editor.log.1");
    until("the log was rotated", || rotated.exists());
    let kept = || std::fs::read_dir(home.root()).expect("it exists").count();
    let before = kept();
    supervisor.stop().await.expect("it still listens to SIGTERM");
    assert!(kept() <= before, "no more files than the limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_prepared_fails_at_once_with_its_own_problem() {
    let home = Home::new();
    type Breaks = fn(&mut Launch);
    let cases: [(&str, Breaks); 3] = [
        ("folder_missing", |launch| launch.folder.push("gone")),
        ("editor_socket_path_too_long", |launch| {
            launch.socket.push("x".repeat(120))
        }),
        ("editor_files_unusable", |launch| {
            launch.user_data_dir = "/dev/null/data".into()
        }),
    ];
    for (code, breaks) in cases {
        let mut launch = home.fake("", TIMING);
        breaks(&mut launch);
        let supervisor = supervise(launch);
        assert_eq!(supervisor.start().await.expect_err(code).code, code);
        assert_eq!(failed(&supervisor.state().borrow()).0.code, code);
        supervisor.shutdown().await;
    }
    let refused = Problem::new(
        "code_server_missing",
        "there is no code-server",
        "doorcode install",
    );
    let supervisor = Supervisor::new({
        let refused = refused.clone();
        move || Err(refused.clone())
    });
    assert_eq!(supervisor.start().await, Err(refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_cannot_be_started_is_given_up() {
    let home = Home::new();
    let mut launch = home.fake("", TIMING);
    launch.code_server.node = Some(home.root().join("no-such-program"));
    let supervisor = supervise(launch);
    let problem = supervisor.start().await.expect_err("there is nothing to start");
    assert_eq!(problem.code, "editor_gave_up");
    assert!(problem.message.contains("no-such-program"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_start_asks_for_its_launch_anew() {
    let (first, second) = (Home::new(), Home::new());
    let launches = std::sync::Mutex::new(vec![second.fake("", TIMING), first.fake("", TIMING)]);
    let next = move || Ok(launches.lock().expect("no panic").pop().expect("two starts"));
    let supervisor = Supervisor::new(next);
    supervisor.start().await.expect("it starts");
    assert!(first.socket().exists());
    supervisor.restart().await.expect("it starts again");
    assert!(second.socket().exists());
    supervisor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_shutdown_everything_is_refused_and_nothing_runs() {
    let home = Home::new();
    let supervisor = supervise(home.fake("", TIMING));
    supervisor.start().await.expect("it starts");
    let pid = pid(&supervisor);
    supervisor.shutdown().await;
    assert!(!lives(pid));
    assert_eq!(
        supervisor.start().await.expect_err("it has ended").code,
        "engine_ending"
    );
    supervisor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_is_left_to_command_it_the_editor_is_stopped() {
    let home = Home::new();
    let supervisor = supervise(home.fake("", TIMING));
    supervisor.start().await.expect("it starts");
    let (pid, mut states) = (pid(&supervisor), supervisor.state());
    drop(supervisor);
    states
        .wait_for(|state| *state == EditorState::Stopped)
        .await
        .expect("it says so before it ends");
    assert!(!lives(pid));
}
