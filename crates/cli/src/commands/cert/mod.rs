//! `doorcode cert`: the certificates of the hosts, as files, whether an engine runs or not.

mod change;
mod export;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use doorcode_certs::{CertStore, Certificate};
use doorcode_settings::{HostName, Settings, Tls};

use crate::args::Json;
use crate::context::Context;
use crate::failure::Failure;

#[derive(Subcommand)]
pub(crate) enum CertCommand {
    /// List every host's certificate; exit status 1 if one needs attention.
    List(ListArgs),
    /// Show a host's certificate: fingerprints, names, days left.
    Show(ShowArgs),
    /// Issue a new certificate for a host; it has to be trusted anew.
    Issue(IssueArgs),
    /// Issue a new certificate if the old one ends within 30 days; it has to be trusted anew.
    Renew(RenewArgs),
    /// Take a host's trust back everywhere, then delete its certificate, its key, and the backups of both.
    Remove(RemoveArgs),
    /// Print the root certificate that browsers and devices are to trust, in PEM.
    Export(ExportArgs),
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert list --json")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    json: Json,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert show localhost")]
pub(crate) struct ShowArgs {
    /// A DNS name or an address.
    host: HostName,
    #[command(flatten)]
    json: Json,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert issue my.dev.local")]
pub(crate) struct IssueArgs {
    /// A DNS name or an address.
    host: HostName,
    #[command(flatten)]
    redo: RedoArgs,
    /// Replace a valid certificate without asking.
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert renew my.dev.local")]
pub(crate) struct RenewArgs {
    /// A DNS name or an address.
    host: HostName,
    /// Renew long before the end, too.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    redo: RedoArgs,
}

/// What becomes of those who trust the old certificate.
#[derive(Args)]
pub(crate) struct RedoArgs {
    /// Have the stores of this machine that trust the old certificate trust the new one instead.
    #[arg(long)]
    trust: bool,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert remove my.dev.local")]
pub(crate) struct RemoveArgs {
    /// A DNS name or an address.
    host: HostName,
    /// Remove it without asking, and run what needs root's rights for it.
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert export my.dev.local --out my-dev-local-root.crt")]
pub(crate) struct ExportArgs {
    /// A DNS name or an address.
    host: HostName,
    /// Write it to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs a subcommand; the answer is the exit status.
pub(crate) async fn run(command: CertCommand, context: &Context) -> Result<u8, Failure> {
    context.create_folders()?;
    let settings = context.settings()?;
    let certs = Certs {
        store: CertStore::new(context.paths.certs_dir()),
        settings: &settings,
        context,
    };
    match command {
        CertCommand::List(args) => certs.list(args.json),
        CertCommand::Show(args) => certs.show(&args),
        CertCommand::Issue(args) => certs.issue(args).await,
        CertCommand::Renew(args) => certs.renew(args).await,
        CertCommand::Remove(args) => certs.remove(args).await,
        CertCommand::Export(args) => certs.export(&args),
    }
}

struct Certs<'a> {
    store: CertStore,
    settings: &'a Settings,
    context: &'a Context,
}

impl Certs<'_> {
    /// Whether the settings have the gateway serve it.
    fn serves(&self, certificate: &Certificate) -> bool {
        match &self.settings.tls {
            Tls::SelfSigned => self.settings.gateway.hosts.contains(&certificate.host),
            Tls::Custom { cert, .. } => *cert == certificate.cert_file,
            Tls::Off => false,
        }
    }
}
