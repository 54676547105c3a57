//! `doorcode`: the command. Parses, runs one subcommand, says what went wrong.

mod args;
mod commands;
mod context;
mod failure;
mod output;
mod paragraph;
mod person;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::failure::Failure;

fn main() -> ExitCode {
    return_large_blocks();
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::failure(&failure);
            ExitCode::from(failure.exit_code)
        }
    }
}

/// Makes the allocator give blocks of a megabyte and more back to the system when they are freed. Left to itself glibc
/// keeps the 19 MB of each password verification, on every thread that ever did one (mallopt(3), M_MMAP_THRESHOLD).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc offers it in no other way")]
fn return_large_blocks() {
    const BYTES: i32 = 1 << 20;
    // SAFETY: mallopt takes two integers and is called before any other thread exists.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, BYTES) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn return_large_blocks() {}

/// Runs the subcommand; the answer is the exit status.
fn run(cli: Cli) -> Result<u8, Failure> {
    // They need no home directory, which a package's build has not.
    match &cli.command {
        Command::Completions(args) => return commands::completions::run(args),
        Command::ManPages(args) => return commands::man_pages::run(args),
        _ => {}
    }
    let context = Context::new(cli.settings.as_deref())?;
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        unreachable!("this is the only place that installs a cryptographic provider");
    }
    let threads = match cli.command {
        // One thread for the engine's own tasks; the gateway brings its own, one a core.
        Command::Up(_) => {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(1);
            builder
        }
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = { threads }.enable_all().build().map_err(Failure::runtime)?;
    let result = runtime.block_on(commands::run(cli.command, &context));
    runtime.shutdown_background();
    result
}
