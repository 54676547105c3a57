//! `doorcode status --watch`: in place on a terminal, a line or a paragraph at each change otherwise.

use anstream::println;
use doorcode_engine::{Client, Reply, Request, Status};
use doorcode_settings::Problem;
use tokio::signal::unix::{SignalKind, signal};

use super::screen::Screen;
use super::text;
use crate::args::Json;
use crate::context::{ask, unexpected};
use crate::failure::Failure;

/// Shows the status at each change until the engine ends, or a signal ends this. Gives the exit status that the last one
/// means.
pub(super) async fn run(mut client: Client, json: Json) -> Result<u8, Failure> {
    let mut reply = ask(&mut client, &Request::Watch).await?;
    let screen = match json.json {
        true => None,
        false => Screen::take().map_err(not_shown)?,
    };
    let Some(screen) = screen else {
        loop {
            let Reply::Status(status) = reply else {
                return Err(unexpected().into());
            };
            tell(&status, json)?;
            reply = match client.next().await {
                Ok(reply) => reply,
                Err(_) => return ended(json),
            };
        }
    };
    let mut ends = Ends::new().map_err(not_shown)?;
    loop {
        let Reply::Status(status) = reply else {
            return Err(unexpected().into());
        };
        screen.show(&text::glance(&status)).map_err(not_shown)?;
        reply = tokio::select! {
            next = client.next() => match next {
                Ok(reply) => reply,
                Err(_) => {
                    drop(screen);
                    return ended(json);
                }
            },
            () = ends.wait() => {
                drop(screen);
                tell(&status, json)?;
                return Ok(status.exit_code());
            }
        };
    }
}

/// The engine is gone.
fn ended(json: Json) -> Result<u8, Failure> {
    let status = Status::not_running();
    tell(&status, json)?;
    Ok(status.exit_code())
}

/// A line of JSON, or the status for reading.
fn tell(status: &Status, json: Json) -> Result<(), Failure> {
    if !json.json {
        return super::show(status, json).map(drop);
    }
    let line = serde_json::to_string(status)
        .map_err(|error| Problem::new("json", format!("cannot print JSON: {error}"), ""))?;
    println!("{line}");
    Ok(())
}

/// The signals that end a program, caught so that the terminal is given back first.
struct Ends {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

impl Ends {
    fn new() -> std::io::Result<Ends> {
        Ok(Ends {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

fn not_shown(error: std::io::Error) -> Failure {
    let what = format!("cannot show the status on this terminal: {error}");
    Problem::new("terminal", what, "doorcode status").into()
}
