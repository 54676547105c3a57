//! Which addresses are ours: only those are put into QR codes, copied as addresses, or opened.

use doorcode_settings::Problem;
use tauri::Url;

/// Whether `text` is an address on one of `urls` (those of the status): the same scheme, host and port, whatever the path,
/// and nobody's name before the host, which people take for the host.
pub(crate) fn is_ours(text: &str, urls: &[String]) -> bool {
    let Ok(address) = Url::parse(text) else {
        return false;
    };
    address.scheme() == "https"
        && address.username().is_empty()
        && address.password().is_none()
        && urls
            .iter()
            .filter_map(|url| Url::parse(url).ok())
            .any(|url| url.origin() == address.origin())
}

/// The refusal of any other.
pub(crate) fn foreign() -> Problem {
    Problem::new(
        "address_foreign",
        "this is not an address of the running engine",
        "doorcode status",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_engine_are_ours() {
        let urls = [
            "https://localhost:8443/".to_owned(),
            "https://[::1]:8443/".to_owned(),
        ];
        for ours in [
            "https://localhost:8443/",
            "https://localhost:8443/.doorcode/check/abc",
            "https://[::1]:8443/?folder=/x",
        ] {
            assert!(is_ours(ours, &urls), "{ours}");
        }
        for foreign in [
            "http://localhost:8443/",
            "https://localhost/",
            "https://localhost:8443@example.com/",
            "https://example.com@localhost:8443/",
            "https://localhost.example.com:8443/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "localhost:8443",
            "",
        ] {
            assert!(!is_ours(foreign, &urls), "{foreign}");
        }
    }
}
