//! A real code-server: DOORCODE_TEST_CODE_SERVER (its executable or out/node/entry.js) and DOORCODE_TEST_NODE name it.

mod support;

use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use doorcode_supervisor::{EditorState, Supervisor, tree, tree_rss};
use support::{Home, kill, lives, pid, reached, supervise, until};

async fn running(home: &Home) -> Supervisor {
    let supervisor = supervise(home.real());
    supervisor.start().await.expect("code-server starts");
    supervisor
}

/// Waits until everything that a code-server without a window starts is there.
fn settled(supervisor: &Supervisor) -> Vec<u32> {
    let editor = pid(supervisor);
    until("the server and its helpers run", || tree(editor).len() >= 2);
    tree(editor).iter().map(|process| process.id.pid).collect()
}

fn get(home: &Home, path: &str) -> String {
    let mut stream = UnixStream::connect(home.socket()).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in text");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_serves_its_folder_without_a_password_and_stops_with_everything() {
    let home = Home::new();
    let supervisor = running(&home).await;
    let socket = home.socket().metadata().expect("it listens there");
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    assert!(
        get(&home, "/?folder=/").contains("workbench"),
        "another folder is opened, and is not remembered"
    );
    let answer = get(&home, "/");
    assert!(answer.starts_with("HTTP/1.1 302"), "{answer}");
    let opened = format!("folder={}", home.folder().display());
    assert!(answer.contains(&opened), "{answer}");
    assert!(get(&home, &format!("/?{opened}")).contains("workbench"));
    assert!(
        get(&home, "/proxy/1/").starts_with("HTTP/1.1 4"),
        "port proxying is off"
    );

    let processes = settled(&supervisor);
    assert!(tree_rss(pid(&supervisor)).expect("it lives") > 50 << 20);
    let began = Instant::now();
    supervisor.stop().await.expect("it stops");
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    assert!(processes.iter().all(|pid| !lives(*pid)), "{processes:?}");
    let log = std::fs::read_to_string(home.log()).expect("it wrote");
    assert!(log.contains("HTTP server listening on"), "{log}");
    assert!(!log.contains('\x1b') && !log.contains('\r'), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_its_parent_process_is_killed_another_one_runs_and_nothing_of_the_old_is_left() {
    let home = Home::new();
    let supervisor = running(&home).await;
    let old = settled(&supervisor);
    kill(pid(&supervisor));
    again(&home, &supervisor, &old).await;
}

/// It ends with status 0 then, as when the system is out of memory.
#[tokio::test(flavor = "multi_thread")]
async fn when_its_server_is_killed_another_one_runs_and_nothing_of_the_old_is_left() {
    let home = Home::new();
    let supervisor = running(&home).await;
    let old = settled(&supervisor);
    let parent = pid(&supervisor);
    let server = tree(parent)
        .into_iter()
        .find(|process| process.parent == parent)
        .expect("its only child");
    kill(server.id.pid);
    again(&home, &supervisor, &old).await;
}

async fn again(home: &Home, supervisor: &Supervisor, old: &[u32]) {
    let next = |state: &EditorState| matches!(state, EditorState::Running { restarts: 1, .. });
    reached(supervisor, "the next code-server", next).await;
    assert!(old.iter().all(|pid| !lives(*pid)), "left of {old:?}");
    assert!(get(home, "/healthz").starts_with("HTTP/1.1 200"));
    supervisor.shutdown().await;
}
