//! `doorcode status`.

mod screen;
mod text;
mod watch;

use anstream::print;
use clap::Args;
use doorcode_engine::{Reply, Request, Status};

use crate::args::Json;
use crate::context::{Context, ask, unexpected};
use crate::failure::Failure;
use crate::output;

#[derive(Args)]
#[command(after_help = "Example: doorcode status --json --watch\n\
                  Exit: 0 running or starting, 3 stopped or stopping, 4 failing.")]
#[derive(Clone, Copy)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    json: Json,
    /// Say it again at each change, until Ctrl-C: in place on a terminal, otherwise below one another.
    #[arg(long)]
    watch: bool,
}

pub(crate) async fn run(args: StatusArgs, context: &Context) -> Result<u8, Failure> {
    let Some(mut client) = context.engine().await? else {
        return show(&Status::not_running(), args.json);
    };
    if args.watch {
        return watch::run(client, args.json).await;
    }
    match ask(&mut client, &Request::Status).await? {
        Reply::Status(status) => show(&status, args.json),
        _ => Err(unexpected().into()),
    }
}

/// Prints everything; gives the exit status.
fn show(status: &Status, json: Json) -> Result<u8, Failure> {
    if json.json {
        output::json(status)?;
    } else {
        print!("{}", text::whole(status));
        for problem in &status.problems {
            match status.broken.contains(&problem.code) {
                true => output::broken(problem),
                false => output::warning(problem),
            }
        }
    }
    Ok(status.exit_code())
}
