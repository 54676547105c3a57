//! The certificate that the public address shows, as a browser would judge it.

use std::net::SocketAddr;
use std::sync::Arc;

use doorcode_settings::trusted_proxy::PublicUrl;
use rustls_platform_verifier::Verifier;
use time::OffsetDateTime;

use crate::certificate::{Shown, server_name};
use crate::dial::{Ask, NETWORK_LIMIT, ask, provider, to_network};
use crate::finding::Finding;
use crate::probes::clock;
use crate::report::Cause;

pub(crate) async fn look(url: &PublicUrl, address: SocketAddr) -> Finding {
    match shown(url, address).await {
        Err(error) => Finding::wrong(
            error,
            Cause::critical(
                "public_tls_failed",
                format!("what answers at {url} does not speak TLS"),
                "have the proxy in front serve https on that port (nginx: `listen PORT ssl;` with ssl_certificate and \
                 ssl_certificate_key)",
            ),
        ),
        Ok((shown, theirs)) => {
            let now = OffsetDateTime::now_utc();
            let evidence = format!("for {}, until {}", shown.names.join(", "), shown.not_after.date());
            let clock = theirs.and_then(|theirs| clock::against(theirs, now, &url.host().to_string()));
            let cause = match clock {
                Some(cause) => Some(cause),
                None => match judge(url, &shown, now) {
                    Some(cause) => Some(cause),
                    None => believed(url, address).await,
                },
            };
            Finding::pass(evidence).and(cause)
        }
    }
}

/// The certificate, and the server's clock where it tells.
async fn shown(url: &PublicUrl, address: SocketAddr) -> Result<(Shown, Option<OffsetDateTime>), String> {
    let connection = to_network(address).await?.tls(&server_name(url.host())?).await?;
    let certificate = connection.certificate().ok_or("it showed no certificate")?;
    let shown = Shown::read(&certificate, url.host())?;
    let question = Ask {
        host: &url.authority(),
        path: "/.doorcode/sign-in",
        websocket: None,
    };
    let answer = ask(connection.stream, NETWORK_LIMIT, &question).await;
    Ok((shown, answer.ok().and_then(|answer| answer.date())))
}

fn judge(url: &PublicUrl, shown: &Shown, now: OffsetDateTime) -> Option<Cause> {
    let host = url.host();
    if now >= shown.not_after {
        return Some(Cause::critical(
            "public_certificate_expired",
            format!(
                "the certificate of {url} expired on {}: browsers refuse it",
                shown.not_after.date()
            ),
            "renew it where the proxy in front gets it from (certbot: `certbot renew`), then have the proxy read it again (nginx: \
             `systemctl reload nginx`)",
        ));
    }
    if now < shown.not_before {
        return Some(Cause::critical(
            "public_certificate_not_yet_valid",
            format!(
                "the certificate of {url} is not valid before {}",
                shown.not_before.date()
            ),
            "look at the clocks of this machine and of the one that issued it: `date`",
        ));
    }
    (!shown.covers()).then(|| {
        Cause::critical(
            "public_certificate_wrong_host",
            format!(
                "the certificate of {url} is not for {host} but for {}",
                shown.names.join(", ")
            ),
            format!(
                "have the proxy in front serve a certificate for {host} (nginx: ssl_certificate in the server block whose server_name \
                 is {host}), or correct public_url under [auth.trusted_proxy]: `doorcode settings edit`"
            ),
        )
    })
}

/// Whether this machine's own store vouches for it, as it does for most browsers.
async fn believed(url: &PublicUrl, address: SocketAddr) -> Option<Cause> {
    // A machine without any authorities can judge nobody.
    let verifier = Verifier::new(provider()).ok()?;
    let name = server_name(url.host()).ok()?;
    let connection = to_network(address).await.ok()?;
    let error = connection.tls_with(&name, Arc::new(verifier)).await.err()?;
    Some(
        // Other devices may believe an authority of somebody's own, so what lies behind is looked at all the same.
        Cause::warning(
            "public_certificate_untrusted",
            format!("the certificate of {url} comes from no authority that this machine believes"),
            "have the proxy serve the certificate with its whole chain (certbot: fullchain.pem) from a public authority; with an \
             authority of your own, import its root on each device",
        )
        .seen_by(format!("the handshake, as a browser would make it: {error}")),
    )
}
