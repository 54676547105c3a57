//! One file a subcommand.

pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod cert;
pub(crate) mod completions;
pub(crate) mod connections;
pub(crate) mod doctor;
pub(crate) mod editor;
pub(crate) mod explain;
pub(crate) mod free_memory;
pub(crate) mod install;
pub(crate) mod logs;
pub(crate) mod man_pages;
pub(crate) mod metrics;
pub(crate) mod open;
pub(crate) mod password;
pub(crate) mod recipe;
pub(crate) mod report;
pub(crate) mod service;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod trust;
pub(crate) mod up;

use crate::args::Command;
use crate::context::Context;
use crate::failure::Failure;

/// Runs `command`; the answer is the exit status.
pub(crate) async fn run(command: Command, context: &Context) -> Result<u8, Failure> {
    match command {
        Command::Up(args) => up::run(args, context).await,
        Command::Status(args) => status::run(args, context).await,
        Command::Start => editor::start(context).await,
        Command::Stop(args) => editor::stop(args, context).await,
        Command::Restart => editor::restart(context).await,
        Command::Open(args) => open::run(args, context).await,
        Command::Logs(args) => logs::run(args, context).await,
        Command::Install(args) => {
            // A mistake in the settings is found before the minutes that an install takes.
            context.settings()?;
            Ok(install::run(args, &context.paths).await?)
        }
        Command::Cert(command) => cert::run(command, context).await,
        Command::Trust(command) => trust::run(command, context).await,
        Command::Auth(args) => auth::run(args, context).await,
        Command::Explain(args) => explain::run(&args),
        Command::Password(command) => password::run(command, context).await,
        Command::Sessions(command) => sessions::run(command, context).await,
        Command::Connections(args) => connections::run(args, context).await,
        Command::FreeMemory(args) => free_memory::run(args, context).await,
        Command::Doctor(args) => doctor::run(args, context).await,
        Command::Metrics => metrics::run(context).await,
        Command::Audit(args) => audit::run(args, context).await,
        Command::Settings(command) => settings::run(command, context).await,
        Command::Recipe(args) => recipe::run(args, context),
        Command::Report(args) => report::run(args, context).await,
        Command::Service(command) => service::run(command, context).await,
        Command::Completions(args) => completions::run(&args),
        Command::ManPages(args) => man_pages::run(&args),
    }
}
