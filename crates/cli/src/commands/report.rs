//! `doorcode report`: a bundle for somebody who helps.

use std::path::PathBuf;

use anstream::println;
use clap::Args;
use doorcode_actions::report;
use doorcode_settings::Problem;

use crate::context::Context;
use crate::failure::Failure;

#[derive(Args)]
#[command(after_help = "Example: doorcode report --output ~/doorcode-report.tar.gz")]
pub(crate) struct ReportArgs {
    /// Where to write it, .tar.gz [default: doorcode-report-<time>.tar.gz in this folder].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) async fn run(args: ReportArgs, context: &Context) -> Result<u8, Failure> {
    let file = args
        .output
        .unwrap_or_else(|| PathBuf::from(report::default_name()));
    if file.exists() {
        let what = format!("{} is there already and is not replaced", file.display());
        return Err(Problem::new("report_exists", what, "doorcode report --output FILE").into());
    }
    report::write(&context.paths, file.clone()).await?;
    println!("Wrote {}.", file.display());
    println!(
        "It holds no secrets that Doorcode knows of; its README.txt says what was taken out. Read it before you send it."
    );
    Ok(0)
}
