//! The order of the checks: a request with several faults is refused for the first.

use doorcode_settings::trusted_proxy::{Assertion, KeySource, Proof};

use super::signer::{KeyServer, Signer, assertion_door, claims};
use super::{Way, admitted, door, good_but, send};

/// Faults in the order in which they are found, each as what to change, and its code.
const FAULTS: [(&str, &str, &str); 6] = [
    (
        "x_forwarded_user",
        "evil@example.com",
        "trusted_proxy_bad_request",
    ),
    ("host", "evil.example", "trusted_proxy_host_not_allowed"),
    ("x-doorcode-proof", "wrong", "trusted_proxy_proof_invalid"),
    (
        "x-must-be-there",
        "",
        "trusted_proxy_missing_header_x-must-be-there",
    ),
    (
        "x-forwarded-user",
        "evil@example.com",
        "trusted_proxy_user_not_allowed",
    ),
    (
        "origin",
        "https://evil.example",
        "trusted_proxy_origin_not_allowed",
    ),
];

#[tokio::test]
async fn the_first_fault_is_the_one_that_is_named() {
    let (door, _dir) = door(|settings| settings.required_headers = vec!["x-must-be-there".to_owned()]).await;
    admitted(&door, &good_but(&[("x-must-be-there", "1")])).await;
    for first in 0..FAULTS.len() {
        let mut changes: Vec<_> = FAULTS[first..]
            .iter()
            .map(|(name, value, _)| (*name, *value))
            .collect();
        if first > 3 {
            changes.push(("x-must-be-there", "1"));
        }
        let headers = good_but(&changes);
        let (_, _, code) = FAULTS[first];
        // A WebSocket minds its Origin also when it only reads.
        let outcome = send(&door, Way::WebSocket, &headers).await;
        assert_eq!(outcome.code.as_deref(), Some(code), "{headers:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn the_source_comes_right_after_the_host() {
    let (door, _dir) = door(|settings| settings.proxies = vec!["10.0.0.1/32".parse().unwrap()]).await;
    let headers = good_but(&[("x-doorcode-proof", "wrong"), ("x-forwarded-user", "")]);
    let outcome = send(&door, Way::WebSocket, &headers).await;
    assert_eq!(outcome.code.as_deref(), Some("trusted_proxy_untrusted_source"));
    let headers = good_but(&[("host", "evil.example")]);
    let outcome = send(&door, Way::WebSocket, &headers).await;
    assert_eq!(outcome.code.as_deref(), Some("trusted_proxy_host_not_allowed"));
}

#[tokio::test]
async fn whoever_is_no_proxy_tells_nothing_of_the_host_that_the_proxy_names() {
    let headers = good_but(&[("host", "evil.example"), ("x-forwarded-for", "192.0.2.1")]);
    for (proxies, told) in [
        ("127.0.0.1/32", "trusted_proxy_host_not_allowed"),
        ("10.0.0.1/32", "trusted_proxy_untrusted_source"),
    ] {
        let (door, _dir) = door(|settings| settings.proxies = vec![proxies.parse().unwrap()]).await;
        let outcome = send(&door, Way::Http1, &headers).await;
        // The log says which rule it was, of whoever it comes.
        assert!(outcome.is(421, "trusted_proxy_host_not_allowed"), "{outcome:?}");
        let refused = door.gateway.evidence().refused;
        let codes: Vec<&str> = refused.iter().map(|refused| refused.code).collect();
        assert_eq!(codes, [told], "{proxies}");
    }
}

#[tokio::test]
async fn a_statement_is_looked_at_after_the_required_headers_and_before_the_user() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |settings| {
        settings.required_headers = vec!["x-must-be-there".to_owned()];
        settings.user_header = Some("x-forwarded-user".to_owned());
        assert!(matches!(&settings.proof, Proof::Assertion(rules) if has_url(rules)));
    })
    .await;
    let good = key.sign(&claims());
    let code = async |changes: &[(&str, &str)]| {
        let outcome = send(&door, Way::Http1, changes).await;
        outcome.code.unwrap_or_default()
    };
    let required = ("x-must-be-there", "1");
    assert_eq!(code(&[]).await, "trusted_proxy_missing_header_x-must-be-there");
    assert_eq!(code(&[required]).await, "trusted_proxy_assertion_missing");
    let nobody = claims().with("email", "");
    assert_eq!(
        code(&[required, ("x-assertion", &key.sign(&nobody))]).await,
        "trusted_proxy_user_missing"
    );
    let assertion = ("x-assertion", good.as_str());
    assert_eq!(
        code(&[required, assertion]).await,
        "trusted_proxy_user_missing",
        "the plain header, too"
    );
    let other = ("x-forwarded-user", "other@example.com");
    assert_eq!(
        code(&[required, assertion, other]).await,
        "trusted_proxy_user_mismatch"
    );
    assert_eq!(
        code(&[required, assertion, ("x-forwarded-user", "You@example.com")]).await,
        ""
    );
}

fn has_url(rules: &Assertion) -> bool {
    matches!(rules.keys, KeySource::Url(_))
}
