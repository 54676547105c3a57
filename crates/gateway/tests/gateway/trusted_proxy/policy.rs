//! Settings that change while people are connected.

use doorcode_gateway::TrustedProxyConfig;
use doorcode_settings::trusted_proxy::{AllowUsers, TrustedProxy};
use doorcode_settings::{AuthMode, files};

use super::{GOOD, SECRET, Way, YOU, door, ends, good_but, refused, send, settings, stays, websocket};
use crate::support::{Door, Raw};

const OTHER: &str = "other@example.com";

async fn open(door: &Door, user: &str) -> Raw {
    let (status, stream) = websocket(&door.client(), "/ws", &good_but(&[("x-forwarded-user", user)])).await;
    assert_eq!(status, 101, "{user}");
    stream
}

fn put_in_force(door: &Door, settings: &TrustedProxy) {
    let mut config = door.config.clone();
    config.trusted_proxy = Some(TrustedProxyConfig::prepare(settings).unwrap());
    door.gateway.reconfigure(config);
}

#[tokio::test]
async fn whoever_is_taken_off_the_list_is_out_and_the_others_stay() {
    let both = AllowUsers::These(vec![YOU.to_owned(), OTHER.to_owned()]);
    let (door, dir) = door(|settings| settings.allow_users = both).await;
    let (mut yours, mut others) = (open(&door, YOU).await, open(&door, OTHER).await);
    put_in_force(&door, &settings(dir.path()));
    ends("taken off the list", &mut others).await;
    stays("still on it", &mut yours).await;
    refused(
        &door,
        &good_but(&[("x-forwarded-user", OTHER)]),
        403,
        "trusted_proxy_user_not_allowed",
    )
    .await;
}

#[tokio::test]
async fn what_is_the_same_as_before_closes_nothing() {
    let (door, dir) = door(|_| {}).await;
    let mut yours = open(&door, YOU).await;
    put_in_force(&door, &settings(dir.path()));
    stays("nothing has changed", &mut yours).await;
}

#[tokio::test]
async fn other_rules_are_asked_of_everybody() {
    let (door, dir) = door(|_| {}).await;
    let mut yours = open(&door, YOU).await;
    let mut changed = settings(dir.path());
    changed.required_headers = vec!["x-new".to_owned()];
    put_in_force(&door, &changed);
    ends("let in by other rules", &mut yours).await;
    assert!(
        send(&door, Way::Http1, &GOOD)
            .await
            .is(403, "trusted_proxy_missing_header_x-new")
    );
}

#[tokio::test]
async fn a_new_secret_closes_what_the_old_one_opened() {
    let (door, dir) = door(|_| {}).await;
    let mut yours = open(&door, YOU).await;
    let same = settings(dir.path());
    let new = SECRET.replace('0', "9");
    files::write_private(&dir.path().join("secret"), new.as_bytes()).unwrap();
    put_in_force(&door, &same);
    ends("opened by the old secret", &mut yours).await;
    refused(&door, &GOOD, 403, "trusted_proxy_proof_invalid").await;
    assert_eq!(
        send(&door, Way::Http1, &good_but(&[("x-doorcode-proof", &new)]))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn another_mode_ends_what_the_proxys_word_opened_and_the_other_way_round() {
    let (door, _dir) = door(|_| {}).await;
    let mut yours = open(&door, YOU).await;
    let mut password = door.config.clone();
    password.auth = AuthMode::Password;
    door.gateway.reconfigure(password);
    ends("the proxy no longer decides", &mut yours).await;
    assert!(send(&door, Way::Http1, &GOOD).await.is(401, "not_signed_in"));

    let client = door.signed_in().await;
    let (status, mut signed_in) = client.websocket("/ws", Some(&client.origin())).await;
    assert_eq!(status, 101);
    door.gateway.reconfigure(door.config.clone());
    ends("only the proxy lets people in", &mut signed_in).await;
}

#[tokio::test]
async fn a_mode_without_its_settings_lets_nobody_in() {
    let (door, _dir) = door(|_| {}).await;
    let mut config = door.config.clone();
    config.trusted_proxy = None;
    door.gateway.reconfigure(config);
    refused(&door, &GOOD, 503, "trusted_proxy_not_configured").await;
}

#[tokio::test]
async fn a_weak_or_readable_secret_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    let path = dir.path().join("secret");
    let code = || TrustedProxyConfig::prepare(&settings).unwrap_err().code;
    files::write_private(&path, &SECRET.as_bytes()[1..]).unwrap();
    assert_eq!(code(), "trusted_proxy_secret_weak");
    files::write_private(&path, format!("{SECRET} x").as_bytes()).unwrap();
    assert_eq!(code(), "trusted_proxy_secret_weak");
    files::write_private(&path, SECRET.as_bytes()).unwrap();
    assert!(!format!("{:?}", TrustedProxyConfig::prepare(&settings).unwrap()).contains(SECRET));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(code(), "trusted_proxy_file_unusable");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(code(), "trusted_proxy_file_unusable");
}
