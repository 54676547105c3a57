//! The engine that runs, and who is signed in.

use doorcode_audit::{Engine, Session};
use doorcode_engine::{Reply, Request, Status};
use doorcode_settings::{Paths, Problem};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::control;

/// What the running engine says of itself; and who is signed in, by the file where none runs.
pub(super) async fn look(paths: &Paths) -> Result<(Option<Status>, Vec<Session>), Problem> {
    let Some(mut client) = control::connect(paths).await? else {
        let file = super::reading::read(&paths.sessions_file()).unwrap_or_default();
        return Ok((None, kept(&file, OffsetDateTime::now_utc().unix_timestamp())));
    };
    let Reply::Status(status) = control::ask_over(&mut client, &Request::Status).await? else {
        return Err(control::unexpected());
    };
    let Reply::Sessions { sessions } = control::ask_over(&mut client, &Request::SessionsList).await? else {
        return Err(control::unexpected());
    };
    let sessions = sessions.into_iter().map(|session| Session {
        id: session.id,
        last_seen: session.last_seen,
    });
    Ok((Some(*status), sessions.collect()))
}

/// As the rules want it.
pub(super) fn facts(status: &Status) -> Engine {
    Engine {
        listen: status.listen.clone(),
    }
}

/// The parts of sessions.json that matter here; the gateway's `session::file` writes it. Opening it there would set a damaged
/// one aside, and an audit changes nothing.
#[derive(Deserialize)]
struct Kept {
    limits: Limits,
    sessions: Vec<KeptSession>,
}

/// Seconds.
#[derive(Deserialize)]
struct Limits {
    idle: i64,
    absolute: i64,
}

/// Seconds since 1970.
#[derive(Deserialize)]
struct KeptSession {
    id: String,
    created: i64,
    last_seen: i64,
}

fn kept(file: &[u8], now: i64) -> Vec<Session> {
    let Ok(Kept { limits, sessions }) = serde_json::from_slice(file) else {
        return Vec::new();
    };
    let valid = |session: &KeptSession| {
        now < session.last_seen.saturating_add(limits.idle)
            && now < session.created.saturating_add(limits.absolute)
    };
    sessions
        .into_iter()
        .filter(valid)
        .filter_map(|session| {
            Some(Session {
                last_seen: OffsetDateTime::from_unix_timestamp(session.last_seen).ok()?,
                id: session.id,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_are_over_do_not_count() {
        let file = br#"{"limits":{"idle":100,"absolute":1000},"sessions":[
            {"id":"fresh","token_sha256":"","created":500,"last_seen":950,"client":"","method":"link"},
            {"id":"idle","token_sha256":"","created":500,"last_seen":900,"client":"","method":"link"},
            {"id":"old","token_sha256":"","created":0,"last_seen":999,"client":"","method":"link"}]}"#;
        let ids = |file: &[u8]| -> Vec<String> { kept(file, 1000).into_iter().map(|one| one.id).collect() };
        assert_eq!(ids(file), ["fresh"]);
        assert_eq!(ids(b""), [] as [&str; 0]);
    }
}
