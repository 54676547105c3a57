//! Certificates whose end is near, or past.

use doorcode_certs::{Certificate, replacement};
use doorcode_settings::{HostName, Problem, Settings, Tls};
use time::{Duration, OffsetDateTime};

/// The code of a certificate that ends soon, here and where one is loaded.
pub(crate) const DUE: &str = "certificate_due";

/// Renewal is due this long before the end, as it is for `doorcode cert renew`.
const WINDOW: Duration = Duration::days(30);

/// How to come by another certificate for `host`, as a next step.
pub(crate) fn renewal(host: &HostName, settings: &Settings) -> String {
    match &settings.tls {
        Tls::SelfSigned => renew(host),
        Tls::Custom { cert, key } => replacement(cert, key, &settings.gateway.hosts),
        Tls::Off => String::new(),
    }
}

fn renew(host: &HostName) -> String {
    format!("doorcode cert renew {host} --trust")
}

/// What there is to say at `now` about the certificate that is served for `host`; `ours` when we can issue another. One of
/// somebody else's making is for all `hosts`.
pub(crate) fn problem(
    host: &HostName,
    certificate: &Certificate,
    ours: bool,
    hosts: &[HostName],
    now: OffsetDateTime,
) -> Option<Problem> {
    let end = certificate.not_after;
    let days_left = (end - now).whole_days();
    let (what, fix) = if ours {
        (format!("the certificate of {host}"), renew(host))
    } else {
        (
            format!("the certificate in {}", certificate.cert_file.display()),
            replacement(&certificate.cert_file, &certificate.key_file, hosts),
        )
    };
    if end <= now {
        let message = format!("{what} expired on {}: browsers refuse it", end.date());
        return Some(Problem::new("certificate_expired", message, fix));
    }
    (end - now <= WINDOW).then(|| {
        let message = format!("{what} ends on {}, in {days_left} days", end.date());
        Problem::new(DUE, message, fix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a certificate with this much time left.
    fn said(left: Duration, ours: bool) -> Option<Problem> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let host: HostName = "localhost".parse().expect("a host");
        let store = doorcode_certs::CertStore::new(dir.path().to_owned());
        let certificate = store.ensure(&host).expect("issued").pair.info;
        let now = certificate.not_after - left;
        problem(
            &host,
            &certificate,
            ours,
            &["code.test".parse().expect("a host")],
            now,
        )
    }

    #[test]
    fn nothing_is_said_until_thirty_days_before_the_end() {
        assert_eq!(said(Duration::days(30) + Duration::SECOND, true), None);
        let due = said(Duration::days(30), true).expect("due");
        assert_eq!(
            (due.code.as_str(), due.fix.as_str()),
            (DUE, "doorcode cert renew localhost --trust")
        );
        assert!(due.message.ends_with("in 30 days"), "{}", due.message);
    }

    #[test]
    fn one_that_has_ended_is_said_to_be_refused() {
        for left in [Duration::ZERO, -Duration::days(3)] {
            assert_eq!(said(left, true).expect("over").code, "certificate_expired");
        }
    }

    #[test]
    fn one_of_somebody_elses_making_is_named_by_its_file() {
        let due = said(Duration::days(1), false).expect("due");
        assert!(due.message.contains("localhost.crt"), "{}", due.message);
        for part in ["localhost.crt", "localhost.key", "code.test"] {
            assert!(due.fix.contains(part), "{}", due.fix);
        }
    }
}
