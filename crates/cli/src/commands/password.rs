//! `doorcode password`: kept in the OS keyring, or as a hash where there is none.

use std::io::{IsTerminal, Read};

use anstream::{eprintln, println};
use clap::{Args, Subcommand};
use doorcode_engine::{PasswordReply, Reply, Request};
use doorcode_settings::{Kept, Password, PasswordStore, Problem};

use crate::context::{Context, ask, unexpected};
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
    let request = match command {
        PasswordCommand::Show => Request::PasswordShow,
        PasswordCommand::Set(SetArgs { stdin: _ }) => Request::PasswordSet {
            password: read_password()?,
        },
        PasswordCommand::Reset => Request::PasswordReset,
    };
    let reply = match context.engine().await? {
        Some(mut client) => match ask(&mut client, &request).await? {
            Reply::Password(reply) => reply,
            _ => return Err(unexpected().into()),
        },
        None => without_engine(request, context).await?,
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

/// The same on the files, for when no engine runs.
async fn without_engine(request: Request, context: &Context) -> Result<PasswordReply, Failure> {
    context.create_folders()?;
    let store = PasswordStore::new(&context.paths);
    let changes = !matches!(request, Request::PasswordShow);
    let work = move || -> Result<PasswordReply, Problem> {
        let (password, kept) = match request {
            Request::PasswordSet { password } => {
                let password = Password::parse(password).map_err(|error| Problem::from(&error))?;
                (None, store.set(password).map_err(|error| Problem::from(&error))?)
            }
            Request::PasswordReset => {
                let (password, kept) = store.reset().map_err(|error| Problem::from(&error))?;
                (Some(password), kept)
            }
            _ => (
                Some(store.show().map_err(|error| Problem::from(&error))?),
                Kept::Keyring,
            ),
        };
        let password = password.map(|password| password.expose().to_owned());
        Ok(PasswordReply {
            password,
            hash_only: kept == Kept::HashFile,
        })
    };
    let reply = tokio::task::spawn_blocking(work).await.map_err(|error| {
        Problem::new(
            "internal",
            format!("the keyring could not be asked: {error}"),
            "doorcode password show",
        )
    })??;
    if changes {
        super::sessions::revoke_all_without_engine(context).await?;
    }
    Ok(reply)
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
