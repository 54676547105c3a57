//! The one task of the tray's process that starts the window's process, talks to it, and notices its end.

use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager, Runtime};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, warn};

use super::channel::{self, Reader, ToTray, ToWindow};
use super::child::{self, Child};
use super::{Page, Wish, serve};
use crate::engine_link::EngineLink;
use crate::quit;

/// A window that crashes twice within this time would go on doing so.
const AGAIN: Duration = Duration::from_secs(60);

/// How a talk with the window's process ended.
pub(super) enum End {
    /// That process has closed its end; the page is one that it was asked for and has not shown.
    Theirs(Option<Page>),
    /// The tray wants no window any more, and says so by dropping this.
    Ours(oneshot::Sender<()>),
}

/// Grants wishes until the tray ends.
pub(super) async fn run<R: Runtime>(app: AppHandle<R>, mut wishes: mpsc::Receiver<Wish>) {
    let mut crashed: Option<Instant> = None;
    let mut next: Option<Page> = None;
    loop {
        let page = match next.take() {
            Some(page) => page,
            None => match wishes.recv().await {
                Some(Wish::Show(page)) => page,
                Some(Wish::End(_)) | None => return,
            },
        };
        let (child, stream) = match Child::start(app.state::<EngineLink>().paths(), page) {
            Ok(started) => started,
            Err(error) => {
                error!(%error, "the window cannot be shown: its process does not start");
                continue;
            }
        };
        let end = talk(&app, stream, &mut wishes).await;
        let status = child.end().await;
        match end {
            End::Theirs(missed) => next = missed,
            End::Ours(_answer) => return,
        }
        let Ok(status) = status.inspect_err(|error| warn!(%error, "how the window ended is not known"))
        else {
            continue;
        };
        if child::is_crash(status) && !quit::has_begun() {
            let before = crashed.replace(Instant::now());
            if before.is_some_and(|before| before.elapsed() < AGAIN) {
                error!(%status, "the window keeps crashing, so it stays closed; everything else goes on");
            } else {
                warn!(%status, "the window crashed and is opened anew");
                next = next.or(Some(Page::Overview));
            }
        }
    }
}

/// Tells the window's process how things are and does what it asks for, until one of the two ends.
pub(super) async fn talk<R: Runtime>(
    app: &AppHandle<R>,
    stream: UnixStream,
    wishes: &mut mpsc::Receiver<Wish>,
) -> End {
    let (hears, says) = stream.into_split();
    let (tell, told) = mpsc::channel(16);
    let link = app.state::<EngineLink>().inner().clone();
    // Its end of the channel closes with it.
    let _writer = AbortOnDropHandle::new(tokio::spawn(write(says, link, told)));
    let mut reader = Reader::new(hears);
    let mut missed = None;
    loop {
        tokio::select! {
            Some(wish) = wishes.recv() => match wish {
                Wish::Show(page) => {
                    missed = Some(page);
                    // A process that hears nothing for so long shows nothing either.
                    let _ = tell.try_send(ToWindow::Show(page));
                }
                Wish::End(answer) => return End::Ours(answer),
            },
            said = reader.next() => match said {
                Some(ToTray::Shown) => missed = None,
                Some(ToTray::Ask { id, asked }) => {
                    let (app, tell) = (app.clone(), tell.clone());
                    tokio::spawn(async move {
                        let answer = serve::answer(&app, asked).await;
                        // Who asked may have gone with the window.
                        let _ = tell.send(ToWindow::Answer { id, answer }).await;
                    });
                }
                None => return End::Theirs(missed),
            },
        }
    }
}

/// Says how things are, at once and at each change, and what else is to be told. On its own: a process that does not read must
/// not hold up the tray.
async fn write(mut says: OwnedWriteHalf, link: EngineLink, mut told: mpsc::Receiver<ToWindow>) {
    let mut snapshots = link.subscribe();
    snapshots.mark_changed();
    loop {
        let message = tokio::select! {
            biased;
            Ok(()) = snapshots.changed() => {
                let now = snapshots.borrow_and_update().clone();
                ToWindow::Snapshot(Box::new(now))
            }
            Some(message) = told.recv() => message,
            else => return,
        };
        if channel::write(&mut says, &message).await.is_err() {
            return; // The reader notices too.
        }
    }
}
