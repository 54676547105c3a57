//! What people and programs see while there is no editor.

use doorcode_gateway::Upstream;
use doorcode_settings::AuthMode;
use http::header::RETRY_AFTER;

use crate::support::{Door, Setup, eventually};

#[tokio::test]
async fn each_state_has_its_page() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let message = "it exits <at once>".to_owned();
    let rows = [
        (Upstream::Starting, 503, "http-equiv=\"refresh\"", "1"),
        (Upstream::Stopped, 503, "doorcode start", "5"),
        (Upstream::Failed { message }, 502, "it exits &lt;at once&gt;", ""),
    ];
    for (state, status, part, retry) in rows {
        door.state.send_replace(state.clone());
        let page = door.client().open("/").await;
        assert_eq!(
            (page.status.as_u16(), page.header(RETRY_AFTER)),
            (status, retry),
            "{state:?}"
        );
        assert!(
            page.text().contains(part) && page.text().contains("<html"),
            "{state:?}: {}",
            page.text()
        );
        let line = door.client().get("/x").await;
        assert_eq!(line.status, status);
        assert!(
            !line.text().contains('<') || !line.text().contains("html"),
            "{}",
            line.text()
        );
        let origin = door.client().origin();
        assert_eq!(door.client().websocket("/ws", Some(&origin)).await.0, status);
    }
    assert!(
        door.client()
            .open("/")
            .await
            .text()
            .contains("doorcode logs --editor"),
        "the command to look further"
    );
    assert_eq!(door.editor.connections(), 0);
    door.state.send_replace(Upstream::Ready);
    assert_eq!(door.client().open("/").await.status, 200);
}

#[tokio::test]
async fn nobody_learns_the_state_without_signing_in() {
    let door = Door::open(Setup::default()).await;
    door.state.send_replace(Upstream::Failed {
        message: "secret".to_owned(),
    });
    assert_eq!(door.client().open("/").await.status, 302);
    assert_eq!(door.client().get("/").await.status, 401);
}

#[tokio::test]
async fn an_editor_that_has_just_died_is_a_502() {
    let mut door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    // Clients are given to the gateway's threads in turn, and each thread keeps the connections it made.
    let threads = std::thread::available_parallelism().unwrap().get();
    for _ in 0..threads {
        assert_eq!(door.client().get("/").await.status, 200);
    }
    assert_eq!(door.editor.connections(), threads);
    let socket = door.log_path().with_file_name("editor.sock");
    std::fs::remove_file(&socket).unwrap();
    // The pooled connections still work; once they are in use, there are no others.
    let mut held = Vec::new();
    for _ in 0..threads {
        let request = http::Request::get("/held").body(Default::default()).unwrap();
        held.push(door.client().send(request).await);
    }
    assert!(held.iter().all(|response| response.status() == 200));
    let page = door.client().open("/").await;
    assert_eq!(page.status, 502, "{}", page.text());
    assert!(page.text().contains("does not answer"));
    let origin = door.client().origin();
    assert_eq!(door.client().websocket("/ws", Some(&origin)).await.0, 502);
    drop(held);

    door.editor = crate::support::Stub::start(&socket);
    eventually("a new editor", || socket.exists()).await;
    assert_eq!(door.client().get("/").await.status, 200, "the next one is found");
}
