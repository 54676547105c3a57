//! `doorcode start`, `stop` and `restart`: the editor of the running engine.

use anstream::println;
use clap::Args;
use doorcode_engine::{Reply, Request};

use crate::context::Context;
use crate::failure::Failure;

#[derive(Args)]
#[command(after_help = "Example: doorcode stop --engine")]
pub(crate) struct StopArgs {
    /// End the engine too: the door closes.
    #[arg(long)]
    engine: bool,
}

pub(crate) async fn start(context: &Context) -> Result<u8, Failure> {
    context.ask(&Request::Start).await?;
    say_where(context).await
}

pub(crate) async fn restart(context: &Context) -> Result<u8, Failure> {
    context.ask(&Request::Restart).await?;
    say_where(context).await
}

pub(crate) async fn stop(args: StopArgs, context: &Context) -> Result<u8, Failure> {
    if args.engine {
        context.ask(&Request::Shutdown).await?;
        wait_for_end(context).await?;
        println!("The engine has ended.");
        return Ok(0);
    }
    context.ask(&Request::Stop).await?;
    println!("The editor has stopped; the door stays. Start it again: doorcode start");
    Ok(0)
}

async fn say_where(context: &Context) -> Result<u8, Failure> {
    if let Reply::Status(status) = context.ask(&Request::Status).await? {
        println!("The editor runs behind {}", status.urls.join(" "));
    }
    Ok(0)
}

/// The engine answers before it drains; the lock says when it is gone. It ends itself within its own limits (drain 3 s,
/// editor 7 s), so this does not hang.
async fn wait_for_end(context: &Context) -> Result<(), Failure> {
    let lock = context.paths.lock_file();
    while doorcode_engine::holder(&lock)
        .map_err(|error| doorcode_settings::Problem::from(&error))?
        .is_some()
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Ok(())
}
