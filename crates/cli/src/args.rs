//! The command line: every subcommand and option, once, for parsing, help, man page and completions.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands;

/// One guarded door to your code: code-server behind a certificate and a sign-in of its own.
#[derive(Parser)]
#[command(
    name = "doorcode",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// Use this settings file instead of the usual one.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the engine in the foreground: the door, and the editor behind it.
    Up(commands::up::UpArgs),
    /// Say how the engine is: 0 running or starting, 3 stopped or stopping, 4 failing.
    Status(commands::status::StatusArgs),
    /// Start the editor of a running engine.
    #[command(after_help = "Example: doorcode start")]
    Start,
    /// Stop the editor and everything it started; the door stays and says so.
    Stop(commands::editor::StopArgs),
    /// Stop the editor, then start it with the settings in force.
    #[command(after_help = "Example: doorcode restart")]
    Restart,
    /// Open the editor in the browser, already signed in.
    Open(commands::open::OpenArgs),
    /// Show the logs.
    Logs(commands::logs::LogsArgs),
    /// Bring a code-server into the data directory.
    Install(commands::install::InstallArgs),
    /// List, show, issue, renew, remove or export certificates.
    #[command(subcommand)]
    Cert(commands::cert::CertCommand),
    /// Have browsers, stores and devices trust a host, prove it, and take it back.
    #[command(subcommand)]
    Trust(commands::trust::TrustCommand),
    /// Show how people sign in, or set it; a running engine follows at once.
    Auth(commands::auth::AuthArgs),
    /// Say what a code in a log, a status or a finding means, and what to do.
    Explain(commands::explain::ExplainArgs),
    /// Show, set or reset the password.
    #[command(subcommand)]
    Password(commands::password::PasswordCommand),
    /// List or end sign-ins.
    #[command(subcommand)]
    Sessions(commands::sessions::SessionsCommand),
    /// List who is connected, with their browsers, bytes and reconnects.
    Connections(commands::connections::ConnectionsArgs),
    /// End the extension hosts of windows that are gone.
    FreeMemory(commands::free_memory::FreeMemoryArgs),
    /// Look for what keeps people out, link by link: 0 healthy, 1 warnings, 2 broken.
    Doctor(commands::doctor::DoctorArgs),
    /// Print the figures for Prometheus.
    #[command(
        after_help = "Example: doorcode metrics > /var/lib/node_exporter/doorcode.prom\n\
                      The format is Prometheus' text exposition format 0.0.4."
    )]
    Metrics,
    /// Look for what is less safe than it could be: 0 clean, 1 warnings, 2 something critical.
    Audit(commands::audit::AuditArgs),
    /// Show, edit or check the settings.
    #[command(subcommand)]
    Settings(commands::settings::SettingsCommand),
    /// Write a report without secrets, for somebody who helps.
    Report(commands::report::ReportArgs),
    /// Print ready configuration for what stands in front: a proxy, Compose, Kubernetes.
    Recipe(commands::recipe::RecipeArgs),
    /// Run the engine as a service of this person: systemd user unit or launchd agent.
    #[command(subcommand)]
    Service(commands::service::ServiceCommand),
    /// Print the completions for a shell.
    Completions(commands::completions::CompletionsArgs),
    /// Write the man pages to a folder.
    #[command(hide = true)]
    ManPages(commands::man_pages::ManPagesArgs),
}

/// The option of every command that prints data.
#[derive(Args, Clone, Copy)]
pub(crate) struct Json {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
