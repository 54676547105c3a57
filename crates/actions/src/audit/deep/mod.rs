//! Attacks on the running door, as somebody on this machine could try them.
//!
//! Each is sent over a connection of its own to every address that is listened on. Where people sign in with a password, a
//! one-time link gives a cookie, so that what only a signed-in browser could do is tried as one; it is signed out again.

mod answer;
mod around;
mod hello;
mod pinned;
mod requests;
mod sign_in;
mod wire;

use doorcode_audit::{Attack, Attempt, Outcome};
use doorcode_engine::Status;
use doorcode_settings::trusted_proxy::AllowUsers;
use doorcode_settings::{AuthMode, HostName, Paths, Settings, Tls, TrustedProxy};

use answer::{Answer, Trouble};
use requests::Identity;
use wire::Door;

/// Tries them all, one after the other; a second or two where the door answers.
pub(super) async fn attempts(paths: &Paths, status: &Status, settings: Option<&Settings>) -> Vec<Attempt> {
    let settings = settings.cloned().unwrap_or_default();
    let proxy = settings.auth.trusted_proxy.as_ref();
    let proxy = proxy.filter(|_| status.auth == AuthMode::TrustedProxy);
    let identity = Identity::of(proxy);
    let mut attempts = vec![around::attempt(paths, status.editor.pid)];
    for door in wire::doors(paths, status, &settings, proxy) {
        attempts.extend(at(&door, paths, status.auth, &identity).await);
    }
    attempts
}

async fn at(door: &Door, paths: &Paths, mode: AuthMode, identity: &Identity) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    if door.is_encrypted() {
        let handshake = door.handshake().await;
        let broken = handshake.is_err();
        attempts.push(door.attempt(Attack::Certificate, "a TLS handshake", certificate(handshake)));
        attempts.extend(hello::attempts(door).await);
        attempts.push(plain_http(door).await);
        if broken {
            // Nothing that follows would say anything about the door.
            return attempts;
        }
    }
    if mode != AuthMode::None {
        for (attack, what, head) in requests::without_sign_in(door, identity) {
            let answer = door.ask(&head).await;
            attempts.push(door.attempt(attack, what, refused(answer)));
        }
    }
    attempts.push(h2c_upgrade(door).await);
    attempts.push(h2c_prior_knowledge(door).await);
    let session = match mode {
        AuthMode::Password => sign_in::sign_in(paths, door).await,
        AuthMode::None | AuthMode::TrustedProxy => None,
    };
    for (attack, what, head) in requests::with_sign_in(door, session.as_deref()) {
        let answer = door.ask(&head).await;
        attempts.push(door.attempt(attack, what, refused(answer)));
    }
    if let Some(session) = session {
        sign_in::sign_out(door, &session).await;
    }
    attempts
}

/// A door that holds answers with an error of the client's, sends to its own sign-in, or hangs up.
fn refused(answer: Result<Answer, Trouble>) -> (String, Outcome) {
    match answer {
        Ok(answer) => {
            let outcome = match answer.status {
                400..500 => Outcome::Refused,
                300..400 if answer.leads_to_sign_in() => Outcome::Refused,
                101 | 200..400 => Outcome::GotThrough,
                _ => Outcome::Unknown,
            };
            (answer.said(), outcome)
        }
        Err(trouble) => trouble.judged(),
    }
}

/// Here the handshake is to succeed.
fn certificate(handshake: Result<(), Trouble>) -> (String, Outcome) {
    match handshake {
        Ok(()) => ("the certificate on disk".to_owned(), Outcome::Refused),
        Err(Trouble::Handshake(error)) => (error, Outcome::GotThrough),
        Err(trouble) => (trouble.to_string(), Outcome::Unknown),
    }
}

async fn plain_http(door: &Door) -> Attempt {
    let answer = door.ask_plainly(&requests::get(door, "/", &[])).await;
    let judged = match answer {
        Ok(answer) if (300..400).contains(&answer.status) && answer.leads_to_https() => {
            (answer.said(), Outcome::Refused)
        }
        answer => refused(answer),
    };
    door.attempt(Attack::PlainHttp, "GET / without encryption", judged)
}

async fn h2c_upgrade(door: &Door) -> Attempt {
    let head = requests::get(
        door,
        "/",
        &[
            "Connection: Upgrade, HTTP2-Settings",
            "Upgrade: h2c",
            "HTTP2-Settings: AAMAAABkAAQAAP__",
        ],
    );
    let answer = door.ask(&head).await;
    // A server that knows no h2c may ignore the upgrade; only a 101 is one (RFC 9110 section 7.8).
    let judged = match &answer {
        Ok(found) if found.status == 101 => (found.said(), Outcome::GotThrough),
        Ok(found) => (found.said(), Outcome::Refused),
        Err(trouble) => trouble.judged(),
    };
    door.attempt(Attack::H2c, "GET / with Upgrade: h2c", judged)
}

async fn h2c_prior_knowledge(door: &Door) -> Attempt {
    let (what, answer) = hello::h2_preface(door).await;
    door.attempt(Attack::H2c, what, answer)
}

/// The name that attackers use, of those who may come in.
fn victim(proxy: &TrustedProxy) -> Option<&str> {
    match &proxy.allow_users {
        AllowUsers::Everyone => None,
        AllowUsers::These(users) => users.first().map(String::as_str),
    }
}

/// The host that a browser would name at an address, best one with a DNS name, for which a certificate is found anywhere.
fn host_for(settings: &Settings, proxy: Option<&TrustedProxy>, ip: Option<std::net::IpAddr>) -> HostName {
    if let Some(proxy) = proxy {
        return proxy.public_url.host().clone();
    }
    let hosts = &settings.gateway.hosts;
    let dns = hosts.iter().find(|host| matches!(host, HostName::Dns(_)));
    let here = hosts
        .iter()
        .find(|host| matches!(host, HostName::Ip(address) if Some(*address) == ip));
    let first = || hosts.first().expect("settings have at least one host");
    dns.or(here).unwrap_or_else(first).clone()
}

fn is_encrypted(settings: &Settings) -> bool {
    settings.tls != Tls::Off
}
