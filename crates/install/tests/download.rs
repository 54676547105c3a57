//! Archives from a server: a real one on loopback, with everything that goes wrong on the way.

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorcode_install::{CodeServer, InstallError, Phase, Progress, Source, install};
use doorcode_settings::Problem;
use support::{Folder, find_installed, install_bytes, listing, release, respond, serve, sha256};
use tokio::sync::Notify;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn from(address: SocketAddr, path: &str, bytes: &[u8]) -> Source {
    Source::Archive {
        location: format!("http://{address}{path}"),
        sha256: sha256(bytes),
    }
}

async fn fetch(folder: &Folder, source: Source) -> Result<CodeServer, InstallError> {
    install(
        &folder.join("installs"),
        source,
        None,
        |_| {},
        std::future::pending(),
    )
    .await
}

/// A server that sends half of the archive and then nothing, with the connection open.
fn stalling(bytes: Vec<u8>) -> SocketAddr {
    let held = std::sync::Mutex::new(Vec::new());
    serve(move |_, connection| {
        let length = format!("Content-Length: {}\r\n", bytes.len());
        respond(&connection, "200 OK", &length, &bytes[..bytes.len() / 2]);
        held.lock().expect("nobody panics with it").push(connection);
    })
}

/// Tells when the first bytes of the archive are there.
fn when_fetching(started: &Arc<Notify>) -> impl FnMut(Progress) + Send + use<> {
    let started = Arc::clone(started);
    move |step| {
        if step.phase == Phase::Fetching {
            started.notify_one();
        }
    }
}

/// Waits until nothing but what is listed is in the folder of the installs.
async fn until_only(folder: &Folder, expected: &[String]) {
    let deadline = Instant::now() + PATIENCE;
    while listing(folder) != expected {
        assert!(Instant::now() < deadline, "{:#?}", listing(folder));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_release_is_fetched_through_a_redirect() {
    let folder = Folder::new();
    let bytes = release("4.139.1");
    let served = bytes.clone();
    let address = serve(move |path, connection| match path {
        "/latest" => respond(
            &connection,
            "302 Found",
            "Location: /a.tar.gz\r\nContent-Length: 0\r\n",
            b"",
        ),
        _ => respond(
            &connection,
            "200 OK",
            &format!("Content-Length: {}\r\n", served.len()),
            &served,
        ),
    });
    let mut fetched = (0, None);
    let progress = |step: Progress| {
        if step.phase == Phase::Fetching {
            fetched = (step.done, step.total);
        }
    };
    let source = from(address, "/latest", &bytes);
    let installed = install(
        &folder.join("installs"),
        source,
        None,
        progress,
        std::future::pending(),
    )
    .await;
    assert_eq!(find_installed(&folder), Some(installed.expect("installed")));
    assert_eq!(fetched, (bytes.len() as u64, Some(bytes.len() as u64)));
}

#[tokio::test]
async fn what_the_server_does_wrong_leaves_nothing_behind() {
    let folder = Folder::new();
    let installed = install_bytes(&folder, &release("4.139.1"))
        .await
        .expect("installed");
    let before = listing(&folder);
    let bytes = release("4.140.0");
    let served = bytes.clone();
    let address = serve(move |path, connection| match path {
        "/missing" => respond(&connection, "404 Not Found", "Content-Length: 0\r\n", b""),
        "/cut-off" => respond(
            &connection,
            "200 OK",
            &format!("Content-Length: {}\r\n", served.len()),
            &served[..999],
        ),
        "/huge" => respond(&connection, "200 OK", "Content-Length: 99000000000\r\n", b""),
        "/nonsense" => respond(&connection, "what?", "", b""),
        "/elsewhere" => respond(
            &connection,
            "302 Found",
            "Location: http://192.0.2.1/a\r\nContent-Length: 0\r\n",
            b"",
        ),
        "/round" => respond(
            &connection,
            "302 Found",
            "Location: /round\r\nContent-Length: 0\r\n",
            b"",
        ),
        _ => respond(&connection, "200 OK", "Content-Length: 5\r\n", b"other"),
    });
    for (path, code, text) in [
        ("/missing", "download_failed", "404 Not Found"),
        ("/cut-off", "download_failed", "/cut-off"),
        ("/huge", "archive_too_large", "larger than 2000 MB"),
        ("/nonsense", "download_failed", "/nonsense"),
        ("/elsewhere", "download_failed", "plain http"),
        ("/round", "download_failed", "too often"),
        ("/other?token=secret", "sha256_mismatch", "/other has the SHA-256"),
    ] {
        let problem = Problem::from(&fetch(&folder, from(address, path, &bytes)).await.expect_err(path));
        assert_eq!(problem.code, code, "{problem}");
        assert!(
            problem.message.contains(text) && !problem.message.contains("secret"),
            "{problem}"
        );
        assert_eq!(listing(&folder), before, "{problem}");
    }
    assert_eq!(find_installed(&folder), Some(installed));
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let folder = Folder::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    drop(listener);
    let error = fetch(&folder, from(address, "/a", b""))
        .await
        .expect_err("nobody listens");
    assert!(error.to_string().contains("Connection refused"), "{error}");
}

#[tokio::test]
async fn plain_http_from_elsewhere_is_refused_without_asking() {
    let folder = Folder::new();
    let source = Source::Archive {
        location: "http://192.0.2.1/a.tar.gz".into(),
        sha256: sha256(b""),
    };
    assert!(matches!(
        fetch(&folder, source).await,
        Err(InstallError::LocationRefused { .. })
    ));
}

#[tokio::test]
async fn called_off_in_the_middle_of_the_download() {
    let folder = Folder::new();
    let installed = install_bytes(&folder, &release("4.139.1"))
        .await
        .expect("installed");
    let before = listing(&folder);
    let bytes = release("4.140.0");
    let started = Arc::new(Notify::new());
    let source = from(stalling(bytes.clone()), "/a", &bytes);
    let dir = folder.join("installs");
    let (mut tell, mut last) = (when_fetching(&started), None);
    let progress = |step: Progress| {
        last = Some(step.phase);
        tell(step);
    };
    let attempt = install(&dir, source, None, progress, started.notified());
    let error = tokio::time::timeout(PATIENCE, attempt)
        .await
        .expect("it ends at once");
    assert!(matches!(error, Err(InstallError::Cancelled)), "{error:?}");
    assert_eq!(last, Some(Phase::CleaningUp));
    assert_eq!(listing(&folder), before);
    assert_eq!(find_installed(&folder), Some(installed));
}

#[tokio::test]
async fn called_off_while_unpacking() {
    let folder = Folder::new();
    let bytes = release("4.139.1");
    std::fs::write(folder.join("a.tar.gz"), &bytes).expect("written");
    let unpacking = Arc::new(Notify::new());
    let told = Arc::clone(&unpacking);
    let progress = move |step: Progress| {
        if step.phase == Phase::Unpacking {
            told.notify_one();
            // The work goes on meanwhile on a thread of its own: however far it gets, all or nothing is there
            // at the end.
        }
    };
    let source = Source::Archive {
        location: folder.join("a.tar.gz").display().to_string(),
        sha256: sha256(&bytes),
    };
    let dir = folder.join("installs");
    match install(&dir, source, None, progress, unpacking.notified()).await {
        Ok(installed) => assert_eq!(find_installed(&folder), Some(installed)),
        Err(InstallError::Cancelled) => assert_eq!(listing(&folder), [] as [&str; 0]),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_install_that_is_dropped_cleans_up_behind_itself() {
    let folder = Folder::new();
    install_bytes(&folder, &release("4.139.1"))
        .await
        .expect("installed");
    let before = listing(&folder);
    let bytes = release("4.140.0");
    let started = Arc::new(Notify::new());
    let source = from(stalling(bytes.clone()), "/a", &bytes);
    let dir = folder.join("installs");
    tokio::select! {
        result = install(&dir, source, None, when_fetching(&started), std::future::pending()) => panic!("{result:?}"),
        () = started.notified() => {}
    }
    until_only(&folder, &before).await;
}

#[tokio::test]
async fn two_installs_at_once() {
    let folder = Folder::new();
    let bytes = release("4.139.1");
    let (started, enough) = (Arc::new(Notify::new()), Notify::new());
    let source = from(stalling(bytes.clone()), "/a", &bytes);
    let dir = folder.join("installs");
    let first = install(&dir, source, None, when_fetching(&started), enough.notified());
    let second = async {
        started.notified().await;
        let error = install_bytes(&folder, &bytes).await;
        assert!(matches!(error, Err(InstallError::Running { .. })), "{error:?}");
        enough.notify_one();
    };
    let (first, ()) = tokio::join!(first, second);
    assert!(matches!(first, Err(InstallError::Cancelled)), "{first:?}");
    install_bytes(&folder, &bytes)
        .await
        .expect("the folder is free again");
}
