//! `doorcode trust devices --add`: a phone or tablet, from the code that it scans to the check that it passes.

use std::io::IsTerminal;
use std::net::IpAddr;
use std::time::Duration;

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Color, Style};
use doorcode_actions::control;
use doorcode_engine::{Client, ClientError, OnboardingReply, Reply, Request};
use doorcode_gateway::{CheckState, Seen, Visitor};
use doorcode_settings::{HostName, Problem};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use super::check;
use crate::context::{Context, unexpected};
use crate::failure::Failure;
use crate::output::{self, GOOD};

/// Between looks at how far the device is.
const PAUSE: Duration = Duration::from_millis(300);
/// Dark on light whatever the terminal's colours are, as scanners want it.
const PAPER: Style = AnsiColor::Black
    .on_default()
    .bg_color(Some(Color::Ansi(AnsiColor::BrightWhite)));

/// Offers the page until a device has passed or failed the check, or 15 minutes are over. Ctrl-C ends it at once: the
/// engine takes the page away with this connection.
pub(super) async fn run(
    host: Option<HostName>,
    address: Option<IpAddr>,
    json: bool,
    context: &Context,
) -> Result<u8, Failure> {
    let mut client = context
        .engine()
        .await?
        .ok_or_else(|| Problem::from(&ClientError::NotRunning))?;
    let request = Request::OnboardingBegin { host, address };
    let Reply::Onboarding(offered) = control::ask_over(&mut client, &request).await? else {
        return Err(unexpected().into());
    };
    announce(&offered);
    let mut told = Told::default();
    let result = loop {
        told.seen(look(&mut client).await?);
        let result = check::look(&mut client, &offered.check_id).await?;
        match result.state {
            CheckState::Waiting => {}
            CheckState::Opened => told.opened(result.device.as_ref()),
            _ => break result,
        }
        tokio::time::sleep(PAUSE).await;
    };
    control::ask_over(&mut client, &Request::OnboardingEnd).await?;
    match json {
        true => output::json(&result)?,
        false => check::print(&result),
    }
    Ok(u8::from(result.state != CheckState::Passed))
}

async fn look(client: &mut Client) -> Result<Seen, Failure> {
    match control::ask_over(client, &Request::OnboardingSeen).await? {
        Reply::OnboardingSeen(seen) => Ok(seen),
        _ => Err(unexpected().into()),
    }
}

fn announce(offered: &OnboardingReply) {
    if std::io::stdout().is_terminal()
        && let Some(code) = code(&offered.url)
    {
        println!("{code}");
    }
    eprintln!("On the device, scan this code, or open:\n\n    {}\n", offered.url);
    eprintln!(
        "The page comes without encryption. Compare the SHA-256 fingerprint that the device itself shows with this one:\n"
    );
    eprintln!("    {}\n", offered.fingerprint);
    let others: Vec<String> = offered
        .addresses
        .iter()
        .filter(|address| !address.is_loopback() && !offered.url.contains(&address.to_string()))
        .map(IpAddr::to_string)
        .collect();
    if !others.is_empty() {
        eprintln!(
            "If the device cannot open it, a firewall may be in between, or this machine has a better address for it (--address): {}",
            others.join(", ")
        );
    }
    eprintln!(
        "Waiting, until {} at most; Ctrl-C ends it.",
        output::moment(offered.expires)
    );
}

/// The address as a code to scan, two modules a character.
fn code(url: &str) -> Option<String> {
    let code = QrCode::new(url).ok()?;
    let drawn = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Dark)
        .light_color(Dense1x2::Light)
        .build();
    let lines: Vec<String> = drawn
        .lines()
        .map(|line| format!("{PAPER}{line}{PAPER:#}"))
        .collect();
    Some(lines.join("\n"))
}

/// What has been said already.
#[derive(Default)]
struct Told {
    seen: Seen,
    opened: bool,
}

impl Told {
    fn seen(&mut self, seen: Seen) {
        if let Some(visitor) = seen.page.as_ref().filter(|_| seen.page != self.seen.page) {
            tell(visitor, "opened the page");
        }
        let fetched = seen.certificate.as_ref();
        if let Some(visitor) = fetched.filter(|_| seen.certificate != self.seen.certificate) {
            tell(visitor, "fetched the certificate");
        }
        self.seen = seen;
    }

    fn opened(&mut self, visitor: Option<&Visitor>) {
        if let Some(visitor) = visitor.filter(|_| !self.opened) {
            tell(visitor, "is being checked");
            self.opened = true;
        }
    }
}

fn tell(visitor: &Visitor, what: &str) {
    eprintln!("{GOOD}{}{GOOD:#} ({}) {what}.", visitor.name, visitor.client);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_dark_on_light_with_a_quiet_zone() {
        let code = code("http://192.168.1.2:40001/0123456789abcdefghijkl/").expect("a code");
        let first = code.lines().next().expect("lines");
        let blank = first
            .strip_prefix(&PAPER.to_string())
            .and_then(|line| line.strip_suffix("\u{1b}[0m"))
            .expect("in the paper's colours");
        assert!(blank.chars().all(|c| c == ' '), "{first:?}");
        assert!(code.contains('█'), "{code}");
    }
}
