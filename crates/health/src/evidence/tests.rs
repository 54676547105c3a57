use time::OffsetDateTime;

use super::*;
use crate::report::Severity;

fn sighting(host: &str, origin: Option<&str>, proxied: bool) -> Sighting {
    Sighting {
        request: "0a-1".into(),
        at: OffsetDateTime::UNIX_EPOCH,
        client: "10.0.0.1".parse().expect("an address"),
        host: host.into(),
        origin: origin.map(str::to_owned),
        detail: String::new(),
        proxied,
    }
}

fn refused(code: &str, last: Sighting) -> DoorEvidence {
    DoorEvidence {
        refusals: vec![Refusals {
            code: code.into(),
            count: 2,
            last,
            passed_since: false,
        }],
        ..DoorEvidence::default()
    }
}

fn codes(evidence: &DoorEvidence) -> Vec<String> {
    let hosts = ["localhost", "code.test"].map(|host| host.parse().expect("a host"));
    let public = "https://code.test".parse().expect("an address");
    let Sorted {
        host,
        identity,
        websocket,
    } = sort(evidence, &hosts, Some(&public), &Front::some(None));
    let all = host.into_iter().chain(identity).chain(websocket);
    all.map(|cause| cause.code).collect()
}

#[test]
fn what_the_proxy_does_wrong_is_told_by_what_arrives() {
    let table = [
        (
            "host_not_allowed",
            sighting("10.0.0.9:8443", None, true),
            Some("host_not_preserved"),
        ),
        ("host_not_allowed", sighting("10.0.0.9", None, false), None),
        (
            "origin_not_allowed",
            sighting("127.0.0.1:8443", Some("https://code.test"), false),
            Some("host_not_preserved"),
        ),
        (
            "origin_not_allowed",
            sighting("code.test", Some("https://evil.test"), true),
            None,
        ),
        (
            "trusted_proxy_origin_not_allowed",
            sighting("code.test", Some("https://code.test:8443"), true),
            Some("public_url_wrong"),
        ),
        (
            "trusted_proxy_user_missing",
            sighting("code.test", None, true),
            Some("identity_missing"),
        ),
        (
            "trusted_proxy_missing_header_x-team",
            sighting("code.test", None, true),
            Some("identity_missing"),
        ),
        (
            "trusted_proxy_assertion_missing",
            sighting("code.test", None, true),
            Some("identity_missing"),
        ),
        (
            "trusted_proxy_user_not_allowed",
            sighting("code.test", None, true),
            Some("user_not_allowed"),
        ),
        (
            "trusted_proxy_user_invalid",
            sighting("code.test", None, true),
            Some("identity_unclear"),
        ),
        (
            "trusted_proxy_proof_invalid",
            sighting("code.test", None, true),
            Some("proof_rejected"),
        ),
        (
            "trusted_proxy_untrusted_source",
            sighting("code.test", None, true),
            Some("proxy_not_recognised"),
        ),
        (
            "trusted_proxy_untrusted_source",
            sighting("code.test", None, false),
            None,
        ),
        (
            "trusted_proxy_assertion_expired",
            sighting("code.test", None, true),
            Some("assertion_rejected"),
        ),
        (
            "trusted_proxy_assertion_keys_unavailable",
            sighting("code.test", None, true),
            Some("assertion_keys_unavailable"),
        ),
        ("not_signed_in", sighting("code.test", None, true), None),
    ];
    for (code, last, expected) in table {
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(codes(&refused(code, last.clone())), expected, "{code} {last:?}");
    }
}

#[test]
fn a_request_let_in_since_mends_it_but_not_for_another_person() {
    for (code, remains) in [
        ("trusted_proxy_user_missing", 0),
        ("trusted_proxy_user_not_allowed", 1),
    ] {
        let mut evidence = refused(code, sighting("code.test", None, true));
        evidence.refusals[0].passed_since = true;
        assert_eq!(codes(&evidence).len(), remains, "{code}");
    }
}

#[test]
fn who_merely_looks_like_a_proxy_is_a_warning_once_others_were_let_in() {
    let mut evidence = refused(
        "trusted_proxy_untrusted_source",
        sighting("code.test", None, true),
    );
    let severity =
        |evidence: &DoorEvidence| sort(evidence, &[], None, &Front::some(None)).identity[0].severity;
    assert_eq!(severity(&evidence), Severity::Critical);
    evidence.let_in = true;
    assert_eq!(severity(&evidence), Severity::Warning);
}

#[test]
fn whoever_is_turned_away_by_a_later_rule_has_met_the_earlier_ones() {
    let at = |code: &str, second: i64| Refusals {
        code: code.into(),
        count: 1,
        last: Sighting {
            at: OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(second),
            ..sighting("code.test", None, true)
        },
        passed_since: false,
    };
    let mut evidence = DoorEvidence {
        refusals: vec![
            at("trusted_proxy_proof_invalid", 1),
            at("trusted_proxy_user_not_allowed", 2),
        ],
        ..DoorEvidence::default()
    };
    assert_eq!(codes(&evidence), ["user_not_allowed"]);
    evidence.refusals.push(at("trusted_proxy_proof_invalid", 3));
    evidence.refusals.remove(0);
    assert_eq!(
        codes(&evidence),
        ["proof_rejected", "user_not_allowed"],
        "the newest first"
    );
}

#[test]
fn websockets_and_second_sign_ins_are_told_with_the_request() {
    let evidence = DoorEvidence {
        websocket_stripped: Some(sighting("code.test", None, true)),
        second_sign_in: Some(Sighting {
            detail: "x-forwarded-email".into(),
            ..sighting("code.test", None, true)
        }),
        led_in_a_circle: Some(sighting("code.test", None, true)),
        ..DoorEvidence::default()
    };
    assert_eq!(
        codes(&evidence),
        [
            "proxy_speaks_http",
            "second_password_page",
            "websocket_not_passed"
        ]
    );
    let sorted = sort(&evidence, &[], None, &Front::some(None));
    assert!(sorted.identity[0].evidence.contains("x-forwarded-email"));
    assert!(
        sorted.websocket[0]
            .evidence
            .contains("request 0a-1 from 10.0.0.1")
    );
}
