//! `doorcode logs`.

use std::io::Write;
use std::path::Path;

use clap::{ArgGroup, Args};
use doorcode_settings::Problem;

use crate::context::Context;
use crate::failure::Failure;

#[derive(Args)]
#[command(after_help = "Example: doorcode logs -f --access")]
#[command(group = ArgGroup::new("which"))]
pub(crate) struct LogsArgs {
    /// What code-server prints (the default).
    #[arg(long, group = "which")]
    editor: bool,
    /// A JSON line for every request at the door.
    #[arg(long, group = "which")]
    access: bool,
    /// What Doorcode itself does.
    #[arg(long, group = "which")]
    app: bool,
    /// Print new lines as they come, until Ctrl-C.
    #[arg(short, long)]
    follow: bool,
    /// How many of the last lines.
    #[arg(short = 'n', long, default_value_t = 100, value_name = "N")]
    lines: usize,
}

pub(crate) async fn run(args: LogsArgs, context: &Context) -> Result<u8, Failure> {
    let path = match (args.access, args.app) {
        (true, _) => context.paths.access_log(),
        (_, true) => context.paths.app_log(),
        _ => context.paths.editor_log(),
    };
    let unreadable = |error: std::io::Error| unreadable(&path, &error);
    if !args.follow {
        for line in doorcode_logs::tail(&path, args.lines).map_err(unreadable)? {
            if !print(&line) {
                break;
            }
        }
        return Ok(0);
    }
    context.create_folders()?;
    let mut lines = doorcode_logs::follow(&path, args.lines).map_err(unreadable)?;
    while let Some(line) = lines.next().await {
        if !print(&line.map_err(unreadable)?) {
            break;
        }
    }
    Ok(0)
}

/// Prints a line; false when nobody reads any more (`| head`).
fn print(line: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let fix = match error.kind() {
        std::io::ErrorKind::NotFound => "doorcode up".to_owned(),
        _ => format!("ls -l {}", path.display()),
    };
    Problem::new(
        "log_unreadable",
        format!("cannot read the log {}: {error}", path.display()),
        fix,
    )
    .into()
}
