//! Whether the keys that verify a proxy's statements can be had, and whether this machine's clock agrees with their server.

use std::error::Error;
use std::time::Duration;

use doorcode_audit::KeysAnswer;
use doorcode_settings::Settings;
use doorcode_settings::trusted_proxy::{KeySource, Proof};
use reqwest::header::DATE;
use reqwest::redirect::Policy;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::reading::read;

/// How long the one request may take.
const LIMIT: Duration = Duration::from_secs(3);
/// What the gateway takes at most.
const LARGEST: usize = 64 * 1024;

/// None where no statement is verified.
pub(super) async fn look(settings: &Settings) -> Option<KeysAnswer> {
    let Proof::Assertion(assertion) = &super::uses_proxy(settings)?.proof else {
        return None;
    };
    Some(match &assertion.keys {
        KeySource::Url(url) => ask(url, count).await,
        // Each key has an address of its own; that the server answers at all is what can be known.
        KeySource::PemByKid(prefix) => ask(prefix, |_, _| Ok(None)).await,
        KeySource::File(file) => KeysAnswer {
            url: file.display().to_string(),
            keys: read(file)
                .map_err(|error| error.to_string())
                .and_then(|bytes| parse(&bytes)),
            clock_ahead: None,
        },
    })
}

async fn ask(url: &str, judge: fn(u16, &[u8]) -> Result<Option<usize>, String>) -> KeysAnswer {
    let mut clock_ahead = None;
    let keys = match fetch(url, &mut clock_ahead).await {
        Ok((status, body)) => judge(status, &body),
        Err(error) => Err(error),
    };
    KeysAnswer {
        url: url.to_owned(),
        keys,
        clock_ahead,
    }
}

async fn fetch(url: &str, clock_ahead: &mut Option<time::Duration>) -> Result<(u16, Vec<u8>), String> {
    let client = reqwest::Client::builder()
        .https_only(true)
        .redirect(Policy::none())
        .timeout(LIMIT)
        .build()
        .map_err(chain)?;
    let mut response = client.get(url).send().await.map_err(chain)?;
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
    *clock_ahead = date.and_then(|date| ahead_of(date, OffsetDateTime::now_utc()));
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(chain)? {
        body.extend_from_slice(&part);
        if body.len() > LARGEST {
            return Err(format!("the answer has more than {LARGEST} bytes"));
        }
    }
    Ok((response.status().as_u16(), body))
}

fn count(status: u16, body: &[u8]) -> Result<Option<usize>, String> {
    match status {
        200 => parse(body),
        other => Err(format!("the server answers {other}")),
    }
}

/// How many keys a JSON Web Key Set has (RFC 7517 section 5).
fn parse(body: &[u8]) -> Result<Option<usize>, String> {
    #[derive(Deserialize)]
    struct KeySet {
        keys: Vec<serde_json::Value>,
    }
    let set: KeySet = serde_json::from_slice(body).map_err(|_| "it is no JSON Web Key Set".to_owned())?;
    Ok(Some(set.keys.len()))
}

/// How far `now` is ahead of an HTTP date (RFC 9110 section 5.6.7); such a date counts whole seconds.
fn ahead_of(date: &str, now: OffsetDateTime) -> Option<time::Duration> {
    let theirs = OffsetDateTime::parse(date, &Rfc2822).ok()?;
    Some(time::Duration::seconds((now - theirs).whole_seconds()))
}

/// The error with its causes, without the address, which stands beside it.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_clock_is_compared_with_the_servers_date() {
        let now = datetime!(2026-11-21 12:01:01.5 UTC);
        let ahead = |date| ahead_of(date, now).map(time::Duration::whole_seconds);
        assert_eq!(ahead("Sat, 21 Nov 2026 12:00:00 GMT"), Some(61));
        assert_eq!(ahead("Sat, 21 Nov 2026 12:02:00 GMT"), Some(-58));
        assert_eq!(ahead("yesterday"), None);
    }

    #[test]
    fn keys_are_counted_and_other_answers_are_told() {
        assert_eq!(
            count(200, br#"{"keys":[{"kty":"EC"},{"kty":"RSA"}]}"#),
            Ok(Some(2))
        );
        assert_eq!(count(302, b""), Err("the server answers 302".to_owned()));
        assert_eq!(count(200, b"<html>"), Err("it is no JSON Web Key Set".to_owned()));
    }
}
