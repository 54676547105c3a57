//! A configuration profile that has iOS, iPadOS and macOS install a root (Apple, "Certificate Root payload").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorcode_settings::HostName;
use sha2::{Digest, Sha256};

use crate::pages::{escape, fill};

/// The profile for the root `der` of `host`, an XML property list. Not signed: whom could a device that knows nobody yet ask?
///
/// Its identifiers are made of the certificate, so that a second install replaces the first and another root does not.
pub(crate) fn profile(host: &HostName, der: &[u8]) -> String {
    let hash = Sha256::digest(der);
    let (certificate, profile) = hash.split_at(16);
    let values = [
        ("host", &*escape(&host.to_string())),
        ("file", &*host.file_stem()),
        ("certificate", &*STANDARD.encode(der)),
        ("certificate_uuid", &*uuid(certificate)),
        ("profile_uuid", &*uuid(profile)),
    ];
    fill(include_str!("pages/assets/root.mobileconfig"), &values)
}

/// A UUID of these 16 octets, version 8: made by a rule of our own (RFC 9562 section 5.8).
fn uuid(octets: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (at, octet) in octets.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let octet = match at {
            6 => octet & 0x0f | 0x80,
            8 => octet & 0x3f | 0x80,
            _ => *octet,
        };
        text += &format!("{octet:02X}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_made_of_the_certificate() {
        assert_eq!(uuid(&[0xff; 16]), "FFFFFFFF-FFFF-8FFF-BFFF-FFFFFFFFFFFF");
        let host = "my.dev.local".parse().expect("a host");
        let (one, other) = (profile(&host, b"one"), profile(&host, b"other"));
        assert_eq!(one, profile(&host, b"one"));
        assert_ne!(one, other);
        assert!(
            one.contains("<data>b25l</data>") && one.contains("my.dev.local"),
            "{one}"
        );
        assert_eq!(one.matches("<key>PayloadUUID</key>").count(), 2);
    }
}
