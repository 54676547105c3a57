//! `sessions.json`.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use doorcode_settings::{Problem, files};
use serde::{Deserialize, Serialize};

use super::live::{Session, SignInMethod};
use super::registry::Limits;
use super::token::TokenHash;

/// The file's contents. The limits are kept for whoever lists sessions while no gateway runs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    pub(super) limits: Limits,
    pub(super) sessions: Vec<Record>,
}

/// One session in the file. Times are seconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    id: String,
    /// Hexadecimal.
    token_sha256: String,
    created: i64,
    last_seen: i64,
    client: String,
    user_agent: Option<String>,
    method: SignInMethod,
}

impl Record {
    /// An open editor counts as use up to `now`, also when the engine is killed a moment later.
    pub(super) fn of(session: &Session, now: i64) -> Record {
        Record {
            id: session.id.clone(),
            token_sha256: hex(&session.hash.0),
            created: session.created,
            last_seen: if session.tunnels() > 0 {
                now
            } else {
                session.last_seen()
            },
            client: session.client.clone(),
            user_agent: session.user_agent.clone(),
            method: session.method,
        }
    }

    /// `None` when the hash is not one.
    pub(super) fn into_session(self) -> Option<Session> {
        let hash = TokenHash(unhex(&self.token_sha256)?);
        let times = (self.created, self.last_seen);
        Some(Session::new(
            self.id,
            hash,
            times,
            (self.client, self.user_agent),
            self.method,
        ))
    }
}

/// What the file at `path` says; `None` when there is none. One that cannot be used is set aside. Blocking.
pub(super) fn load(path: &Path, now: i64) -> Result<Option<Contents>, Problem> {
    let reason = match files::read_private(path) {
        Ok(text) => match serde_json::from_slice(&text) {
            Ok(contents) => return Ok(Some(contents)),
            Err(error) => error.to_string(),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => error.to_string(),
    };
    let aside = aside(path, now);
    let kept = match std::fs::rename(path, &aside) {
        Ok(()) => format!("it is kept as {}", aside.display()),
        Err(error) => format!("setting it aside failed: {error}"),
    };
    Err(Problem::new(
        "sessions_unreadable",
        format!(
            "{} cannot be used: {reason}; everybody signs in again; {kept}",
            path.display()
        ),
        "doorcode open",
    ))
}

/// Writes the file. Blocking.
pub(super) fn save(path: &Path, contents: &Contents) -> io::Result<()> {
    files::write_private(path, &serde_json::to_vec(contents)?)
}

/// What it means that the file cannot be written.
pub(super) fn not_saved(path: &Path, error: &io::Error) -> Problem {
    let folder = path.parent().unwrap_or(path);
    Problem::new(
        "sessions_not_saved",
        format!(
            "{} cannot be written: {error}; after a restart of the engine everybody signs in again",
            path.display()
        ),
        format!("df -h '{0}'; ls -ld '{0}'", folder.display()),
    )
}

fn aside(path: &Path, now: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".corrupt-{now}"));
    name.into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}
