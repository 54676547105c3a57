//! `doorcode`: the command. Parses, runs one subcommand, says what went wrong.

mod args;
mod commands;
mod context;
mod failure;
mod output;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::failure(&failure);
            ExitCode::from(failure.exit_code)
        }
    }
}

/// Runs the subcommand; the answer is the exit status.
fn run(cli: Cli) -> Result<u8, Failure> {
    if let Command::Completions(args) = cli.command {
        return commands::completions::run(&args);
    }
    let context = Context::new(cli.settings.as_deref())?;
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        unreachable!("this is the only place that installs a cryptographic provider");
    }
    let threads = match cli.command {
        Command::Up(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = { threads }.enable_all().build().map_err(Failure::runtime)?;
    let result = runtime.block_on(commands::run(cli.command, &context));
    runtime.shutdown_background();
    result
}
