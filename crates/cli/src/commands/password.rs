//! `doorcode password`: kept in the OS keyring, or as a hash where there is none.

use std::io::{IsTerminal, Read};

use anstream::{eprintln, println};
use clap::{Args, Subcommand};
use doorcode_actions::password;
use doorcode_settings::Problem;

use crate::context::Context;
use crate::failure::Failure;

#[derive(Subcommand)]
pub(crate) enum PasswordCommand {
    /// Print the password, where it is in the keyring.
    #[command(after_help = "Example: doorcode password show")]
    Show,
    /// Set the password and sign everyone out.
    Set(SetArgs),
    /// Generate a new password, print it, and sign everyone out.
    #[command(after_help = "Example: doorcode password reset")]
    Reset,
}

#[derive(Args)]
#[command(after_help = "Example: printf %s 'correct horse battery' | doorcode password set --stdin")]
pub(crate) struct SetArgs {
    /// Read it from standard input: a password never stands on a command line.
    #[arg(long, required = true)]
    stdin: bool,
}

pub(crate) async fn run(command: PasswordCommand, context: &Context) -> Result<u8, Failure> {
    let paths = &context.paths;
    let reply = match command {
        PasswordCommand::Show => password::show(paths).await?,
        PasswordCommand::Set(SetArgs { stdin: _ }) => password::set(paths, read_password()?).await?,
        PasswordCommand::Reset => password::reset(paths).await?,
    };
    match reply.password {
        Some(password) => println!("{password}"),
        None => println!("The password is set. Everyone is signed out."),
    }
    if reply.hash_only {
        eprintln!("Only its hash is kept here (there is no keyring): it is not shown again.");
    }
    Ok(0)
}

/// One line of standard input, without its line end.
fn read_password() -> Result<String, Failure> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprintln!("Type the new password, then Enter and Ctrl-D:");
    }
    let mut text = String::new();
    stdin.read_to_string(&mut text).map_err(|error| {
        Problem::new(
            "password_unreadable",
            format!("cannot read the password from standard input: {error}"),
            "printf %s 'the new password' | doorcode password set --stdin",
        )
    })?;
    Ok(text
        .strip_suffix("\r\n")
        .or(text.strip_suffix('\n'))
        .unwrap_or(&text)
        .to_owned())
}
