//! Signed statements, honest and forged.

use doorcode_settings::trusted_proxy::Algorithm;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::signer::{ISSUER, KeyServer, Signer, assertion_door, change_rules, claims, now};
use super::{HOST, ORIGIN, admitted, refused};
use crate::support::Door;

const INVALID: &str = "trusted_proxy_assertion_invalid";

fn with(token: &str) -> [(&str, &str); 2] {
    [("x-assertion", token), ("origin", ORIGIN)]
}

async fn refused_with(door: &Door, token: &str, code: &str) {
    refused(door, &with(token), 401, code).await;
}

#[tokio::test]
async fn what_the_published_key_signs_is_believed() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    admitted(&door, &with(&key.sign(&claims()))).await;
    admitted(
        &door,
        &with(&key.sign(&claims().with("aud", json!(["other", HOST])))),
    )
    .await;
    assert_eq!(door.sessions.list()[0].user.as_deref(), Some("you@example.com"));
    assert_eq!(server.asked(), 1, "fetched once, for all of them");
}

#[tokio::test]
async fn rsa_as_cloudflare_signs() {
    let (key, other) = (Signer::rs256("a"), Signer::rs256("a"));
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |settings| {
        change_rules(settings, |rules| rules.algorithms = vec![Algorithm::Rs256]);
    })
    .await;
    admitted(&door, &with(&key.sign(&claims()))).await;
    refused_with(&door, &other.sign(&claims()), INVALID).await;
}

#[tokio::test]
async fn a_forged_signature_is_worth_nothing() {
    let (key, other) = (Signer::es256("a"), Signer::es256("a"));
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    let good = key.sign(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    refused_with(&door, &other.sign(&claims()), INVALID).await;
    refused_with(&door, &format!("{signed}."), INVALID).await;
    refused_with(&door, &format!("{signed}.AAAA"), INVALID).await;
    let evil = key.sign(&claims().with("email", "evil@example.com"));
    let (evil, _) = evil.rsplit_once('.').unwrap();
    refused_with(&door, &format!("{evil}.{signature}"), INVALID).await;
    admitted(&door, &with(&good)).await;
    refused_with(&door, &format!("{good}x"), INVALID).await;
}

#[tokio::test]
async fn a_token_does_not_choose_how_it_is_verified() {
    let (key, evil) = (Signer::es256("a"), Signer::es256("evil"));
    let server = KeyServer::start(&[&key]).await;
    let elsewhere = KeyServer::start(&[&evil]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    let header = |changes: &[(&str, Value)]| {
        let mut header = key.header();
        for (name, value) in changes {
            header[*name] = value.clone();
        }
        header
    };
    for alg in ["none", "None", "nOnE", "HS256", "RS256", "ES384"] {
        refused_with(
            &door,
            &key.sign_as(&header(&[("alg", json!(alg))]), &claims()),
            INVALID,
        )
        .await;
    }
    let none = evil.sign_as(&json!({ "alg": "none" }), &claims());
    refused_with(&door, none.trim_end_matches(|c| c != '.'), INVALID).await;

    // HMAC with the public key, which everybody has.
    let public = key.jwk().to_string();
    let by_public = EncodingKey::from_secret(public.as_bytes());
    let good = key.sign_as(&header(&[("alg", json!("HS256"))]), &claims());
    let (signed, _) = good.rsplit_once('.').unwrap();
    let mac =
        jsonwebtoken::crypto::sign(signed.as_bytes(), &by_public, jsonwebtoken::Algorithm::HS256).unwrap();
    refused_with(&door, &format!("{signed}.{mac}"), INVALID).await;

    for (name, value) in [
        ("jku", json!(elsewhere.url)),
        ("x5u", json!(elsewhere.url)),
        ("jwk", evil.jwk()),
        ("kid", json!("../../x")),
        ("kid", Value::Null),
        ("crit", json!(["exp"])),
    ] {
        refused_with(
            &door,
            &evil.sign_as(&header(&[(name, value.clone())]), &claims()),
            INVALID,
        )
        .await;
    }
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn what_a_statement_says_is_checked() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    let now = now();
    let rows = [
        (
            "aud",
            json!("other.example.com"),
            "trusted_proxy_assertion_audience",
        ),
        ("aud", Value::Null, "trusted_proxy_assertion_audience"),
        (
            "iss",
            json!("https://evil.example"),
            "trusted_proxy_assertion_issuer",
        ),
        ("iss", json!(5), "trusted_proxy_assertion_issuer"),
        ("iss", Value::Null, "trusted_proxy_assertion_issuer"),
        ("iss", json!([ISSUER]), "trusted_proxy_assertion_issuer"),
        ("exp", json!(now.to_string()), INVALID),
        ("exp", Value::Null, INVALID),
        ("exp", json!(253_402_300_799_u64), INVALID),
        ("exp", json!(now - 31), "trusted_proxy_assertion_expired"),
        ("iat", json!(now + 120), INVALID),
        ("iat", Value::Null, INVALID),
        ("nbf", json!(now + 120), INVALID),
        ("email", Value::Null, "trusted_proxy_user_missing"),
        ("email", json!(["you@example.com"]), INVALID),
    ];
    for (name, value, code) in rows {
        refused_with(&door, &key.sign(&claims().with(name, value)), code).await;
    }
    let old = claims()
        .with("iat", now - 331)
        .with("nbf", now - 331)
        .with("exp", now - 1);
    refused_with(&door, &key.sign(&old), "trusted_proxy_assertion_expired").await;
    refused(
        &door,
        &[("origin", ORIGIN)],
        401,
        "trusted_proxy_assertion_missing",
    )
    .await;
    let ambiguous = key.sign(&claims().with("email", "you@example.com,evil@example.com"));
    refused(&door, &with(&ambiguous), 403, "trusted_proxy_user_ambiguous").await;
}

#[tokio::test]
async fn a_plain_header_does_not_count_and_must_agree_where_it_is_configured() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    let token = key.sign(&claims());
    let with_header = |user| {
        [
            ("x-assertion", token.as_str()),
            ("origin", ORIGIN),
            ("x-forwarded-user", user),
        ]
    };
    admitted(&door, &with_header("evil@example.com")).await;
    refused(
        &door,
        &[("x-forwarded-user", "you@example.com")],
        401,
        "trusted_proxy_assertion_missing",
    )
    .await;

    let (door, _dir) = assertion_door(&server, |settings| {
        settings.user_header = Some("x-forwarded-user".to_owned())
    })
    .await;
    admitted(&door, &with_header("You@example.com")).await;
    refused(
        &door,
        &with_header("evil@example.com"),
        403,
        "trusted_proxy_user_mismatch",
    )
    .await;
}

#[tokio::test]
async fn a_statement_that_was_verified_does_not_outlive_its_end() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    // Accepted for two seconds more, by the difference that clocks may have.
    let token = key.sign(&claims().with("exp", now() - 28));
    admitted(&door, &with(&token)).await;
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    loop {
        let outcome = super::send(&door, super::Way::Http1, &with(&token)).await;
        if outcome.is(401, "trusted_proxy_assertion_expired") {
            return;
        }
        assert!(
            outcome.status == 200 && std::time::Instant::now() < deadline,
            "{outcome:?}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
