//! Where the keys come from, and when.

use doorcode_gateway::TrustedProxyConfig;
use doorcode_settings::trusted_proxy::{KeySource, Proof};
use serde_json::json;

use super::signer::{KeyServer, Published, Signer, assertion_door, claims, signed_settings};
use super::{ORIGIN, Way, admitted, ends, refused, send, setup, stays, websocket};
use crate::support::{Door, PATIENCE, eventually};

const UNAVAILABLE: &str = "trusted_proxy_assertion_keys_unavailable";
const INVALID: &str = "trusted_proxy_assertion_invalid";

fn with(token: &str) -> [(&str, &str); 2] {
    [("x-assertion", token), ("origin", ORIGIN)]
}

/// Asks until it is let in.
async fn admitted_soon(door: &Door, token: &str) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while send(door, Way::Http1, &with(token)).await.status != 200 {
        assert!(std::time::Instant::now() < deadline, "never let in");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_server_that_is_down_at_the_start_is_asked_again() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    server.answer_with(Published::Nothing);
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    let token = key.sign(&claims());
    refused(&door, &with(&token), 503, UNAVAILABLE).await;
    server.publish(&[&key]);
    admitted_soon(&door, &token).await;
    admitted(&door, &with(&token)).await;
}

#[tokio::test]
async fn keys_change_while_everything_runs() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let server = KeyServer::start(&[&old]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    let of_old = old.sign(&claims());
    let (status, mut open) = websocket(&door.client(), "/ws", &with(&of_old)).await;
    assert_eq!(status, 101);

    server.publish(&[&old, &new]);
    admitted(&door, &with(&new.sign(&claims()))).await;
    admitted(&door, &with(&of_old)).await;
    assert_eq!(
        server.asked(),
        2,
        "at the start, and for the key that was not known"
    );
    stays("the old key is still published", &mut open).await;
}

#[tokio::test]
async fn a_key_that_is_withdrawn_opens_nothing_and_keeps_nothing_open() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let server = KeyServer::start(&[&old]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    let of_old = old.sign(&claims());
    admitted(&door, &with(&of_old)).await;
    let (status, mut open) = websocket(&door.client(), "/ws", &with(&of_old)).await;
    assert_eq!(status, 101);
    server.publish(&[&new]);
    admitted(&door, &with(&new.sign(&claims()))).await;
    ends("opened by a key that is withdrawn", &mut open).await;
    door.logged(|line| line["code"] == "trusted_proxy_key_withdrawn")
        .await;
    refused(&door, &with(&of_old), 401, INVALID).await;
}

#[tokio::test]
async fn a_flood_of_unknown_keys_reaches_nobody() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    admitted(&door, &with(&key.sign(&claims()))).await;
    for number in 0..30 {
        let unknown = key.sign_as(&json!({ "alg": "ES256", "kid": format!("k{number}") }), &claims());
        assert!(send(&door, Way::Http1, &with(&unknown)).await.is(401, INVALID));
    }
    assert_eq!(server.asked(), 2, "once a minute at most");
    admitted(&door, &with(&key.sign(&claims()))).await;
}

#[tokio::test]
async fn what_is_no_honest_key_set_is_not_taken() {
    let key = Signer::es256("a");
    let honest = KeyServer::start(&[&key]).await;
    let many: Vec<_> = (0..17)
        .map(|number| Signer::es256(&number.to_string()).jwk())
        .collect();
    let huge = json!({ "keys": [key.jwk()], "padding": "x".repeat(64 << 10) });
    let answers = [
        Published::Redirect(honest.url.clone()),
        Published::Keys(json!({ "keys": many }).to_string()),
        Published::Keys(json!({ "keys": [] }).to_string()),
        Published::Keys(huge.to_string()),
        Published::Keys("<html>".to_owned()),
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let server = KeyServer::start(&[]).await;
        server.answer_with(answer);
        let (door, _dir) = assertion_door(&server, |_| {}).await;
        let outcome = send(&door, Way::Http1, &with(&key.sign(&claims()))).await;
        assert!(outcome.is(503, UNAVAILABLE), "{number}: {outcome:?}");
        assert!(server.asked() > 0);
    }
    assert_eq!(honest.asked(), 0, "no redirect was followed");
}

#[tokio::test]
async fn a_server_with_a_certificate_that_nobody_trusts_is_not_believed() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    let dir = tempfile::tempdir().unwrap();
    let settings = signed_settings(dir.path(), KeySource::Url(server.url.clone()));
    let door = Door::open(setup(&settings)).await;
    refused(&door, &with(&key.sign(&claims())), 503, UNAVAILABLE).await;
    assert!(server.asked() > 0);
}

#[tokio::test]
async fn a_file_of_keys_is_read_again_when_it_changes() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.json");
    let publish = |key: &Signer| {
        doorcode_settings::files::write_private(&file, json!({ "keys": [key.jwk()] }).to_string().as_bytes())
            .unwrap();
    };
    publish(&old);
    let door = Door::open(setup(&signed_settings(dir.path(), KeySource::File(file.clone())))).await;
    let of_old = old.sign(&claims());
    admitted(&door, &with(&of_old)).await;
    publish(&new);
    admitted_soon(&door, &new.sign(&claims())).await;
    refused(&door, &with(&of_old), 401, INVALID).await;
}

#[tokio::test]
async fn keys_by_their_ids_as_load_balancers_publish_them() {
    let key = Signer::es256("0f1e2d3c-0000-4000-8000-000000000000");
    let server = KeyServer::start(&[]).await;
    server.answer_with(Published::Keys(key.public_pem()));
    let dir = tempfile::tempdir().unwrap();
    let prefix = server.url.trim_end_matches("keys.json").to_owned();
    let mut settings = signed_settings(dir.path(), KeySource::PemByKid(prefix));
    let Proof::Assertion(rules) = &mut settings.proof else {
        unreachable!()
    };
    rules.signer = Some("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/a/b".to_owned());
    let mut header = key.header();
    header["signer"] = json!(rules.signer);
    header["client"] = json!(super::HOST);
    let door = Door::open(super::setup_with(server.prepare(&settings))).await;
    let said = claims()
        .with("aud", json!(null))
        .with("iat", json!(null))
        .with("nbf", json!(null));
    admitted(&door, &with(&key.sign_as(&header, &said))).await;
    assert_eq!(server.asked(), 1);
    header["signer"] = json!("arn:aws:elasticloadbalancing:eu-west-1:2:loadbalancer/app/evil/b");
    refused(
        &door,
        &with(&key.sign_as(&header, &said)),
        401,
        "trusted_proxy_assertion_issuer",
    )
    .await;
    eventually("nothing more was asked for", || server.asked() == 1).await;
}

#[test]
fn a_file_of_keys_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.json");
    std::fs::write(&file, "{}").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    let settings = signed_settings(dir.path(), KeySource::File(file));
    assert_eq!(
        TrustedProxyConfig::prepare(&settings).unwrap_err().code,
        "trusted_proxy_file_unusable"
    );
}
