//! A bundle that a person can send to somebody who helps: what runs, how it is set, and what it said last, without secrets.

mod addresses;
mod archive;
mod facts;
mod named;
mod opaque;
mod redact;
mod rules;
mod words;

use std::path::{Path, PathBuf};

use doorcode_engine::{Reply, Request, Status};
use doorcode_settings::{Paths, Problem, files};
use serde_json::Value as Json;
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
    let status = match control::ask(paths, &Request::Status).await {
        Ok(Reply::Status(status)) => Ok(*status),
        Ok(_) => Err(control::unexpected()),
        Err(problem) => Err(problem),
    };
    let paths = paths.clone();
    blocking(move || {
        collect(&paths, status)
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

/// The whole archive. Blocking.
fn collect(paths: &Paths, status: Result<Status, Problem>) -> std::io::Result<Vec<u8>> {
    let mut redactor = Redactor::new(facts::person());
    let mut archive = Archive::new(folder_name());
    archive.add("README.txt", &readme())?;
    let facts = [
        ("versions.json", facts::versions(paths, status.as_ref())),
        ("status.json", facts::status(status.as_ref())),
        ("certificates.json", facts::certificates(paths)),
    ];
    for (name, facts) in facts {
        archive.add(name, &json(&mut redactor, facts)?)?;
    }
    archive.add(
        "settings.txt",
        &lines(&mut redactor, facts::settings(paths).lines()),
    )?;
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

fn json(redactor: &mut Redactor, mut value: Json) -> std::io::Result<String> {
    redactor.json(&mut value);
    Ok(format!("{}\n", serde_json::to_string_pretty(&value)?))
}

fn lines<'a>(redactor: &mut Redactor, lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(|line| redactor.line(line) + "\n").collect()
}

fn readme() -> String {
    let mut text = format!(
        "A report on Doorcode {} on this machine, for somebody who helps. Nothing was sent anywhere: read it first.\n\n\
         In it: the versions of Doorcode, code-server and the system; every setting; what `doorcode status` says; what the \
         certificates say; the last {LINES} lines of each log.\n\n\
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
