//! `[auth.trusted_proxy]`: what presets fill in, what is refused, and what is still missing.

use std::path::{Path, PathBuf};

use doorcode_settings::trusted_proxy::{Algorithm, AllowUsers, KeySource, Proof, UserShape};
use doorcode_settings::{AuthMode, Settings, SettingsError, Tls, TrustedProxy, edit};

const FILE: &str = "/tmp/settings.toml";

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(text, Path::new(FILE))
}

fn proxy(keys: &str) -> TrustedProxy {
    let text = format!("[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\n{keys}");
    let settings = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    settings.auth.trusted_proxy.expect("the mode needs one")
}

fn refused(keys: &str) -> String {
    let text = format!("[auth.trusted_proxy]\n{keys}");
    match parse(&text) {
        Ok(_) => panic!("{text} is taken"),
        Err(error) => error.to_string(),
    }
}

const COMMON: &str = "public_url = \"https://code.example.com\"\nproxies = [\"10.0.0.1\"]\nallow_users = [\"You@Example.com\"]\n";

#[test]
fn pomerium_needs_nothing_beyond_its_address_and_the_users() {
    let proxy = proxy(&format!("preset = \"pomerium\"\n{COMMON}"));
    let Proof::Assertion(assertion) = &proxy.proof else {
        panic!("{:?}", proxy.proof)
    };
    assert_eq!(assertion.header, "x-pomerium-jwt-assertion");
    assert_eq!(
        assertion.keys,
        KeySource::Url("https://code.example.com/.well-known/pomerium/jwks.json".into())
    );
    assert_eq!(assertion.audience, "code.example.com");
    assert!(assertion.issuer.contains(&"code.example.com".to_owned()));
    assert!(assertion.issuer.contains(&"https://code.example.com/".to_owned()));
    assert_eq!(assertion.algorithms, [Algorithm::Es256]);
    assert_eq!(assertion.max_age.as_secs(), 300);
    assert_eq!(proxy.user_shape, UserShape::Email);
    assert_eq!(proxy.user_header, None);
    assert_eq!(
        proxy.allow_users,
        AllowUsers::These(vec!["you@example.com".into()])
    );
    assert_eq!(proxy.websocket_hours, 12);
}

#[test]
fn cloudflares_keys_follow_its_issuer() {
    let keys = format!(
        "preset = \"cloudflare-access\"\n{COMMON}assertion = {{ issuer = \"https://team.cloudflareaccess.com\", audience = \"tag\" }}"
    );
    let Proof::Assertion(assertion) = proxy(&keys).proof else {
        panic!("signed")
    };
    assert_eq!(
        assertion.keys,
        KeySource::Url("https://team.cloudflareaccess.com/cdn-cgi/access/certs".into())
    );
    assert_eq!(assertion.algorithms, [Algorithm::Rs256]);
}

#[test]
fn the_load_balancers_keys_are_those_of_its_region() {
    let keys = format!(
        "preset = \"aws-alb\"\n{COMMON}[auth.trusted_proxy.assertion]\nissuer = \"https://login.example.com\"\naudience = \"client\"\n\
         signer = \"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/one/0123\""
    );
    let Proof::Assertion(assertion) = proxy(&keys).proof else {
        panic!("signed")
    };
    assert_eq!(
        assertion.keys,
        KeySource::PemByKid("https://public-keys.auth.elb.eu-west-1.amazonaws.com/".into())
    );
}

#[test]
fn a_secret_header_can_be_written_inline_or_as_a_table() {
    let inline = format!(
        "preset = \"oauth2-proxy\"\n{COMMON}proof = {{ header = \"X-Doorcode-Proof\", secret_file = \"/secret\" }}"
    );
    let table = format!(
        "preset = \"oauth2-proxy\"\n{COMMON}[auth.trusted_proxy.proof]\nheader = \"x-doorcode-proof\"\nsecret_file = \"/secret\""
    );
    let expected = Proof::Header {
        header: "x-doorcode-proof".into(),
        secret_file: PathBuf::from("/secret"),
    };
    for keys in [inline, table] {
        let proxy = proxy(&keys);
        assert_eq!(proxy.proof, expected);
        assert_eq!(proxy.user_header.as_deref(), Some("x-forwarded-email"));
        assert_eq!(proxy.user_shape, UserShape::Email);
    }
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let error = parse("[auth]\nmode = \"trusted-proxy\"").expect_err("nothing is set");
    assert_eq!(error.key(), Some("auth.mode"));
    let text = error.to_string();
    for key in ["public_url", "proxies", "allow_users", "proof"] {
        assert!(
            text.contains(&format!("auth.trusted_proxy.{key}: ")),
            "{key} in {text}"
        );
    }
}

/// Who adds names to it means them, and would let everybody in.
#[test]
fn everyone_stands_alone() {
    let with = |users: &str| {
        parse(&format!(
            "[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\npreset = \"pomerium\"\n\
             public_url = \"https://code.example.com\"\nproxies = [\"10.0.0.1\"]\nallow_users = {users}"
        ))
    };
    let everyone = with("[\"*\"]").expect("everyone").auth.trusted_proxy;
    assert_eq!(
        everyone.map(|proxy| proxy.allow_users),
        Some(AllowUsers::Everyone)
    );
    for users in ["[\"*\", \"you@example.com\"]", "[\"you@example.com\", \"*\"]"] {
        let error = with(users).expect_err(users).to_string();
        assert!(
            error.contains("auth.trusted_proxy.allow_users: \"*\" is everyone"),
            "{error}"
        );
    }
}

/// The secret would be the user's name, and stand in the access log.
#[test]
fn the_secrets_header_names_no_user() {
    let with = |user_header: &str| {
        parse(&format!(
            "[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\nuser_header = \"{user_header}\"\n\
             proof = {{ header = \"x-proof\", secret_file = \"/secret\" }}\n{COMMON}"
        ))
    };
    with("x-user").expect("two headers");
    let error = with("X-Proof").expect_err("one header for both").to_string();
    assert!(
        error.contains("auth.trusted_proxy.user_header: x-proof carries the secret"),
        "{error}"
    );
}

#[test]
fn what_is_incomplete_may_wait_in_the_file_while_the_mode_is_another() {
    let settings = parse("[auth.trusted_proxy]\npreset = \"caddy\"\n").expect("valid");
    assert_eq!(settings.auth.mode, AuthMode::Password);
    assert_eq!(settings.auth.trusted_proxy, None);
    let again = Settings::parse(&settings.to_toml(), Path::new(FILE)).expect("what is shown can be read");
    assert_eq!(again, settings);
}

#[test]
fn complete_settings_can_be_shown_and_read_again() {
    let text = format!(
        "[gateway]\nlisten = [\"unix:/run/user/1/doorcode/door\"]\n[tls]\nmode = \"off\"\n[auth]\nmode = \"trusted-proxy\"\n\
         [auth.trusted_proxy]\nproof = {{ header = \"x-proof\", secret_file = \"/secret\" }}\nuser_header = \"x-user\"\n{COMMON}"
    );
    let settings = parse(&text).expect("valid");
    assert_eq!(settings.tls, Tls::Off);
    let again = Settings::parse(&settings.to_toml(), Path::new(FILE)).expect("valid");
    assert_eq!(again, settings);
}

#[test]
fn ranges_that_trust_everybody_or_nobody_are_refused() {
    for range in [
        "0.0.0.0/0",
        "::/0",
        "::ffff:10.0.0.0/104",
        "::ffff:10.0.0.1",
        "fe80::1%eth0",
        "10.0.0.1/8",
        "0.0.0.0",
        "224.0.0.1",
        "proxy.example.com",
    ] {
        let text = refused(&format!("proxies = [\"{range}\"]"));
        assert!(text.contains("auth.trusted_proxy.proxies"), "{text}");
    }
}

#[test]
fn headers_and_users_that_could_mean_two_things_are_refused() {
    for header in [
        "x_forwarded_user",
        "x.user",
        "Host",
        "cookie",
        "sec-fetch-site",
        "",
        "x user",
    ] {
        refused(&format!("user_header = \"{header}\""));
    }
    for user in ["a b", "a,b", "\\u0430@x", "*@example.com", ""] {
        refused(&format!("allow_users = [\"{user}\"]"));
    }
    for url in [
        "http://code.example.com",
        "https://code.example.com/x",
        "https://a@b",
        "https://",
    ] {
        refused(&format!("public_url = \"{url}\""));
    }
    refused("assertion = { algorithms = [\"HS256\"] }");
    refused("assertion = { jwks_url = \"http://keys.example.com\" }");
    refused("proof = { header = \"x-proof\" }");
    refused("proof = \"none\"");
}

#[test]
fn plain_http_and_unix_sockets_are_for_a_trusted_proxy_only() {
    for text in [
        "[tls]\nmode = \"off\"",
        "[tls]\nmode = \"off\"\n[auth]\nmode = \"none\"",
        "[gateway]\nlisten = [\"unix:/run/door\"]",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
    let plain = |listen: &str, proof: &str| {
        parse(&format!(
            "[gateway]\nlisten = [\"{listen}\"]\n[tls]\nmode = \"off\"\n[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\n\
             user_header = \"x-user\"\nclient_ca = \"/ca.pem\"\nproof = {proof}\n{COMMON}"
        ))
    };
    let secret = "{ header = \"x-proof\", secret_file = \"/secret\" }";
    assert!(plain("127.0.0.1:8080", "\"address-only\"").is_ok());
    assert!(plain("10.0.0.2:8080", "\"address-only\"").is_err());
    assert!(plain("10.0.0.2:8080", secret).is_ok());
    assert!(plain("100.100.1.2:8080", secret).is_ok());
    assert!(plain("203.0.113.1:8080", secret).is_err());
    assert!(plain("0.0.0.0:8080", secret).is_err());
    assert!(plain("127.0.0.1:8080", "\"mtls\"").is_err());
    assert!(plain("127.0.0.1:8080", "\"unix-socket\"").is_err());
    assert!(plain("unix:/run/door", "\"unix-socket\"").is_ok());
}

#[test]
fn a_key_of_an_inner_table_is_set_and_removed_in_the_persons_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "# mine\n[auth]\nmode = \"password\" # for now\n").expect("written");
    edit::set(
        &file,
        "auth.trusted_proxy.assertion.issuer",
        "https://issuer".into(),
    )
    .expect("set");
    edit::set(&file, "auth.trusted_proxy.preset", "authentik".into()).expect("set");
    let text = std::fs::read_to_string(&file).expect("there");
    assert!(
        text.starts_with("# mine\n[auth]\nmode = \"password\" # for now\n"),
        "{text}"
    );
    assert!(
        text.contains("[auth.trusted_proxy]\npreset = \"authentik\"\n"),
        "{text}"
    );
    assert!(
        text.contains("[auth.trusted_proxy.assertion]\nissuer = \"https://issuer\"\n"),
        "{text}"
    );
    let written = edit::written(&file).expect("valid");
    assert_eq!(
        written["auth.trusted_proxy.assertion.issuer"].as_str(),
        Some("https://issuer")
    );
    edit::unset(&file, "auth.trusted_proxy.assertion.issuer").expect("removed");
    assert!(
        !edit::written(&file)
            .expect("valid")
            .contains_key("auth.trusted_proxy.assertion.issuer")
    );
}
