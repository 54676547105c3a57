//! `doorcode-bench`: Doorcode beside nginx, Caddy and code-server's own TLS, measured in one run on one machine.
//!
//! The life of the process: arguments → one certificate for all → start everybody → measure in turns → stop everybody →
//! print. As `doorcode-bench stub …` the same program is the upstream that small requests, streams and WebSockets reach.

mod args;
mod contenders;
mod error;
mod frame;
mod identity;
mod interrupt;
mod load;
mod measures;
mod memory;
mod process;
mod report;
mod run;
mod site;
mod statistics;
mod stub;
mod versions;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::error::BenchError;
use crate::report::Report;
use crate::site::Site;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "stub") {
        return ended(stub::run(arguments.collect::<Vec<OsString>>()));
    }
    ended(bench(&Args::parse()))
}

fn bench(args: &Args) -> Result<(), BenchError> {
    interrupt::watch()?;
    process::allow_many_files()?;
    let site = Site::create(args)?;
    let sheet = run::run(&site, &args.groups(), args.seconds())?;
    let report = Report::new(versions::collect(&site), args.seconds(), sheet);
    print!("{}", report::table::render(&report));
    if let Some(file) = &args.json {
        let text = format!("{:#}\n", report::json::render(&report));
        std::fs::write(file, text)
            .map_err(|e| BenchError::io(format!("cannot write {}", file.display()), e))?;
    }
    match report.sheet.failures().len() {
        0 => Ok(()),
        count => Err(BenchError::Incomplete { count }),
    }
}

fn ended(outcome: Result<(), BenchError>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("doorcode-bench: {error}");
            ExitCode::from(if matches!(error, BenchError::Interrupted) {
                130
            } else {
                1
            })
        }
    }
}
