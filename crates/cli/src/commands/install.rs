//! `doorcode install`: brings a code-server into the data directory, in sight of whoever waits for it.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use anstream::{eprintln, println};
use clap::{Args, ValueEnum};
use doorcode_actions::editor;
use doorcode_install::{CodeServer, Phase, Progress, Source, Version};
use doorcode_settings::{Paths, Problem};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Json;
use crate::output;

#[derive(Args)]
#[command(after_help = "Example: doorcode install\n         \
                        doorcode install --from code-server-4.139.1-linux-amd64.tar.gz --sha256 <64 digits>")]
pub(crate) struct InstallArgs {
    /// Where to take it from when no archive is named; its native modules are compiled here.
    #[arg(long, value_enum, default_value = "npm", conflicts_with = "from")]
    via: Via,
    /// A release archive, .tar.gz: a file or an https address.
    #[arg(long, value_name = "FILE_OR_URL", requires = "sha256")]
    from: Option<String>,
    /// The SHA-256 of the archive; any other archive is refused.
    #[arg(long, value_name = "SHA256", requires = "from")]
    sha256: Option<String>,
    /// The version to install, or the one that the archive has to contain [default with npm: 4.139.1].
    #[arg(long, value_name = "VERSION")]
    version: Option<Version>,
    /// Do nothing when there is a code-server that can be run already.
    #[arg(long)]
    if_missing: bool,
    #[command(flatten)]
    json: Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum Via {
    /// The npm registry.
    Npm,
}

/// Installs; the answer is 0, or 1 when the settings or PATH make the engine use another code-server.
pub(crate) async fn run(args: InstallArgs, paths: &Paths) -> Result<u8, Problem> {
    if args.if_missing
        && let Ok(found) = editor::find(paths).await
    {
        return say(&found, "is here already", args.json);
    }
    let source = match (args.from, args.sha256, args.via) {
        (Some(location), Some(sha256), _) => Source::Archive { location, sha256 },
        (_, _, Via::Npm) => Source::Npm,
    };
    let mut narrator = Narrator::new();
    let tell = |step| narrator.tell(step);
    let result = editor::install(paths, source, args.version, tell, called_off()?).await;
    narrator.finish();
    let installed = result?;
    say(&installed, "is installed", args.json)?;
    match editor::overruled(paths, &installed).await {
        None => Ok(0),
        Some(warning) => {
            output::warning(&warning);
            Ok(1)
        }
    }
}

fn say(code_server: &CodeServer, how: &str, json: Json) -> Result<u8, Problem> {
    if json.json {
        output::json(code_server).map_err(|failure| failure.problem)?;
    } else {
        println!(
            "code-server {} {how}: {}",
            code_server.version,
            code_server.entry.display()
        );
        println!("  next: doorcode up (or doorcode restart, if the engine runs)");
    }
    Ok(0)
}

/// Completes at Ctrl-C or SIGTERM.
fn called_off() -> Result<impl Future<Output = ()> + Send, Problem> {
    let listen = |kind| {
        signal(kind).map_err(|error| {
            Problem::new(
                "signals",
                format!("cannot listen for signals: {error}"),
                "ulimit -n",
            )
        })
    };
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Shows the progress on stderr: a bar on a terminal, else a line for each phase.
struct Narrator {
    phase: Option<Phase>,
    bar: Option<ProgressBar>,
}

impl Narrator {
    fn new() -> Narrator {
        Narrator {
            phase: None,
            bar: stderr().is_terminal().then(ProgressBar::no_length),
        }
    }

    fn tell(&mut self, step: Progress) {
        let new_phase = self.phase.replace(step.phase) != Some(step.phase);
        let Some(bar) = &self.bar else {
            if new_phase {
                eprintln!("{} …", step.phase);
            }
            return;
        };
        if new_phase {
            bar.reset();
            bar.set_style(style(step.total.is_some()));
            bar.set_prefix(step.phase.to_string());
            bar.set_message("");
            bar.enable_steady_tick(Duration::from_millis(250));
        }
        if let Some(total) = step.total {
            // A total that is a guess may be exceeded.
            bar.set_length(total.max(step.done));
        }
        bar.set_position(step.done);
        if let Some(line) = step.line {
            bar.set_message(line);
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(counts_bytes: bool) -> ProgressStyle {
    let template = if counts_bytes {
        "{prefix}  {bar:24} {decimal_bytes}/{decimal_total_bytes}  {elapsed}  {wide_msg:.dim}"
    } else {
        "{spinner} {prefix}  {elapsed}  {wide_msg:.dim}"
    };
    ProgressStyle::with_template(template).expect("a constant template is well-formed")
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};
    use doorcode_install::DEFAULT_VERSION;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: InstallArgs,
    }

    #[test]
    fn an_archive_needs_its_sum_and_a_sum_its_archive() {
        assert!(Line::try_parse_from(["install", "--from", "a.tar.gz"]).is_err());
        assert!(Line::try_parse_from(["install", "--sha256", "00"]).is_err());
        assert!(Line::try_parse_from(["install", "--from", "a.tar.gz", "--sha256", "00"]).is_ok());
        assert!(Line::try_parse_from(["install", "--via", "npm", "--from", "a", "--sha256", "00"]).is_err());
        assert!(Line::try_parse_from(["install", "--version", "latest"]).is_err());
    }

    #[test]
    fn the_help_names_the_version_that_is_installed() {
        let help = Line::command().render_long_help().to_string();
        assert!(help.contains(&DEFAULT_VERSION.to_string()), "{help}");
    }
}
