//! `doorcode doctor`.

use std::io::IsTerminal;
use std::time::Duration;

use anstream::println;
use clap::Args;
use doorcode_actions::doctor::{self, Examined};
use doorcode_health::{Cause, Chain, Piece, Probe, ProbeStatus, Report, Severity, pieces};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Json;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, BAD, DIM, GOOD, WARN};
use crate::paragraph::{self, paragraph};

#[derive(Args)]
#[command(
    after_help = "Example: doorcode doctor --url https://code.example.com\nExit: 0 healthy, 1 warnings, 2 broken."
)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    json: Json,
    /// Probe this public address too, from outside in [default: public_url of a trusted proxy].
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(crate) async fn run(args: DoctorArgs, context: &Context) -> Result<u8, Failure> {
    let progress = progress();
    let examined = doctor::examine(&context.paths, args.url).await;
    progress.finish_and_clear();
    let Examined { report, engine } = examined?;
    if args.json.json {
        output::json(&report)?;
    } else {
        print(&report, engine);
    }
    Ok(report.exit_code())
}

/// On stderr, and only where a person sees it.
fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar =
        ProgressBar::new_spinner().with_message("Looking at everything between a browser and the editor …");
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn print(report: &Report, engine: bool) {
    let width = paragraph::width();
    if !engine {
        println!("{WARN}Doorcode does not run,{WARN:#} so only a part of it could be looked at.");
    }
    match report.causes.split_first() {
        None => println!("{GOOD}✓ healthy{GOOD:#}  nothing is wrong"),
        Some((first, others)) => {
            cause(first, width);
            for other in others {
                println!();
                cause(other, width);
            }
        }
    }
    let titles = report.probes.iter().map(|probe| probe.title.chars().count());
    let titles = titles.max().unwrap_or_default();
    for chain in [
        Chain::Machine,
        Chain::Editor,
        Chain::Door,
        Chain::Trust,
        Chain::Public,
    ] {
        let mut steps = report
            .probes
            .iter()
            .filter(|probe| probe.chain == chain)
            .peekable();
        if steps.peek().is_some() {
            println!("\n{}", chain.title());
            steps.for_each(|probe| step(probe, titles, width));
        }
    }
}

fn cause(cause: &Cause, width: usize) {
    let (style, word) = match cause.severity {
        Severity::Critical => (BAD, "✗ broken"),
        Severity::Warning => (WARN, "! warning"),
    };
    let Cause {
        code,
        message,
        evidence,
        fix,
        ..
    } = cause;
    let head = word.chars().count() + 2;
    let code = format!("[{code}]");
    let message = paragraph(&format!("{} {code}", sentence(message)), head, width);
    // It is one word, so that it stands whole at the end.
    let words = message.strip_suffix(&code).unwrap_or_default();
    println!("{style}{word}{style:#}  {words}{DIM}{code}{DIM:#}");
    let indent = SEEN.len();
    if !evidence.is_empty() && *evidence != cause.message {
        println!("{SEEN}{}", paragraph(evidence, indent, width));
    }
    println!("{NEXT}{}", paragraph(&marked(fix), indent, width));
}

const SEEN: &str = "  seen  ";
const NEXT: &str = "  next  ";

/// A step that is one command is kept in one line like any other.
fn marked(fix: &str) -> String {
    match pieces(fix).as_slice() {
        [Piece::Verbatim(command)] => format!("`{command}`"),
        _ => fix.to_owned(),
    }
}

/// `titles`: the columns of the longest title.
fn step(probe: &Probe, titles: usize, width: usize) {
    let (style, icon) = match probe.status {
        ProbeStatus::Pass => (GOOD, "✓"),
        ProbeStatus::Warn => (WARN, "!"),
        ProbeStatus::Fail => (BAD, "✗"),
        ProbeStatus::NotReached => (DIM, "·"),
        ProbeStatus::Skipped => (DIM, "–"),
    };
    let (word, title) = (probe.status.word(), &probe.title);
    let indent = 2 + 2 + WORDS + 1 + titles + 2;
    println!(
        "  {style}{icon} {word:<WORDS$}{style:#} {title:<titles$}  {DIM}{}{DIM:#}",
        paragraph(&probe.evidence, indent, width)
    );
}

/// The columns of the longest word for how a probe went.
const WORDS: usize = "not reached".len();

/// Causes are written to stand behind a name; here they stand alone. A key of the settings or a name stays as it is.
fn sentence(message: &str) -> String {
    let first = message.split(' ').next().unwrap_or_default();
    if !first.chars().all(|letter| letter.is_ascii_lowercase()) {
        return message.to_owned();
    }
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_with_a_capital_unless_it_is_a_key_or_a_name() {
        assert_eq!(sentence("the editor ended"), "The editor ended");
        for name in [
            "editor.program in the settings",
            "code-server is old",
            "/tmp/x is",
            "",
        ] {
            assert_eq!(sentence(name), name);
        }
    }
}
