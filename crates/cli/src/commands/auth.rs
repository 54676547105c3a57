//! `doorcode auth`: the password/none toggle.

use anstream::println;
use clap::{Args, ValueEnum};
use doorcode_actions::{auth, password};
use doorcode_settings::AuthMode;

use crate::args::Json;
use crate::context::Context;
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
    let reloaded = auth::set_mode(&context.paths, mode).await?;
    show(mode, args.json)?;
    if reloaded.is_some()
        && mode == AuthMode::Password
        && let Some(password) = password::show_new(&context.paths).await?
    {
        println!("Password (shown this once): {password}");
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
