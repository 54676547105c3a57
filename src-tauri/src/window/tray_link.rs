//! The window's end of the channel to the tray's process.

use std::collections::HashMap;

use doorcode_settings::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot, watch};

use super::Page;
use super::channel::{self, Asked, Reader, ToTray, ToWindow};
use crate::engine_link::{EngineLink, Snapshot, Wish};

/// A handle on the tray's process; clones are the same.
#[derive(Clone)]
pub(crate) struct TrayLink {
    says: mpsc::Sender<Said>,
}

/// What is to be said.
enum Said {
    Shown,
    Ask(Asked, oneshot::Sender<Result<Json, Problem>>),
}

/// The connection, until it is run.
pub(super) struct Connection {
    stream: UnixStream,
    said: mpsc::Receiver<Said>,
    snapshot: watch::Sender<Snapshot>,
}

impl TrayLink {
    /// A link that says nothing before its connection is run, and the snapshots that come over it.
    pub(super) fn over(stream: UnixStream) -> (TrayLink, Connection, watch::Receiver<Snapshot>) {
        let (says, said) = mpsc::channel(16);
        let (snapshot, snapshots) = watch::channel(Snapshot::first());
        let connection = Connection {
            stream,
            said,
            snapshot,
        };
        (TrayLink { says }, connection, snapshots)
    }

    /// Has the tray's process do something, and gives its answer.
    ///
    /// # Errors
    /// Why it was not done; `desktop_ending`.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, asked: Asked) -> Result<T, Problem> {
        let (answer, answered) = oneshot::channel();
        // Dropped unsent, the answer's end says so.
        let _ = self.says.send(Said::Ask(asked, answer)).await;
        let answer = answered.await.map_err(|_dropped| EngineLink::ending())??;
        serde_json::from_value(answer)
            .map_err(|error| Problem::new("internal", error.to_string(), "doorcode logs --app"))
    }

    /// Says that the window is there, as was asked for.
    pub(super) fn shown(&self) {
        // Unsaid, the tray opens a window anew when this process ends.
        let _ = self.says.try_send(Said::Shown);
    }

    /// Forwards what an [`EngineLink`] wants of who keeps the engine.
    pub(super) async fn forward(self, mut wishes: mpsc::Receiver<Wish>) {
        while let Some(wish) = wishes.recv().await {
            let (asked, answer) = match wish {
                Wish::Host(answer) => (Asked::Host, answer),
                Wish::HostAnew(answer) => (Asked::HostAnew, answer),
                // The end of this process's engine, and it has none.
                Wish::End(answer) => {
                    let _ = answer.send(Ok(()));
                    continue;
                }
            };
            let tray = self.clone();
            tokio::spawn(async move {
                // Who asked may have given up.
                let _ = answer.send(tray.ask(asked).await);
            });
        }
    }
}

impl Connection {
    /// Carries what is said and heard; `show` shows the window. Ends when the tray's process does.
    pub(super) async fn run(mut self, show: impl Fn(Page)) {
        let (hears, mut says) = self.stream.into_split();
        let mut reader = Reader::new(hears);
        let mut waiting = HashMap::new();
        let mut last = 0;
        loop {
            tokio::select! {
                heard = reader.next() => match heard {
                    Some(ToWindow::Snapshot(now)) => drop(self.snapshot.send_replace(*now)),
                    Some(ToWindow::Show(page)) => show(page),
                    Some(ToWindow::Answer { id, answer }) => if let Some(asker) = waiting.remove(&id) {
                        let _: Result<(), _> = oneshot::Sender::send(asker, answer);
                    },
                    None => return,
                },
                Some(said) = self.said.recv() => {
                    let message = match said {
                        Said::Shown => ToTray::Shown,
                        Said::Ask(asked, answer) => {
                            last += 1;
                            waiting.insert(last, answer);
                            ToTray::Ask { id: last, asked }
                        }
                    };
                    if channel::write(&mut says, &message).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream as StdStream;

    use serde_json::json;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

    use super::*;

    /// A window's end whose connection runs, and the tray's end of it.
    fn ends(show: impl Fn(Page) + Send + 'static) -> (TrayLink, watch::Receiver<Snapshot>, UnixStream) {
        let (ours, theirs) = UnixStream::pair().expect("two sockets");
        let (tray, connection, snapshots) = TrayLink::over(theirs);
        tokio::spawn(connection.run(show));
        (tray, snapshots, ours)
    }

    #[tokio::test]
    async fn each_question_gets_its_own_answer() {
        let (tray, _snapshots, ours) = ends(|_page| {});
        let asked = |wanted| {
            let tray = tray.clone();
            tokio::spawn(async move { tray.ask::<Json>(wanted).await })
        };
        let (hears, mut says) = ours.into_split();
        let mut lines = BufReader::new(hears).lines();
        let mut questions = Vec::new();
        let (first, second) = (asked(Asked::Desktop), asked(Asked::SetAutostart(true)));
        while questions.len() < 2 {
            let line = lines.next_line().await.expect("readable").expect("a question");
            questions.push(serde_json::from_str::<Json>(&line).expect("JSON"));
        }
        let id_of = |name: &str| {
            let question = questions.iter().find(|question| {
                let asked = &question["ask"]["asked"];
                asked == name || asked.get(name).is_some()
            });
            question.expect("asked")["ask"]["id"].clone()
        };
        let refusal = json!({ "code": "autostart_unusable", "message": "m", "fix": "f" });
        for answer in [
            json!({ "answer": { "id": 99, "answer": { "Ok": "nobody's" } } }),
            json!({ "answer": { "id": id_of("set_autostart"), "answer": { "Err": refusal } } }),
            json!({ "answer": { "id": id_of("desktop"), "answer": { "Ok": "the desktop" } } }),
        ] {
            says.write_all(format!("{answer}\n").as_bytes())
                .await
                .expect("heard");
        }
        assert_eq!(first.await.expect("asked"), Ok(json!("the desktop")));
        let refused = second.await.expect("asked").expect_err("refused");
        assert_eq!(refused.code, "autostart_unusable");
    }

    #[tokio::test]
    async fn who_waits_for_a_tray_that_ends_is_told_so() {
        let (tray, _snapshots, ours) = ends(|_page| {});
        let asked = tokio::spawn({
            let tray = tray.clone();
            async move { tray.ask::<Json>(Asked::Host).await }
        });
        let (hears, says) = ours.into_split();
        let mut lines = BufReader::new(hears).lines();
        lines.next_line().await.expect("readable").expect("a question");
        drop((lines, says));
        assert_eq!(
            asked.await.expect("asked").expect_err("not answered").code,
            "desktop_ending"
        );
        assert_eq!(
            tray.ask::<Json>(Asked::Host)
                .await
                .expect_err("nobody there")
                .code,
            "desktop_ending"
        );
    }

    #[tokio::test]
    async fn what_the_tray_tells_arrives_and_nonsense_ends_it() {
        let (showed, mut pages) = mpsc::channel(1);
        let (tray, mut snapshots, ours) = ends(move |page| showed.try_send(page).expect("one page"));
        let mut ours: StdStream = ours.into_std().expect("a socket");
        let mut now = Snapshot::first();
        now.version = "of the tray".to_owned();
        let told = [
            ToWindow::Snapshot(Box::new(now.clone())),
            ToWindow::Show(Page::SignIn),
        ];
        for message in &told {
            serde_json::to_writer(&ours, message).expect("written");
            ours.write_all(b"\n").expect("written");
        }
        assert_eq!(pages.recv().await, Some(Page::SignIn));
        assert_eq!(*snapshots.borrow_and_update(), now);

        ours.write_all(b"{\"run\":\"anything\"}\n").expect("written");
        assert_eq!(pages.recv().await, None, "the connection is over");
        assert_eq!(
            tray.ask::<Json>(Asked::Host).await.expect_err("over").code,
            "desktop_ending"
        );
    }
}
