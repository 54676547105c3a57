//! `doorcode trust`: which browsers, stores and devices trust a host, and making them.

mod add;
mod check;
mod devices;
mod stores;

use clap::{Args, Subcommand};
use doorcode_settings::HostName;

use crate::args::Json;
use crate::context::Context;
use crate::failure::Failure;

pub(crate) use stores::redo;

#[derive(Subcommand)]
pub(crate) enum TrustCommand {
    /// Say which stores of this machine trust a host; exit status 1 if one does not.
    #[command(after_help = "Example: doorcode trust status --json")]
    Status(StoresArgs),
    /// Have the stores of this machine trust a host, and prove that they do.
    #[command(
        after_help = "Example: doorcode trust install\nExample: doorcode trust install --store firefox --store chromium"
    )]
    Install(ChangeArgs),
    /// Prove it: each store's own program opens a page of the running engine.
    #[command(after_help = "Example: doorcode trust verify --host my.dev.local")]
    Verify(StoresArgs),
    /// Take a host's trust back, or what hosts that are gone have left behind.
    Remove(RemoveArgs),
    /// Check your own browser: a page opens in it and reports whether it trusts the host.
    Check(check::CheckArgs),
    /// List the devices that were checked, check another phone or tablet, or forget one.
    Devices(devices::DevicesArgs),
}

/// Which host, and which of the stores.
#[derive(Args)]
pub(crate) struct StoresArgs {
    /// The host; the first configured one if none is named.
    #[arg(long, value_name = "HOST")]
    host: Option<HostName>,
    /// Only these stores: chromium, firefox, system, p11-kit, macos, windows, or one as `trust status` names it.
    #[arg(long, value_name = "STORE")]
    store: Vec<String>,
    #[command(flatten)]
    json: Json,
}

#[derive(Args)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    stores: StoresArgs,
    /// Run commands that need root's rights without asking first.
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
#[command(
    after_help = "Example: doorcode trust remove --host my.dev.local\nExample: doorcode trust remove --leftovers\nExample: doorcode trust remove --leftovers --store system"
)]
pub(crate) struct RemoveArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// Not a host's trust, but that of hosts which have no certificate here any more; of one of them with --host. What
    /// stands in a store that all users share may be another user's, and needs --store.
    #[arg(long)]
    leftovers: bool,
}

/// Runs a subcommand; the answer is the exit status: 0 all trust it, 1 one does not.
pub(crate) async fn run(command: TrustCommand, context: &Context) -> Result<u8, Failure> {
    match command {
        TrustCommand::Status(args) => stores::status(args, context).await,
        TrustCommand::Install(args) => stores::install(args, context).await,
        TrustCommand::Verify(args) => stores::verify(args, context).await,
        TrustCommand::Remove(args) if args.leftovers => stores::remove_leftovers(args.change, context).await,
        TrustCommand::Remove(args) => stores::remove(args.change, context).await,
        TrustCommand::Check(args) => check::run(args, context).await,
        TrustCommand::Devices(args) => devices::run(args, context).await,
    }
}
