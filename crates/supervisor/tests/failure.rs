//! What becomes of an editor that ends by itself, does not start, or does not become ready.

mod support;

use std::time::{Duration, Instant};

use doorcode_settings::Problem;
use doorcode_supervisor::{EditorState, ExitReason, Launch, Supervisor, Timing};
use support::{Home, PATIENCE, TIMING, kill, lives, pid, reached, supervise};

fn failed(state: &EditorState) -> (&Problem, &[String]) {
    match state {
        EditorState::Failed { problem, log_tail } => (problem, log_tail),
        other => panic!("it has not failed: {other:?}"),
    }
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
    assert_eq!(
        problem.fix,
        "`doorcode logs --editor` shows why; mend that, then `doorcode restart`"
    );
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

/// Starts an editor that never answers `/healthz` with 200.
async fn never_ready(words: &str) {
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
    assert_eq!(problem.code, "editor_not_ready", "{problem}");
    assert!(
        problem.message.contains("2 times") && problem.message.contains("editor.log"),
        "{problem}"
    );
    assert!(!lives(pid), "the stuck one was ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_at_its_start_is_ended_and_named_so() {
    never_ready("hangs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_and_ignores_signals_is_ended_and_named_so() {
    never_ready("hangs,ignores_term").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_listens_and_never_becomes_healthy_is_ended_and_named_so() {
    never_ready("unhealthy").await;
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
