//! `doorcode auth`: the password/none toggle.

use anstream::println;
use clap::{Args, ValueEnum};
use doorcode_engine::{Reply, Request};
use doorcode_settings::{AuthMode, Problem, edit};

use crate::args::Json;
use crate::context::{Context, ask};
use crate::failure::Failure;
use crate::output;

#[derive(Args)]
#[command(after_help = "Example: doorcode auth none")]
pub(crate) struct AuthArgs {
    /// How people sign in from now on; shows it when left out.
    mode: Option<Mode>,
    #[command(flatten)]
    json: Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Nobody has to sign in; for loopback.
    None,
    /// The password in the OS keyring.
    Password,
}

impl From<Mode> for AuthMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::None => AuthMode::None,
            Mode::Password => AuthMode::Password,
        }
    }
}

pub(crate) async fn run(args: AuthArgs, context: &Context) -> Result<u8, Failure> {
    let Some(mode) = args.mode.map(AuthMode::from) else {
        return show(context.settings()?.auth.mode, args.json);
    };
    let file = &context.paths.settings_file;
    edit::set(file, "auth.mode", mode.as_str().into()).map_err(|error| Problem::from(&error))?;
    let reloaded = context.reload().await?;
    show(mode, args.json)?;
    if reloaded.is_some() && mode == AuthMode::Password {
        show_once(context).await?;
    }
    Ok(0)
}

fn show(mode: AuthMode, json: Json) -> Result<u8, Failure> {
    if json.json {
        output::json(&serde_json::json!({ "auth": mode }))?;
    } else {
        println!("Sign-in: {}", mode.as_str());
    }
    Ok(0)
}

/// A password that was generated just now and is kept only as a hash is shown here or never.
async fn show_once(context: &Context) -> Result<(), Failure> {
    let Some(mut client) = context.engine().await? else {
        return Ok(());
    };
    if let Ok(Reply::Password(reply)) = ask(&mut client, &Request::PasswordShowNew).await
        && let Some(password) = reply.password
    {
        println!("Password (shown this once): {password}");
    }
    Ok(())
}
