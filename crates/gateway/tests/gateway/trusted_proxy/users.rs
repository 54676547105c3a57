//! Whom the proxy names.

use doorcode_settings::trusted_proxy::{AllowUsers, UserShape};

use super::{GOOD, admitted, door, good_but, refused};

#[tokio::test]
async fn one_name_of_the_right_shape() {
    let (door, _dir) = door(|settings| settings.allow_users = AllowUsers::Everyone).await;
    admitted(&door, &GOOD).await;
    admitted(
        &door,
        &good_but(&[("x-forwarded-user", "Someone+Else@Example.COM")]),
    )
    .await;
    let long = format!("{}@example.com", "a".repeat(250));
    for (user, code) in [
        ("", "trusted_proxy_user_missing"),
        ("a@x, b@x", "trusted_proxy_user_ambiguous"),
        ("a@x,", "trusted_proxy_user_ambiguous"),
        ("a@x@evil", "trusted_proxy_user_invalid"),
        ("a b@x", "trusted_proxy_user_invalid"),
        ("\u{430}@x", "trusted_proxy_user_invalid"),
        ("\u{212a}@x", "trusted_proxy_user_invalid"),
        ("nobody", "trusted_proxy_user_invalid"),
        (&long, "trusted_proxy_user_invalid"),
    ] {
        let status = if user.is_empty() { 401 } else { 403 };
        refused(&door, &good_but(&[("x-forwarded-user", user)]), status, code).await;
    }
}

#[tokio::test]
async fn only_those_on_the_list_come_in() {
    let (door, _dir) = door(|_| {}).await;
    admitted(&door, &good_but(&[("x-forwarded-user", "YOU@example.com")])).await;
    for user in [
        "you@example.co",
        "you@example.com.evil.example",
        "other@example.com",
    ] {
        refused(
            &door,
            &good_but(&[("x-forwarded-user", user)]),
            403,
            "trusted_proxy_user_not_allowed",
        )
        .await;
    }
    let line = door
        .logged(|line| line["code"] == "trusted_proxy_user_not_allowed")
        .await;
    assert_eq!(line["user"], "you@example.co", "whom to add");
}

#[tokio::test]
async fn an_empty_list_lets_nobody_in() {
    let (door, _dir) = door(|settings| settings.allow_users = AllowUsers::These(Vec::new())).await;
    refused(&door, &GOOD, 403, "trusted_proxy_user_not_allowed").await;
}

#[tokio::test]
async fn a_login_needs_no_at() {
    let (door, _dir) = door(|settings| {
        settings.user_shape = UserShape::Login;
        settings.allow_users = AllowUsers::These(vec!["ada".to_owned()]);
    })
    .await;
    admitted(&door, &good_but(&[("x-forwarded-user", "Ada")])).await;
    refused(
        &door,
        &good_but(&[("x-forwarded-user", "ada lovelace")]),
        403,
        "trusted_proxy_user_invalid",
    )
    .await;
}

/// Caddy 2.6 sends the placeholder itself when the auth service names nobody.
#[tokio::test]
async fn a_placeholder_that_was_not_filled_in_is_nobody() {
    let (door, _dir) = door(|settings| {
        settings.user_shape = UserShape::Login;
        settings.allow_users = AllowUsers::Everyone;
    })
    .await;
    let placeholder = "{http.reverse_proxy.header.x-auth-request-email}";
    refused(
        &door,
        &good_but(&[("x-forwarded-user", placeholder)]),
        403,
        "trusted_proxy_user_invalid",
    )
    .await;
    assert!(door.sessions.list().is_empty());
}
