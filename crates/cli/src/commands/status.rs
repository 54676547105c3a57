//! `doorcode status`.

use anstream::println;
use clap::Args;
use doorcode_engine::{Reply, Request, State, Status};
use time::OffsetDateTime;

use crate::args::Json;
use crate::context::{Context, ask, unexpected};
use crate::failure::Failure;
use crate::output::{self, BAD, DIM, GOOD, WARN};

#[derive(Args)]
#[command(after_help = "Example: doorcode status --json --watch\nExit: 0 running, 3 stopped, 4 failing.")]
#[derive(Clone, Copy)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    json: Json,
    /// Say it again at each change, until Ctrl-C.
    #[arg(long)]
    watch: bool,
}

pub(crate) async fn run(args: StatusArgs, context: &Context) -> Result<u8, Failure> {
    let Some(mut client) = context.engine().await? else {
        let status = Status::not_running();
        show(&status, args)?;
        return Ok(status.exit_code());
    };
    let request = if args.watch {
        Request::Watch
    } else {
        Request::Status
    };
    let mut reply = ask(&mut client, &request).await?;
    loop {
        let Reply::Status(status) = reply else {
            return Err(unexpected().into());
        };
        show(&status, args)?;
        if !args.watch {
            return Ok(status.exit_code());
        }
        reply = match client.next().await {
            Ok(reply) => reply,
            Err(_) => {
                let status = Status::not_running();
                show(&status, args)?;
                return Ok(status.exit_code());
            }
        };
    }
}

/// With `--watch --json` a line each, for programs; otherwise for reading.
fn show(status: &Status, args: StatusArgs) -> Result<(), Failure> {
    match (args.json.json, args.watch) {
        (true, false) => output::json(status),
        (true, true) => {
            let line = serde_json::to_string(status).map_err(|error| {
                doorcode_settings::Problem::new("json", format!("cannot print JSON: {error}"), "")
            })?;
            println!("{line}");
            Ok(())
        }
        (false, _) => {
            print(status);
            Ok(())
        }
    }
}

fn print(status: &Status) {
    let colour = match status.state {
        State::Running => GOOD,
        State::Failed | State::Backoff => BAD,
        _ => WARN,
    };
    println!(
        "{colour}{}{colour:#}  {}",
        status.state.word(),
        status.urls.join("  ")
    );
    if status.engine.pid.is_none() {
        println!("  next: doorcode up");
        return;
    }
    let mut editor = Vec::new();
    editor.extend(
        status
            .editor
            .version
            .as_ref()
            .map(|version| format!("code-server {version}")),
    );
    editor.extend(status.editor.pid.map(|pid| format!("process {pid}")));
    editor.extend(status.editor.rss_bytes.map(output::bytes));
    editor.extend(
        status
            .editor
            .started_at
            .map(|start| format!("up {}", output::span(OffsetDateTime::now_utc() - start))),
    );
    if status.editor.restarts > 0 {
        editor.push(format!("restarted {} times", status.editor.restarts));
    }
    if !editor.is_empty() {
        println!("  editor       {}", editor.join(", "));
    }
    println!(
        "  sign-in      {}, {} signed in, {} connections",
        status.auth.as_str(),
        status.sessions,
        status.connections
    );
    for certificate in &status.certificates {
        println!(
            "  certificate  {}, {} days left {DIM}{}{DIM:#}",
            certificate.host, certificate.days_left, certificate.fingerprint
        );
    }
    for problem in &status.problems {
        output::warning(problem);
    }
}
