//! `doorcode completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::Failure;

#[derive(Args)]
#[command(
    after_help = "Example: doorcode completions bash > ~/.local/share/bash-completion/completions/doorcode"
)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<u8, Failure> {
    clap_complete::generate(
        args.shell,
        &mut Cli::command(),
        "doorcode",
        &mut std::io::stdout(),
    );
    Ok(0)
}
