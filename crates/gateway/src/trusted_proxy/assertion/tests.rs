//! The rules for what a token says. That its signature counts is shown against the real gateway, in `tests/gateway`.

use std::time::Duration;

use base64::engine::general_purpose::URL_SAFE;
use doorcode_settings::trusted_proxy::KeySource;
use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000;

fn rules() -> Assertion {
    Assertion {
        header: "x-assertion".to_owned(),
        keys: KeySource::Url("https://keys.example".to_owned()),
        issuer: vec!["https://issuer.example".to_owned(), "issuer.example".to_owned()],
        audience: "code.example.com".to_owned(),
        algorithms: vec![Algorithm::Es256],
        user_claim: "email".to_owned(),
        max_age: Duration::from_secs(300),
        signer: None,
    }
}

fn of_aws() -> Assertion {
    Assertion {
        signer: Some("arn:aws:elb".to_owned()),
        ..rules()
    }
}

fn header() -> Header {
    Header {
        alg: "ES256".to_owned(),
        kid: "a".to_owned(),
        crit: None,
        signer: None,
        client: None,
    }
}

fn claims() -> Value {
    json!({
        "iss": "issuer.example", "aud": "code.example.com", "email": "you@example.com",
        "iat": NOW - 10, "exp": NOW + 290,
    })
}

/// The code and the detail of the refusal, with one claim set to something else, or taken away.
fn outcome(name: &str, value: Value) -> Result<i64, (&'static str, Option<&'static str>)> {
    let mut claims = claims();
    let fields = claims.as_object_mut().expect("an object");
    match value {
        Value::Null => fields.remove(name),
        value => fields.insert(name.to_owned(), value),
    };
    check(&rules(), &header(), fields, NOW).map_err(|refusal| (refusal.code, refusal.detail))
}

const INVALID: &str = "trusted_proxy_assertion_invalid";
const EXPIRED: &str = "trusted_proxy_assertion_expired";
const AUDIENCE: &str = "trusted_proxy_assertion_audience";
const ISSUER: &str = "trusted_proxy_assertion_issuer";

#[test]
fn a_token_in_order_is_good_until_its_end() {
    assert_eq!(outcome("sub", json!("x")), Ok(NOW + 290 + SKEW));
    assert_eq!(outcome("nbf", json!(NOW - 10)), Ok(NOW + 290 + SKEW));
    assert_eq!(
        outcome("iat", json!(NOW as f64 - 0.5)),
        Ok(NOW + 290 + SKEW),
        "fractions"
    );
    assert_eq!(outcome("exp", json!(NOW + 100)), Ok(NOW + 100 + SKEW));
}

#[test]
fn times_are_numbers_within_reason() {
    for name in ["exp", "iat"] {
        for value in [
            Value::Null,
            json!("1800000000"),
            json!(true),
            json!(-1),
            json!(1e300),
        ] {
            assert_eq!(
                outcome(name, value.clone()),
                Err((INVALID, Some(name))),
                "{name}: {value}"
            );
        }
    }
    assert_eq!(outcome("nbf", json!("x")), Err((INVALID, Some("nbf"))));
    assert_eq!(
        outcome("exp", json!(253_402_300_799_i64)),
        Err((INVALID, Some("lifetime"))),
        "the year 9999"
    );
    assert_eq!(
        outcome("iat", json!(NOW + 31)),
        Err((INVALID, Some("not_yet_valid")))
    );
    assert_eq!(
        outcome("nbf", json!(NOW + 31)),
        Err((INVALID, Some("not_yet_valid")))
    );
    assert!(outcome("nbf", json!(NOW + 30)).is_ok(), "clocks differ");
    assert_eq!(outcome("exp", json!(NOW - 30)), Err((EXPIRED, None)));
    assert!(outcome("exp", json!(NOW - 29)).is_ok(), "clocks differ");
}

#[test]
fn an_old_token_is_refused_however_long_it_says_it_lasts() {
    let mut claims = claims();
    claims["iat"] = json!(NOW - 330);
    claims["exp"] = json!(NOW);
    let outcome = check(&rules(), &header(), claims.as_object().expect("an object"), NOW);
    assert_eq!(outcome, Err(ASSERTION_EXPIRED));
}

#[test]
fn audience_and_issuer_are_exact_and_required() {
    assert!(outcome("aud", json!(["other", "code.example.com"])).is_ok());
    for value in [
        Value::Null,
        json!("other"),
        json!(["other"]),
        json!([]),
        json!(5),
        json!("CODE.example.com"),
        json!([["code.example.com"]]),
    ] {
        assert_eq!(outcome("aud", value.clone()), Err((AUDIENCE, None)), "{value}");
    }
    assert!(outcome("iss", json!("https://issuer.example")).is_ok());
    for value in [
        Value::Null,
        json!(5),
        json!("https://issuer.example/"),
        json!(["issuer.example"]),
    ] {
        assert_eq!(outcome("iss", value.clone()), Err((ISSUER, None)), "{value}");
    }
}

#[test]
fn the_audience_is_looked_at_before_the_issuer_and_the_time_before_both() {
    let mut claims = json!({ "iss": "x", "aud": "x", "iat": NOW - 400, "exp": NOW - 100 });
    let code = |claims: &Value| {
        check(&rules(), &header(), claims.as_object().expect("an object"), NOW)
            .expect_err("refused")
            .code
    };
    assert_eq!(code(&claims), EXPIRED);
    claims["iat"] = json!(NOW);
    claims["exp"] = json!(NOW + 1);
    assert_eq!(code(&claims), AUDIENCE);
    claims["aud"] = json!("code.example.com");
    assert_eq!(code(&claims), ISSUER);
}

#[test]
fn the_user_is_a_text() {
    let user_of = |claims: Value| user(claims.as_object().expect("an object"), "email");
    assert_eq!(user_of(json!({ "email": "a@x" })), Ok(Some("a@x".to_owned())));
    assert_eq!(user_of(json!({})), Ok(None));
    assert!(user_of(json!({ "email": ["a@x"] })).is_err());
}

fn token(header: &Value, payload: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(header), part(payload))
}

fn detail(text: &str, rules: &Assertion) -> Option<&'static str> {
    Token::parse(text.as_bytes(), rules)
        .err()
        .map(|refusal| refusal.detail.unwrap_or(refusal.code))
}

#[test]
fn the_settings_choose_the_algorithm_and_the_key_not_the_token() {
    for alg in ["none", "None", "HS256", "RS256", "ES384", "es256", ""] {
        let text = token(&json!({ "alg": alg, "kid": "a" }), &claims());
        assert_eq!(detail(&text, &rules()), Some("algorithm"), "{alg}");
    }
    let with_extras = json!({ "alg": "ES256", "kid": "../../x", "jku": "https://evil.example", "jwk": {}, "x5u": "https://evil.example" });
    let text = token(&with_extras, &claims());
    let parsed = Token::parse(text.as_bytes(), &rules()).expect("they are not read");
    assert_eq!(parsed.header.kid, "../../x", "looked up, and not found");
    let critical = token(&json!({ "alg": "ES256", "kid": "a", "crit": ["exp"] }), &claims());
    assert_eq!(detail(&critical, &rules()), Some("critical_extension"));
}

#[test]
fn what_is_no_token_is_malformed() {
    let good = token(&json!({ "alg": "ES256", "kid": "a" }), &claims());
    assert_eq!(detail(&good, &rules()), None);
    let no_kid = token(&json!({ "alg": "ES256" }), &claims());
    let padded = good.replacen('.', "=.", 1);
    for text in [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "..",
        "é.b.c",
        &no_kid,
        &padded,
        &format!("{good}.x"),
    ] {
        assert_eq!(detail(text, &rules()), Some("malformed"), "{text}");
    }
}

#[test]
fn a_load_balancer_pads_and_states_its_signer_instead_of_an_audience() {
    let padded = |value: &Value| URL_SAFE.encode(value.to_string());
    let head = json!({ "alg": "ES256", "kid": "a", "signer": "arn:aws:elb", "client": "code.example.com" });
    let payload = json!({ "iss": "issuer.example", "email": "you@example.com", "exp": NOW + 120 });
    let text = format!("{}.{}.c2lnbg==", padded(&head), padded(&payload));
    assert!(text.contains('='));
    let parsed = Token::parse(text.as_bytes(), &of_aws()).expect("well-formed");
    assert_eq!(
        parsed.signed,
        &text.as_bytes()[..text.rfind('.').expect("three parts")],
        "the padding is signed"
    );
    let claims: Map<String, Value> = json(parsed.payload).expect("claims");
    assert_eq!(
        check(&of_aws(), &parsed.header, &claims, NOW),
        Ok(NOW + 120 + SKEW)
    );

    let mut long = claims.clone();
    long.insert("exp".to_owned(), json!(NOW + 400));
    assert_eq!(
        check(&of_aws(), &parsed.header, &long, NOW).map_err(|refusal| refusal.detail),
        Err(Some("lifetime"))
    );
    let other_client = Header {
        client: Some("other".to_owned()),
        ..header()
    };
    assert_eq!(
        check(&of_aws(), &other_client, &claims, NOW),
        Err(ASSERTION_AUDIENCE)
    );
    assert_eq!(
        check(&rules(), &parsed.header, &claims, NOW).map_err(|refusal| refusal.detail),
        Err(Some("iat"))
    );

    let other_signer = json!({ "alg": "ES256", "kid": "a", "signer": "arn:aws:other" });
    assert_eq!(detail(&token(&other_signer, &payload), &of_aws()), Some("signer"));
    assert_eq!(
        detail(
            &token(&json!({ "alg": "ES256", "kid": "a" }), &payload),
            &of_aws()
        ),
        Some("signer")
    );
}

#[test]
fn an_address_that_nobody_verified_names_nobody() {
    let named = |verified: Value, claim: &str| {
        let claims = json!({ "email": "you@example.com", "sub": "1234", "email_verified": verified });
        user(claims.as_object().expect("an object"), claim).map_err(|refusal| (refusal.code, refusal.detail))
    };
    let unverified = Err(("trusted_proxy_user_invalid", Some("email_unverified")));
    for verified in [json!(false), json!("false"), json!("False")] {
        assert_eq!(named(verified.clone(), "email"), unverified, "{verified}");
        assert_eq!(
            named(verified, "sub"),
            Ok(Some("1234".to_owned())),
            "the provider's own name"
        );
    }
    for verified in [json!(true), json!("true"), Value::Null] {
        assert_eq!(named(verified, "email"), Ok(Some("you@example.com".to_owned())));
    }
}
