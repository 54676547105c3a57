//! `doorcode logs`.

use std::io::Write;

use clap::{ArgGroup, Args, ValueEnum};
use doorcode_actions::logs::{self, Level, Parser, Which};

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
    /// Only lines that matter at least this much, of those that -n asks for.
    #[arg(long, value_enum, value_name = "LEVEL")]
    level: Option<LeastLevel>,
    /// How many of the last lines.
    #[arg(short = 'n', long, default_value_t = 100, value_name = "N")]
    lines: usize,
}

/// The least level that is printed.
#[derive(Clone, Copy, ValueEnum)]
enum LeastLevel {
    Error,
    Warn,
    Info,
}

pub(crate) async fn run(args: LogsArgs, context: &Context) -> Result<u8, Failure> {
    let which = match (args.access, args.app) {
        (true, _) => Which::Access,
        (_, true) => Which::App,
        _ => Which::Editor,
    };
    let paths = &context.paths;
    let unreadable = |error: std::io::Error| Failure::from(logs::unreadable(which, paths, &error));
    let mut wanted = Wanted::new(which, args.level);
    if !args.follow {
        for line in doorcode_logs::tail(&which.path(paths), args.lines).map_err(unreadable)? {
            if wanted.has(&line) && !print(&line) {
                break;
            }
        }
        return Ok(0);
    }
    let mut lines = logs::follow(paths, which, args.lines).await?;
    while let Some(line) = lines.next().await {
        let line = line.map_err(unreadable)?;
        if wanted.has(&line) && !print(&line) {
            break;
        }
    }
    Ok(0)
}

/// Picks the lines that matter enough.
struct Wanted {
    parser: Parser,
    least: Option<Level>,
}

impl Wanted {
    fn new(which: Which, least: Option<LeastLevel>) -> Wanted {
        let level = |least| match least {
            LeastLevel::Error => Level::Error,
            LeastLevel::Warn => Level::Warn,
            LeastLevel::Info => Level::Info,
        };
        Wanted {
            parser: Parser::new(which),
            least: least.map(level),
        }
    }

    fn has(&mut self, line: &str) -> bool {
        let record = self.parser.record(line);
        self.least.is_none_or(|least| record.level >= least)
    }
}

/// Prints a line; false when nobody reads any more (`| head`).
fn print(line: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
}
