//! Has a browser of Chromium's family open a page, without a window and with settings of its own, but with the person's
//! home folder and so with the real database.

use std::time::Duration;

use crate::client::Client;
use crate::error::{Output, TrustError};
use crate::handshake::Page;
use crate::places::Places;
use crate::tool::Ran;

/// A second is usual, on a machine that has nothing else to do.
const LIMIT: Duration = Duration::from_secs(60);
/// What it prints for a page that it did not load.
const EMPTY_PAGE: &str = "<html><head></head><body></body></html>";

/// Whether the browser takes the page; its own error if not.
///
/// # Errors
/// It did not get as far as deciding.
pub(super) fn ask(places: &Places, client: &Client, page: &Page) -> Result<Result<(), String>, TrustError> {
    let profile = client.scratch(places)?;
    let mut user_data = std::ffi::OsString::from("--user-data-dir=");
    user_data.push(profile.path());
    let mut tool = client
        .tool(places, LIMIT)
        .args(OPTIONS)
        .arg(user_data)
        // Nothing but the host: no look-ups and no calls home. An IPv6 address stands there without brackets.
        .arg(format!(
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {}",
            page.host
        ));
    if nix::unistd::geteuid().is_root() {
        // It refuses to run as root otherwise.
        tool = tool.arg("--no-sandbox");
    }
    let ran = tool.arg("--dump-dom").arg(&page.url).run()?;
    verdict(&ran).ok_or_else(|| TrustError::Inconclusive {
        browser: client.name.to_owned(),
        detail: Output::tail(&ran.text()).to_string(),
    })
}

const OPTIONS: [&str; 10] = [
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--enable-logging=stderr",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
];

fn verdict(ran: &Ran) -> Option<Result<(), String>> {
    if let Some(error) = load_error(&ran.stderr) {
        let refused = error.starts_with("ERR_CERT_") || error.starts_with("ERR_SSL_");
        return refused.then_some(Err(error));
    }
    let dom = ran.stdout.trim();
    if !ran.succeeded() || !dom.starts_with('<') {
        return None;
    }
    // The door answered a moment ago, so an empty page is one that was refused.
    Some(if dom == EMPTY_PAGE {
        Err("it showed an empty page".to_owned())
    } else {
        Ok(())
    })
}

/// `ERR_…` in `… Page load failed: net::ERR_…`.
fn load_error(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("Page load failed: net::")?;
    let name: String = rest
        .chars()
        .take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_')
        .collect();
    Some(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn ran(code: i32, stdout: &str, stderr: &str) -> Ran {
        Ran {
            status: Some(ExitStatus::from_raw(code << 8)),
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
        }
    }

    #[test]
    fn only_the_page_itself_is_trust_and_only_a_certificate_error_is_its_refusal() {
        let page = "<html><head></head><body><p>door</p></body></html>\n";
        assert_eq!(verdict(&ran(0, page, "noise")), Some(Ok(())));
        let failed = |error: &str| format!("[1:1:ERROR:x.cc(403)] Page load failed: net::{error}\nmore");
        assert_eq!(
            verdict(&ran(0, "", &failed("ERR_CERT_AUTHORITY_INVALID"))),
            Some(Err("ERR_CERT_AUTHORITY_INVALID".to_owned()))
        );
        assert_eq!(verdict(&ran(0, page, &failed("ERR_CONNECTION_REFUSED"))), None);
        assert!(matches!(verdict(&ran(0, EMPTY_PAGE, "")), Some(Err(_))));
        assert_eq!(verdict(&ran(1, "", "No usable sandbox!")), None);
        assert_eq!(verdict(&ran(0, "", "")), None);
    }
}
