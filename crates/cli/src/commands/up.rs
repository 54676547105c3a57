//! `doorcode up`: the engine in the foreground.

use std::path::PathBuf;

use anstream::{eprintln, println};
use clap::Args;
use doorcode_actions::app_log::AppLog;
use doorcode_actions::{editor, host, open, password};
use doorcode_engine::{Client, EventKind, Overrides, Reply, Request, State, Status};
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
    host::refuse_second(&context.paths).await?;
    // At a terminal, an editor that cannot be run is a reason not to start at all.
    let found = editor::find(&context.paths).await?;
    let mut signals = Signals::new()?;
    let mut engine = host::start(&context.paths, overrides, Some(found), &AppLog::install()).await?;
    let mut client = context.engine().await?.ok_or_else(unexpected)?;
    announce(&mut client, context).await?;
    tokio::select! {
        () = signals.next() => {}
        () = engine.ended() => return Ok(0),
        outcome = follow(client, context) => {
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

/// Says where it is, how to get in, and what to do next.
async fn announce(client: &mut Client, context: &Context) -> Result<(), Failure> {
    let Reply::Status(status) = ask(client, &Request::Status).await? else {
        return Err(unexpected().into());
    };
    println!("Doorcode {}", status.engine.version);
    println!("  Address      {GOOD}{}{GOOD:#}", status.urls.join("  "));
    match status.auth {
        AuthMode::None => println!("  Sign in      nobody has to (auth = none)"),
        AuthMode::TrustedProxy => println!("  Sign in      at the proxy (auth = trusted-proxy)"),
        AuthMode::Password if prints_to_the_journal() => {
            println!("  Sign in      doorcode open, or with the password: doorcode password show");
        }
        AuthMode::Password => {
            println!("  Sign in      with one click, once, within 10 minutes:");
            let link = open::link(client, None, "/".to_owned(), LINK_SECONDS).await?;
            println!("               {link}");
            println!(
                "               or with the password: {}",
                password_hint(context).await?
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

/// A password that was generated just now and is kept only as a hash is shown here or never.
async fn password_hint(context: &Context) -> Result<String, Failure> {
    Ok(match password::show_new(&context.paths).await? {
        Some(password) => format!(
            "{password}\n               (shown this once: there is no keyring here, so only its hash is kept)"
        ),
        None => "doorcode password show".to_owned(),
    })
}

/// Follows the editor, and says when it runs for the first time, has failed, or runs again after that. Ends with the engine.
async fn follow(mut client: Client, context: &Context) -> Result<(), Failure> {
    let Some(mut events) = context.engine().await? else {
        return Ok(());
    };
    ask(&mut events, &Request::Events).await?;
    let mut last = None;
    // The engine that ends is told of elsewhere.
    while let Ok(Reply::Status(status)) = ask(&mut client, &Request::Status).await {
        let line = start_line(&status).filter(|line| last.as_ref() != Some(line));
        if let Some(line) = line {
            eprintln!("{line}");
            last = Some(line);
        }
        loop {
            match events.next().await {
                Ok(Reply::Event(event)) if event.kind == EventKind::Editor => break,
                Ok(_) => {}
                Err(_) => return Ok(()),
            }
        }
    }
    Ok(())
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
            let (message, fix) = match problem {
                Some(problem) => (problem.message.as_str(), problem.fix.as_str()),
                None => ("the editor was not started", "doorcode restart"),
            };
            Some(format!("{BAD}Failed{BAD:#}: {message}\n  next: {fix}"))
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
