//! The page for a device that trusts nothing yet.

use doorcode_settings::HostName;
use http::{Response, StatusCode};

use super::shell::{Page, escape, fill};
use super::steps::Steps;
use crate::body::Content;
use crate::check::Platform;

/// What the device is to install, compare and open.
#[derive(Debug)]
pub(crate) struct OnboardingPage<'a> {
    pub(crate) host: &'a HostName,
    /// SHA-256, `AA:BB:…`.
    pub(crate) fingerprint: &'a str,
    pub(crate) platform: Platform,
    /// The root's address.
    pub(crate) certificate: &'a str,
    /// That of the profile with it.
    pub(crate) profile: &'a str,
    pub(crate) check_url: &'a str,
}

impl OnboardingPage<'_> {
    pub(crate) fn response(&self) -> Response<Content> {
        let host = escape(&self.host.to_string());
        let steps = Steps {
            platform: self.platform,
            certificate: self.certificate,
            profile: self.profile,
        }
        .html();
        let values = [
            ("host", &*host),
            // It breaks between octets.
            ("fingerprint", &*escape(self.fingerprint).replace(':', ":<wbr>")),
            ("steps", &*steps),
            ("check", &*escape(self.check_url)),
        ];
        Page {
            status: StatusCode::OK,
            title: "Trust your editor on this device",
            body: fill(include_str!("assets/onboarding.html"), &values),
            refresh: None,
        }
        .response()
    }
}
