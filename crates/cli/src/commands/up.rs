//! `doorcode up`: the engine in the foreground.

use std::path::PathBuf;
use std::sync::Arc;

use anstream::{eprintln, println};
use clap::Args;
use doorcode_engine::{Client, Engine, Overrides, PasswordReply, Reply, Request, State, Status};
use doorcode_install::CodeServer;
use doorcode_logs::{Limit, LogSink};
use doorcode_settings::{AuthMode, Problem};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::context::{Context, ask, unexpected};
use crate::failure::Failure;
use crate::output::{self, BAD, DIM, GOOD};

/// How long the link that is printed at the start stays valid.
const LINK_SECONDS: u64 = 600;

#[derive(Args)]
#[command(
    after_help = "Example: doorcode up ~/code\nThe first Ctrl-C finishes what is under way, the second ends at once."
)]
pub(crate) struct UpArgs {
    /// The folder to open when no other is named.
    folder: Option<PathBuf>,
    /// Serve this certificate of a real CA (PEM, with its chain) instead of a self-signed one.
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// The private key of --cert (PEM).
    #[arg(long, value_name = "FILE")]
    cert_key: Option<PathBuf>,
}

pub(crate) async fn run(args: UpArgs, context: &Context) -> Result<u8, Failure> {
    let overrides = overrides(args)?;
    already_running(context).await?;
    let found = find_editor(context).await?;
    context.create_folders()?;
    let app_log = start_log(context)?;
    let mut signals = Signals::new()?;
    let mut engine = Engine::start(context.paths.clone(), overrides, Some(found), app_log).await?;
    let mut client = context.engine().await?.ok_or_else(unexpected)?;
    announce(&mut client, context).await?;
    tokio::select! {
        () = signals.next() => {}
        () = engine.ended() => return Ok(0),
        outcome = follow_start(client) => {
            outcome?;
            tokio::select! {
                () = signals.next() => {}
                () = engine.ended() => return Ok(0),
            }
        }
    }
    println!("Stopping: finishing what is under way. Ctrl-C again ends at once.");
    tokio::select! {
        () = signals.next() => Ok(130),
        () = engine.shutdown() => {
            println!("Stopped.");
            Ok(0)
        }
    }
}

fn overrides(args: UpArgs) -> Result<Overrides, Failure> {
    let missing = |flag: &str| {
        Problem::new(
            "cert_key_missing",
            format!("{flag} is missing"),
            "doorcode up --help",
        )
    };
    let custom_pair = match (args.cert, args.cert_key) {
        (Some(cert), Some(key)) => Some((absolute(cert)?, absolute(key)?)),
        (None, None) => None,
        (Some(_), None) => return Err(missing("--cert-key").into()),
        (None, Some(_)) => return Err(missing("--cert").into()),
    };
    let folder = args.folder.map(absolute).transpose()?;
    if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
        let what = format!(
            "the folder {} does not exist or is not a folder",
            folder.display()
        );
        return Err(Problem::new("folder_missing", what, format!("mkdir -p {}", folder.display())).into());
    }
    Ok(Overrides { folder, custom_pair })
}

/// The engine outlives the shell's idea of a current folder.
fn absolute(path: PathBuf) -> Result<PathBuf, Failure> {
    std::path::absolute(&path).map_err(|error| {
        Problem::new(
            "path_unusable",
            format!("cannot use the path {}: {error}", path.display()),
            "pwd",
        )
        .into()
    })
}

/// A second `up` says where the first one is.
async fn already_running(context: &Context) -> Result<(), Failure> {
    let Some(mut client) = context.engine().await? else {
        return Ok(());
    };
    let Reply::Status(status) = ask(&mut client, &Request::Status).await? else {
        return Err(unexpected().into());
    };
    let pid = status
        .engine
        .pid
        .map(|pid| format!(" as process {pid}"))
        .unwrap_or_default();
    let what = format!("Doorcode already runs{pid}: {}", status.urls.join(" "));
    Err(Problem::new("already_running", what, "doorcode open").into())
}

/// Found before anything is started: at a terminal, an editor that cannot be run is a reason not to start at all.
async fn find_editor(context: &Context) -> Result<CodeServer, Failure> {
    let (settings, paths) = (context.settings()?, context.paths.clone());
    let found = tokio::task::spawn_blocking(move || doorcode_engine::find_code_server(&settings, &paths));
    Ok(found
        .await
        .map_err(|error| Problem::new("internal", error.to_string(), "doorcode up"))??)
}

/// Says where it is, how to get in, and what to do next.
async fn announce(client: &mut Client, context: &Context) -> Result<(), Failure> {
    let Reply::Status(status) = ask(client, &Request::Status).await? else {
        return Err(unexpected().into());
    };
    println!("Doorcode {}", status.engine.version);
    println!("  Address      {GOOD}{}{GOOD:#}", status.urls.join("  "));
    match status.auth {
        AuthMode::None => println!("  Sign in      nobody has to (auth = none)"),
        AuthMode::Password if prints_to_the_journal() => {
            println!("  Sign in      doorcode open, or with the password: doorcode password show");
        }
        AuthMode::Password => {
            println!("  Sign in      with one click, once, within 10 minutes:");
            println!("               {}", one_time_link(client).await?);
            println!(
                "               or with the password: {}",
                password_hint(client).await?
            );
        }
    }
    let self_signed = matches!(context.settings()?.tls, doorcode_settings::Tls::SelfSigned);
    for certificate in status.certificates.iter().filter(|_| self_signed) {
        println!(
            "  Certificate  {} SHA-256 {DIM}{}{DIM:#}",
            certificate.host, certificate.fingerprint
        );
        println!(
            "               browsers warn until they trust its root: doorcode cert export {0} --out {1}.pem",
            certificate.host,
            certificate.host.file_stem()
        );
    }
    println!("  Next         doorcode open · doorcode status · doorcode logs -f · Ctrl-C stops");
    status.problems.iter().for_each(output::warning);
    Ok(())
}

/// Whether what is printed ends up in systemd's journal, where secrets do not belong: `JOURNAL_STREAM` names the stream's
/// device and inode (systemd.exec(5)).
fn prints_to_the_journal() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    nix::sys::stat::fstat(std::io::stdout())
        .is_ok_and(|out| stream == format!("{}:{}", out.st_dev, out.st_ino))
}

async fn one_time_link(client: &mut Client) -> Result<String, Failure> {
    let link = Request::Link {
        host: None,
        to: "/".to_owned(),
        seconds: LINK_SECONDS,
    };
    match ask(client, &link).await? {
        Reply::Link { url } => Ok(url),
        _ => Err(unexpected().into()),
    }
}

/// A password that was generated just now and is kept only as a hash is shown here or never.
async fn password_hint(client: &mut Client) -> Result<String, Failure> {
    let fresh = client
        .ask(&Request::PasswordShowNew)
        .await
        .map_err(|error| Problem::from(&error))?;
    Ok(match fresh {
        Reply::Password(PasswordReply {
            password: Some(password),
            ..
        }) => {
            format!(
                "{password}\n               (shown this once: there is no keyring here, so only its hash is kept)"
            )
        }
        _ => "doorcode password show".to_owned(),
    })
}

/// Follows the editor's start and says how it ended; ends when the editor runs or has failed.
async fn follow_start(mut client: Client) -> Result<(), Failure> {
    let mut reply = ask(&mut client, &Request::Watch).await?;
    loop {
        let Reply::Status(status) = reply else {
            return Err(unexpected().into());
        };
        if let Some(line) = start_line(&status) {
            eprintln!("{line}");
            return Ok(());
        }
        reply = client.next().await.map_err(|error| Problem::from(&error))?;
    }
}

fn start_line(status: &Status) -> Option<String> {
    match status.state {
        State::Running => {
            let version = status.editor.version.as_deref().unwrap_or_default();
            Some(format!(
                "{GOOD}Ready{GOOD:#}: code-server {version} runs behind the door."
            ))
        }
        State::Failed => {
            let problem = status.problems.first();
            let message = problem
                .map(|problem| problem.message.as_str())
                .unwrap_or_default();
            Some(format!(
                "{BAD}Failed{BAD:#}: {message}\n  next: doorcode logs --editor, then doorcode start"
            ))
        }
        _ => None,
    }
}

/// The signals that ask for the end.
struct Signals([Signal; 3]);

impl Signals {
    fn new() -> Result<Signals, Failure> {
        let listen = |kind| signal(kind).map_err(Failure::runtime);
        Ok(Signals([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// The application's log: what Doorcode itself does, never what people type.
fn start_log(context: &Context) -> Result<LogSink, Failure> {
    let path = context.paths.app_log();
    let sink = LogSink::open(&path, Limit::default()).map_err(|error| {
        let what = format!("cannot write the log {}: {error}", path.display());
        Problem::new(
            "log_unusable",
            what,
            format!("ls -ld {}", context.paths.state_dir.display()),
        )
    })?;
    let writer = Arc::new(sink.clone());
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || LineWriter {
            sink: writer.clone(),
            line: Vec::new(),
        })
        .init();
    Ok(sink)
}

/// Collects what is written of one event and hands it over as a line.
struct LineWriter {
    sink: Arc<LogSink>,
    line: Vec<u8>,
}

impl std::io::Write for LineWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for LineWriter {
    fn drop(&mut self) {
        self.sink.bytes(std::mem::take(&mut self.line));
    }
}
