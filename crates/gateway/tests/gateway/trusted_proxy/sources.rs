//! Whose connection it is, and the proof that the request is the proxy's.

use doorcode_settings::trusted_proxy::Proof;

use super::{GOOD, SECRET, YOU, admitted, door, good_but, refused};

#[tokio::test]
async fn what_the_proxy_sends_is_let_through() {
    let (door, _dir) = door(|_| {}).await;
    admitted(&door, &GOOD).await;
    let line = door.logged(|line| line["user"] == YOU).await;
    assert_eq!(line["client"], "127.0.0.1");
    let text = std::fs::read_to_string(door.log_path()).unwrap();
    assert!(!text.contains(SECRET), "{text}");
}

#[tokio::test]
async fn another_address_is_no_proxy_whatever_it_says() {
    let (door, _dir) = door(|settings| settings.proxies = vec!["10.0.0.1/32".parse().unwrap()]).await;
    refused(&door, &GOOD, 403, "trusted_proxy_untrusted_source").await;
    for lie in ["x-forwarded-for", "x-real-ip", "forwarded"] {
        let headers = good_but(&[(lie, "10.0.0.1")]);
        refused(&door, &headers, 403, "trusted_proxy_untrusted_source").await;
    }
}

#[tokio::test]
async fn a_range_does_not_make_a_proxy_of_this_machine() {
    // 127.0.0.1 lies in it, as would an address of an interface.
    let (door, _dir) = door(|settings| settings.proxies = vec!["64.0.0.0/2".parse().unwrap()]).await;
    refused(&door, &GOOD, 403, "trusted_proxy_untrusted_source").await;
}

#[tokio::test]
async fn the_secret_is_exact_and_there() {
    let (door, _dir) = door(|_| {}).await;
    for wrong in [
        "",
        "x",
        &SECRET[1..],
        &format!("{SECRET}x"),
        &SECRET.to_uppercase(),
    ] {
        refused(
            &door,
            &good_but(&[("x-doorcode-proof", wrong)]),
            403,
            "trusted_proxy_proof_invalid",
        )
        .await;
    }
}

#[tokio::test]
async fn without_a_proof_the_address_alone_is_believed_only_in_so_many_words() {
    let (door, _dir) = door(|settings| settings.proof = Proof::AddressOnly).await;
    admitted(&door, &good_but(&[("x-doorcode-proof", "")])).await;
}

#[tokio::test]
async fn what_came_in_from_outside_of_what_the_proxy_guards_is_refused() {
    let (door, _dir) = door(|settings| settings.refused_headers = &["tailscale-funnel-request"]).await;
    admitted(&door, &GOOD).await;
    let headers = good_but(&[("tailscale-funnel-request", "?1")]);
    refused(&door, &headers, 403, "trusted_proxy_untrusted_source").await;
}

#[tokio::test]
async fn what_the_proxy_must_say_is_required() {
    let (door, _dir) =
        door(|settings| settings.required_headers = vec!["x-forwarded-proto".to_owned()]).await;
    admitted(&door, &good_but(&[("x-forwarded-proto", "https")])).await;
    refused(
        &door,
        &GOOD,
        403,
        "trusted_proxy_missing_header_x-forwarded-proto",
    )
    .await;
}
