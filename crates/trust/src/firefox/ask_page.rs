//! Has Firefox open a page, without a window, in a copy of the profile's database: the profile itself is never opened.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::{Output, TrustError};
use crate::handshake::Page;
use crate::nss;
use crate::places::Places;
use crate::private;

/// A second or two are usual, on a machine that has nothing else to do.
const LIMIT: Duration = Duration::from_secs(60);
/// How often the log is looked at.
const LOG_POLL: Duration = Duration::from_millis(100);

/// Whether the browser takes the page with the database in `profile`; its own error if not.
///
/// # Errors
/// It did not get as far as deciding.
pub(super) fn ask(
    places: &Places,
    client: &Client,
    profile: &Path,
    page: &Page,
) -> Result<Result<(), String>, TrustError> {
    let copy = client.scratch(places)?;
    let failed = |source| TrustError::File {
        path: profile.to_owned(),
        source,
    };
    for name in nss::FILES {
        let from = profile.join(name);
        if from.exists() {
            let content = Zeroizing::new(fs::read(from).map_err(failed)?);
            private::write(&copy.path().join(name), &content).map_err(failed)?;
        }
    }
    private::write(&copy.path().join("user.js"), preferences(page).as_bytes()).map_err(failed)?;

    let picture = copy.path().join("page.png");
    let log = copy.path().join("log");
    let tool = client
        .tool(places, LIMIT)
        .args(["--headless", "--no-remote", "--profile"])
        .arg(copy.path())
        .arg("--screenshot")
        .arg(&picture)
        .arg(&page.url)
        .env("MOZ_LOG", "nsHttp:4,sync")
        .env("MOZ_LOG_FILE", &log);
    let mut refusal = None;
    let mut looked = Instant::now();
    let ran = tool.run_watched(|| {
        if looked.elapsed() > LOG_POLL {
            looked = Instant::now();
            refusal = refused(&log.with_extension("moz_log"));
        }
        refusal.is_some()
    })?;
    if let Some(error) = refusal {
        return Ok(Err(error));
    }
    if ran.status.is_none() {
        return Err(tool.timed_out(&ran));
    }
    if ran.succeeded() && picture.exists() {
        return Ok(Ok(()));
    }
    Err(TrustError::Inconclusive {
        browser: client.name.to_owned(),
        detail: Output::tail(&ran.text()).to_string(),
    })
}

/// No calls home: everything but the host goes to a proxy that is not there (loopback never goes to one).
fn preferences(page: &Page) -> String {
    format!(
        r#"user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("network.proxy.no_proxies_on", "{}");
user_pref("network.trr.mode", 5);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
"#,
        page.host.authority()
    )
}

/// The error of a request that ended because of a certificate. Requests to other hosts never get as far as TLS.
fn refused(log: &Path) -> Option<String> {
    let text = fs::read(log).ok()?;
    refusal_in(&String::from_utf8_lossy(&text))
}

/// `OnStopRequest [… status=805a1ff3]`: in nsError.h's numbering 0x805a are errors of NSS, and what follows is the error's
/// number, negated.
fn refusal_in(log: &str) -> Option<String> {
    let line = log
        .lines()
        .find(|line| line.contains("OnStopRequest") && line.contains("status=805a"))?;
    let digits = line.split_once("status=805a")?.1.get(..4)?;
    let number = u16::from_str_radix(digits, 16).ok()?;
    Some(match number {
        8179 => "SEC_ERROR_UNKNOWN_ISSUER".to_owned(),
        8172 => "SEC_ERROR_UNTRUSTED_ISSUER".to_owned(),
        8181 => "SEC_ERROR_EXPIRED_CERTIFICATE".to_owned(),
        8080 => "SEC_ERROR_CERT_NOT_IN_NAME_SPACE".to_owned(),
        12276 => "SSL_ERROR_BAD_CERT_DOMAIN".to_owned(),
        16383 => "MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY".to_owned(),
        other => format!("NSS error -{other}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_read_from_the_log() {
        let line = |status: &str| {
            format!(
                "a\n[Parent 1: Main Thread]: D/nsHttp nsHttpChannel::OnStopRequest [this=7f request=7f status={status}]\nb"
            )
        };
        assert_eq!(
            refusal_in(&line("805a1ff3")).as_deref(),
            Some("SEC_ERROR_UNKNOWN_ISSUER")
        );
        assert_eq!(refusal_in(&line("805a0001")).as_deref(), Some("NSS error -1"));
        assert_eq!(refusal_in(&line("804b000d")), None);
        assert_eq!(refusal_in(&line("805a1f")), None);
        assert_eq!(refusal_in(&line("0")), None);
    }
}
