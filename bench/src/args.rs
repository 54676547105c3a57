//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::measures::Group;

/// Measures Doorcode beside nginx, Caddy and code-server's own TLS. A program that is not given or not installed
/// leaves its column empty.
#[derive(Parser)]
#[command(
    name = "doorcode-bench",
    version,
    after_help = "Example: doorcode-bench --doorcode target/release/doorcode --code-server ENTRY.js --node NODE --only handshakes,stream"
)]
pub(crate) struct Args {
    /// The doorcode command, as a release build.
    #[arg(long, value_name = "FILE")]
    pub(crate) doorcode: Option<PathBuf>,
    /// code-server: its out/node/entry.js together with --node, or something executable.
    #[arg(long, value_name = "FILE")]
    pub(crate) code_server: Option<PathBuf>,
    /// The Node that runs --code-server.
    #[arg(long, value_name = "FILE", requires = "code_server")]
    pub(crate) node: Option<PathBuf>,
    /// Measure only these.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_enum)]
    only: Vec<Group>,
    /// How long each contender is under load, per measure and round.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = seconds)]
    seconds: f64,
    /// Write every sample to this file too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl Args {
    /// What to measure, in the table's order.
    pub(crate) fn groups(&self) -> Vec<Group> {
        Group::ALL
            .into_iter()
            .filter(|group| self.only.is_empty() || self.only.contains(group))
            .collect()
    }

    pub(crate) fn seconds(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

/// A load shorter than a tenth of a second measures the scheduler; one longer than a minute nobody waits for.
fn seconds(text: &str) -> Result<f64, String> {
    let allowed = 0.1..=60.0;
    match text.parse::<f64>() {
        Ok(seconds) if allowed.contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0.1 to 60".to_owned()),
    }
}
