//! The order of events, with an editor that does as it is told.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use doorcode_supervisor::{EditorState, Supervisor, Timing};
use support::{Home, TIMING, lives, pid, reached, supervise, until};

fn mode(path: &Path) -> u32 {
    path.metadata()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .permissions()
        .mode()
        & 0o777
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
    let launch = home.fake("", TIMING);
    let log = launch.log.clone();
    let supervisor = supervise(launch);
    supervisor.start().await.expect("it starts");
    supervisor.stop().await.expect("it stops");
    // Nothing is waited for: what it wrote is handed to the log before the stop is over.
    log.flush();
    let written = std::fs::read_to_string(home.log()).expect("it is open");
    assert_eq!(written, "fake editor starts\n");
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
    let launch = home.fake("flood", TIMING);
    let log = launch.log.clone();
    let supervisor = supervise(launch);
    supervisor.start().await.expect("it starts");
    let rotated = home.root().join("editor.log.1");
    until("the log was rotated", || rotated.exists());
    supervisor.stop().await.expect("it still listens to SIGTERM");
    log.flush();
    let files = std::fs::read_dir(home.root())
        .expect("it exists")
        .map(|entry| entry.expect("it exists"));
    let logs = files.filter(|entry| entry.file_name().to_string_lossy().starts_with("editor.log"));
    let bytes: u64 = logs.map(|entry| entry.metadata().expect("it exists").len()).sum();
    assert!(bytes <= 3 * support::LOG_BYTES, "{bytes}");
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
