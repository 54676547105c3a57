//! A bundle that a person can send to somebody who helps: what runs, how it is set, and what it said last, without secrets.

mod addresses;
mod archive;
mod facts;
mod named;
mod opaque;
mod people;
mod redact;
mod rules;
mod words;

use std::path::{Path, PathBuf};

use doorcode_engine::{Reply, Request, Status};
use doorcode_gateway::SessionView;
use doorcode_settings::{Paths, Problem, files};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use time::macros::format_description;

use self::archive::Archive;
use self::redact::Redactor;
use crate::logs::Which;
use crate::{blocking, control};

/// Lines of each log, the last ones.
const LINES: usize = 2_000;

/// What a report is called when nobody says otherwise: `doorcode-report-20261121-114500.tar.gz`.
pub fn default_name() -> String {
    format!("{}.tar.gz", folder_name())
}

/// Writes a report to `file` (`.tar.gz`, 0600), in the place of what is there. What cannot be had is said in its place.
///
/// # Errors
/// `report_not_written`.
pub async fn write(paths: &Paths, file: PathBuf) -> Result<(), Problem> {
    let told = Told::by_the_engine(paths).await;
    let paths = paths.clone();
    blocking(move || {
        collect(&paths, &told)
            .and_then(|bytes| files::write_private(&file, &bytes))
            .map_err(|error| not_written(&file, &error))
    })
    .await
}

/// That a report cannot be written.
fn not_written(file: &Path, error: &std::io::Error) -> Problem {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    Problem::new(
        "report_not_written",
        format!("cannot write the report {}: {error}", file.display()),
        format!("ls -ld {}", folder.unwrap_or(Path::new(".")).display()),
    )
}

/// What the running engine says, or why it says nothing.
struct Told {
    status: Result<Status, Problem>,
    /// The probes' report.
    doctor: Json,
    /// Latency, history and memory.
    health: Json,
    metrics: Result<String, Problem>,
    sessions: Vec<SessionView>,
}

impl Told {
    async fn by_the_engine(paths: &Paths) -> Told {
        let ask = async |request: Request| control::ask(paths, &request).await;
        Told {
            status: ask(Request::Status).await.and_then(|reply| match reply {
                Reply::Status(status) => Ok(*status),
                _ => Err(control::unexpected()),
            }),
            doctor: ask(Request::Doctor { url: None }).await.map_or_else(
                |problem| json!(problem),
                |reply| match reply {
                    Reply::Doctor(report) => json!(report),
                    _ => json!(control::unexpected()),
                },
            ),
            health: ask(Request::Health).await.map_or_else(
                |problem| json!(problem),
                |reply| match reply {
                    Reply::Health(health) => json!(health),
                    _ => json!(control::unexpected()),
                },
            ),
            metrics: ask(Request::Metrics).await.and_then(|reply| match reply {
                Reply::Metrics { text } => Ok(text),
                _ => Err(control::unexpected()),
            }),
            // Only for the names in them; without an engine the access log has those.
            sessions: match ask(Request::SessionsList).await {
                Ok(Reply::Sessions { sessions }) => sessions,
                _ => Vec::new(),
            },
        }
    }
}

/// The whole archive. Blocking.
fn collect(paths: &Paths, told: &Told) -> std::io::Result<Vec<u8>> {
    let access_log = doorcode_logs::tail(&Which::Access.path(paths), LINES).unwrap_or_default();
    let people = people::named(&facts::allow_users(paths), &told.sessions, &access_log);
    let mut redactor = Redactor::new(facts::person(), people);
    let mut archive = Archive::new(folder_name());
    archive.add("README.txt", &readme())?;
    let status = told.status.as_ref();
    let facts = [
        ("versions.json", facts::versions(paths, status)),
        ("status.json", facts::status(status)),
        ("doctor.json", told.doctor.clone()),
        ("health.json", told.health.clone()),
        ("certificates.json", facts::certificates(paths)),
    ];
    for (name, facts) in facts {
        archive.add(name, &pretty(&mut redactor, facts)?)?;
    }
    archive.add(
        "settings.txt",
        &lines(&mut redactor, facts::settings(paths).lines()),
    )?;
    let metrics = match &told.metrics {
        Ok(text) => text.clone(),
        Err(problem) => format!("# {}: {}\n", problem.code, problem.message),
    };
    archive.add("metrics.txt", &lines(&mut redactor, metrics.lines()))?;
    for which in Which::ALL {
        let path = which.path(paths);
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = match doorcode_logs::tail(&path, LINES) {
            Ok(last) => lines(&mut redactor, last.iter().map(String::as_str)),
            Err(error) => format!("cannot be read: {error}\n"),
        };
        archive.add(&name, &text)?;
    }
    archive.finish()
}

fn pretty(redactor: &mut Redactor, mut value: Json) -> std::io::Result<String> {
    redactor.json(&mut value);
    Ok(format!("{}\n", serde_json::to_string_pretty(&value)?))
}

fn lines<'a>(redactor: &mut Redactor, lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(|line| redactor.line(line) + "\n").collect()
}

fn readme() -> String {
    let mut text = format!(
        "A report on Doorcode {} on this machine, for somebody who helps. Nothing was sent anywhere: read it first.\n\n\
         In it: the versions of Doorcode, code-server and the system; every setting; what `doorcode status`, \
         `doorcode doctor` and `doorcode metrics` say; the last 24 hours in points; what the certificates say; the last {LINES} lines of each log.\n\n\
         Not in it: passwords and their hashes, keys, certificates, sessions, cookies, the keyring, your files.\n\n\
         Taken out of what is in it:\n",
        env!("CARGO_PKG_VERSION")
    );
    for promise in rules::promises() {
        text.push_str(&format!("- {promise}\n"));
    }
    text.push_str(
        "\nStill in it: the names of hosts, and the names of files and folders outside the patterns above.\n\
         What was taken out is written as <removed> or as the word that stands for it.\n",
    );
    text
}

fn folder_name() -> String {
    let format = format_description!("[year][month][day]-[hour][minute][second]");
    let now = OffsetDateTime::now_utc();
    let stamp = now
        .format(format)
        .unwrap_or_else(|_| now.unix_timestamp().to_string());
    format!("doorcode-report-{stamp}")
}
