//! `doorcode free-memory`: ends the extension hosts of windows that are gone.

use anstream::println;
use clap::Args;
use doorcode_engine::{LingeringHost, Reply, Request};
use serde::Serialize;
use time::OffsetDateTime;

use crate::args::Json;
use crate::context::{Context, unexpected};
use crate::failure::Failure;
use crate::output;

#[derive(Args)]
#[command(after_help = "Example: doorcode free-memory --dry-run\n\
                  A browser that is gone without a goodbye leaves its window's extension host behind, for three hours. This ends \
                  those whose window has been gone for a minute and more; a window that comes back later is loaded anew. \
                  Terminals and what runs in them stay.")]
pub(crate) struct FreeMemoryArgs {
    /// Only say what would be ended.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    json: Json,
}

#[derive(Serialize)]
struct Freed {
    processes: usize,
    bytes: u64,
}

pub(crate) async fn run(args: FreeMemoryArgs, context: &Context) -> Result<u8, Failure> {
    if args.dry_run {
        return would_free(args.json, context).await;
    }
    let Reply::Freed { processes, bytes } = context.ask(&Request::FreeMemory).await? else {
        return Err(unexpected().into());
    };
    if args.json.json {
        output::json(&Freed { processes, bytes })?;
    } else {
        match processes {
            0 => println!("No extension host lingers: there was nothing to free."),
            1 => println!("Ended 1 extension host: {} freed.", output::bytes(bytes)),
            _ => println!(
                "Ended {processes} extension hosts: {} freed.",
                output::bytes(bytes)
            ),
        }
    }
    Ok(0)
}

async fn would_free(json: Json, context: &Context) -> Result<u8, Failure> {
    let Reply::Health(health) = context.ask(&Request::Health).await? else {
        return Err(unexpected().into());
    };
    if json.json {
        output::json(&health.lingering)?;
    } else {
        print(&health.lingering);
    }
    Ok(0)
}

fn print(hosts: &[LingeringHost]) {
    if hosts.is_empty() {
        println!("No extension host lingers: there is nothing to free.");
        return;
    }
    let now = OffsetDateTime::now_utc();
    let rows: Vec<Vec<String>> = hosts
        .iter()
        .map(|host| {
            vec![
                host.pid.to_string(),
                output::bytes(host.rss_bytes),
                format!("{} ago", output::span(now - host.since)),
            ]
        })
        .collect();
    anstream::print!("{}", output::table(&["process", "memory", "window gone"], &rows));
    println!("  next: doorcode free-memory");
}
