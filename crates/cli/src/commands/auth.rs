//! `doorcode auth`: how people sign in.

use std::path::PathBuf;

use anstream::println;
use clap::{Args, ValueEnum};
use doorcode_actions::auth::{self, TrustedProxyOutcome};
use doorcode_actions::password;
use doorcode_settings::trusted_proxy::{Missing, Preset};
use doorcode_settings::{AuthMode, Problem, Settings};
use serde_json::{Value, json};

use crate::args::Json;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, DIM, WARN};

#[derive(Args)]
#[command(after_help = "Examples:
  doorcode auth none
  doorcode auth trusted-proxy --preset pomerium --public-url https://code.example.com \\
      --proxy 10.0.0.1 --allow-user you@example.com
  doorcode auth trusted-proxy --preset caddy --proof header      makes a secret for the proxy

Keys of [auth.trusted_proxy] that are given are written even if others are still missing; the mode changes once nothing is.")]
pub(crate) struct AuthArgs {
    /// How people sign in from now on; shows it when left out.
    mode: Option<Mode>,
    #[command(flatten)]
    proxy: ProxyArgs,
    #[command(flatten)]
    json: Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Nobody has to sign in; for loopback.
    None,
    /// The password in the OS keyring.
    Password,
    /// A proxy in front asks them, and says who they are.
    TrustedProxy,
}

/// The keys of `[auth.trusted_proxy]` that most people need; settings.toml takes the rest.
#[derive(Args)]
#[group(id = "proxy", multiple = true)]
#[command(next_help_heading = "With trusted-proxy")]
struct ProxyArgs {
    /// Which proxy it is.
    #[arg(long, value_name = "PROXY", value_parser = clap::builder::PossibleValuesParser::new(Preset::NAMES.map(|(name, _)| name)))]
    preset: Option<String>,
    /// The https address that browsers use.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// An address, or a range, that the proxy connects from.
    #[arg(long = "proxy", value_name = "ADDRESS")]
    proxies: Vec<String>,
    /// Who may come in, as the proxy names them; * is everyone.
    #[arg(long = "allow-user", value_name = "USER")]
    allow_users: Vec<String>,
    /// The header in which the proxy names the user.
    #[arg(long, value_name = "NAME")]
    user_header: Option<String>,
    /// What tells the proxy from anybody else at its address.
    #[arg(long, value_enum)]
    proof: Option<ProofWord>,
    /// With --proof header: the file with the proxy's secret, instead of one made now.
    #[arg(long, value_name = "FILE", requires = "proof")]
    secret_file: Option<PathBuf>,
    /// With --proof mtls: the authority of the proxy's certificate, PEM.
    #[arg(long, value_name = "FILE")]
    client_ca: Option<PathBuf>,
    /// What the signed statement's iss must be.
    #[arg(long, value_name = "TEXT")]
    issuer: Option<String>,
    /// What the signed statement's aud must be.
    #[arg(long, value_name = "TEXT")]
    audience: Option<String>,
    /// Where the keys are that verify the signed statement.
    #[arg(long, value_name = "URL")]
    jwks_url: Option<String>,
    /// The load balancer that must have signed (AWS).
    #[arg(long, value_name = "ARN")]
    signer: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProofWord {
    Assertion,
    Header,
    Mtls,
    UnixSocket,
    AddressOnly,
}

pub(crate) async fn run(args: AuthArgs, context: &Context) -> Result<u8, Failure> {
    let keys = args.proxy.keys(context)?;
    let mode = match args.mode {
        Some(Mode::TrustedProxy) => return trust_proxy(keys, args.json, context).await,
        _ if !keys.is_empty() => {
            return Err(Problem::new(
                "usage",
                "these options are for trusted-proxy",
                "doorcode auth trusted-proxy --help",
            )
            .into());
        }
        None => return show(&context.settings()?, args.json),
        Some(Mode::None) => AuthMode::None,
        Some(Mode::Password) => AuthMode::Password,
    };
    let reloaded = auth::set_mode(&context.paths, mode).await?;
    show(&context.settings()?, args.json)?;
    if reloaded.is_some()
        && mode == AuthMode::Password
        && let Some(password) = password::show_new(&context.paths).await?
    {
        println!("Password (shown this once): {password}");
    }
    Ok(0)
}

impl ProxyArgs {
    fn keys(&self, context: &Context) -> Result<Vec<(&'static str, Value)>, Problem> {
        let list = |items: &[String]| (!items.is_empty()).then(|| json!(items));
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| json!(absolute(path)));
        let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        let proof = match self.proof {
            None => None,
            Some(ProofWord::Header) => {
                let file = self.secret_file.as_ref().map(absolute);
                Some(auth::secret_header(&context.paths, file)?)
            }
            Some(ProofWord::Assertion) => Some(json!("assertion")),
            Some(ProofWord::Mtls) => Some(json!("mtls")),
            Some(ProofWord::UnixSocket) => Some(json!("unix-socket")),
            Some(ProofWord::AddressOnly) => Some(json!("address-only")),
        };
        let keys = [
            ("auth.trusted_proxy.preset", text(&self.preset)),
            ("auth.trusted_proxy.public_url", text(&self.public_url)),
            ("auth.trusted_proxy.proxies", list(&self.proxies)),
            ("auth.trusted_proxy.allow_users", list(&self.allow_users)),
            ("auth.trusted_proxy.user_header", text(&self.user_header)),
            ("auth.trusted_proxy.proof", proof),
            ("auth.trusted_proxy.client_ca", path(&self.client_ca)),
            ("auth.trusted_proxy.assertion.issuer", text(&self.issuer)),
            ("auth.trusted_proxy.assertion.audience", text(&self.audience)),
            ("auth.trusted_proxy.assertion.jwks_url", text(&self.jwks_url)),
            ("auth.trusted_proxy.assertion.signer", text(&self.signer)),
        ];
        let given = keys.into_iter().filter_map(|(key, value)| Some((key, value?)));
        Ok(given.collect())
    }
}

/// Of a path that does not exist, too; where there is no current directory, the settings will refuse it.
fn absolute(path: &PathBuf) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.clone())
}

async fn trust_proxy(keys: Vec<(&'static str, Value)>, json: Json, context: &Context) -> Result<u8, Failure> {
    let TrustedProxyOutcome { missing, .. } = auth::trust_proxy(&context.paths, keys).await?;
    show(&context.settings()?, json)?;
    Ok(if missing.is_empty() { 0 } else { 1 })
}

fn show(settings: &Settings, json: Json) -> Result<u8, Failure> {
    let mode = settings.auth.mode;
    let asked = settings.auth.trusted_proxy_keys != Default::default();
    let missing = match asked {
        true => settings.missing_for_trusted_proxy(),
        false => Vec::new(),
    };
    if json.json {
        let proxy = asked.then_some(&settings.auth.trusted_proxy_keys);
        output::json(&json!({ "auth": mode, "trusted_proxy": proxy, "missing": missing }))?;
        return Ok(0);
    }
    println!("Sign-in: {}", mode.as_str());
    if let Some(proxy) = settings
        .auth
        .trusted_proxy
        .as_ref()
        .filter(|_| mode == AuthMode::TrustedProxy)
    {
        println!(
            "Proxy:   {} at {}, proof: {}",
            proxy.preset.as_str(),
            proxy.public_url,
            proxy.proof.as_str()
        );
        println!(
            "{DIM}its side of the configuration: doorcode recipe · what is risky about it: doorcode audit{DIM:#}"
        );
    }
    if !missing.is_empty() {
        println!("{WARN}Before trusted-proxy can be switched on, this is missing:{WARN:#}");
        for Missing { key, message } in missing {
            println!("  {key}\n      {message}");
        }
        println!(
            "next: doorcode auth trusted-proxy with the option for each (--help), or doorcode settings edit"
        );
    }
    Ok(0)
}
