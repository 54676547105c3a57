//! Signing in and out: the form, the limiter, one-time links.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use doorcode_gateway::{SignInMethod, VerifyPassword};
use doorcode_settings::AuthMode;
use http::Method;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, RETRY_AFTER, SET_COOKIE, X_FRAME_OPTIONS};

use crate::support::{Door, PASSWORD, PATIENCE, Setup, eventually};

#[tokio::test]
async fn the_form_works_without_script_and_with_a_password_manager() {
    let door = Door::open(Setup::default()).await;
    let client = door.client();
    let page = client
        .open("/.doorcode/sign-in?to=/%3Ffolder%3D/%22%3E%3Cscript%3E")
        .await;
    assert_eq!(page.status, 200);
    let html = page.text();
    for part in [
        "type=\"password\"",
        "autocomplete=\"current-password\"",
        "autocomplete=\"username\"",
        "<label for=\"password\"",
        "name=\"viewport\"",
        "method=\"post\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(
        html.contains("value=\"/?folder=/&quot;&gt;&lt;script&gt;\"") && !html.contains("<script"),
        "{html}"
    );
    assert!(
        page.header(CONTENT_SECURITY_POLICY)
            .contains("default-src 'none'; style-src 'sha256-")
    );
    assert_eq!(
        (page.header(X_FRAME_OPTIONS), page.header(CACHE_CONTROL)),
        ("DENY", "no-store")
    );

    let head = client.request(Method::HEAD, "/.doorcode/sign-in", &[], "").await;
    assert!(
        head.body.is_empty() && head.header("content-length") != "0",
        "{head:?}"
    );
    assert_eq!(
        client
            .over_h2()
            .request(Method::HEAD, "/.doorcode/sign-in", &[], "")
            .await
            .body
            .len(),
        0
    );
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_the_right_one_leads_on() {
    let door = Door::open(Setup::default()).await;
    let mut client = door.client();
    let opened = client.open("/?folder=/home/me").await;
    assert_eq!(
        (opened.status.as_u16(), opened.location()),
        (302, "/.doorcode/sign-in?to=%2F%3Ffolder%3D%2Fhome%2Fme")
    );

    let wrong = client.sign_in("wrong", "/?folder=/home/me").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains("That is not the password") && wrong.text().contains("aria-invalid"));
    assert!(
        wrong.text().contains("value=\"/?folder=/home/me\""),
        "where to is not forgotten"
    );
    assert!(client.cookie.is_none());

    let right = client.sign_in(PASSWORD, "/?folder=/home/me").await;
    assert_eq!(
        (right.status.as_u16(), right.location()),
        (303, "/?folder=/home/me")
    );
    let cookie = right.header(SET_COOKIE);
    assert!(cookie.starts_with("__Host-doorcode="), "{cookie}");
    assert!(
        cookie.ends_with("; Max-Age=7200; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert_eq!(client.get("/").await.status, 200);
    assert_eq!(client.over_h2().get("/").await.status, 200);
    assert_eq!(
        client.open("/.doorcode/sign-in?to=/x").await.location(),
        "/x",
        "signed in already"
    );
    door.logged(|line| line["code"] == "sign_in_wrong_password" && line["status"] == 401)
        .await;
    let log = std::fs::read_to_string(door.log_path()).unwrap();
    assert!(
        !log.contains("horse") && !log.contains(&client.cookie.unwrap()),
        "{log}"
    );
}

#[tokio::test]
async fn signing_in_leads_nowhere_else() {
    let door = Door::open(Setup::default()).await;
    for to in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "javascript:1",
        "",
    ] {
        assert_eq!(
            door.client().sign_in(PASSWORD, to).await.location(),
            "/",
            "{to:?}"
        );
    }
}

#[tokio::test]
async fn every_sign_in_has_a_token_of_its_own() {
    let door = Door::open(Setup::default()).await;
    let mut client = door.signed_in().await;
    let first = client.cookie.clone();
    client.sign_in(PASSWORD, "/").await;
    assert_ne!(client.cookie, first);
    client.cookie = first;
    assert_eq!(client.get("/").await.status, 401, "the one it replaced is over");
    assert_eq!(door.sessions.list().len(), 1);
}

#[tokio::test]
async fn other_sites_sign_nobody_in() {
    let door = Door::open(Setup::default()).await;
    let form = format!("password={}", PASSWORD.replace(' ', "+").replace('&', "%26"));
    let kind = ("content-type", "application/x-www-form-urlencoded");
    for foreign in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let answer = door
            .client()
            .request(Method::POST, "/.doorcode/sign-in", &[kind, foreign], &form)
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.headers.contains_key(SET_COOKIE)),
            (403, false),
            "{foreign:?}"
        );
    }
    let program = door
        .client()
        .request(Method::POST, "/.doorcode/sign-in", &[kind], &form)
        .await;
    assert_eq!(program.status, 303, "a program has no Origin");
    let json = ("content-type", "application/json");
    assert_eq!(
        door.client()
            .request(Method::POST, "/.doorcode/sign-in", &[json], &form)
            .await
            .status,
        400
    );
    let long = format!("{form}&x={}", "a".repeat(5000));
    assert_eq!(
        door.client()
            .request(Method::POST, "/.doorcode/sign-in", &[kind], &long)
            .await
            .status,
        400
    );
    assert_eq!(
        door.client()
            .request(Method::PUT, "/.doorcode/sign-in", &[kind], &form)
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn too_many_attempts_have_to_wait() {
    let door = Door::open(Setup {
        sign_in_per_minute: 3,
        ..Setup::default()
    })
    .await;
    let mut client = door.client();
    for _ in 0..3 {
        assert_eq!(client.sign_in("wrong", "/").await.status, 401);
    }
    let limited = client.sign_in(PASSWORD, "/").await;
    assert_eq!(limited.status, 429, "also the right one");
    let wait: u64 = limited.header(RETRY_AFTER).parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    door.gateway.reconfigure(door.config.clone());
    assert_eq!(
        client.sign_in(PASSWORD, "/").await.status,
        429,
        "a change of settings forgives nobody"
    );
    let link = door.gateway.mint_link(Duration::from_secs(60), "/");
    assert_eq!(client.open(&link).await.status, 303, "a link is not limited");
}

/// Slow, and watches how many of it run at the same time: each waits for another one, and then a little for a third.
#[derive(Default)]
struct Slow {
    running: AtomicUsize,
    most: AtomicUsize,
}

impl VerifyPassword for Slow {
    fn verify(&self, candidate: &str) -> bool {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        wait_for(|| self.most.load(Ordering::SeqCst) >= 2);
        // The work itself: whoever does not wait for a turn comes within it, and is counted.
        std::thread::sleep(Duration::from_millis(30));
        self.running.fetch_sub(1, Ordering::SeqCst);
        candidate == PASSWORD
    }

    fn is_slow(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn slow_verifications_take_turns() {
    let verifier = Arc::new(Slow::default());
    let door = Door::open(Setup {
        verifier: verifier.clone(),
        ..Setup::default()
    })
    .await;
    let attempts = (0..8).map(|_| {
        let mut client = door.client();
        tokio::spawn(async move { client.sign_in(PASSWORD, "/").await.status })
    });
    for attempt in attempts.collect::<Vec<_>>() {
        assert_eq!(attempt.await.unwrap(), 303);
    }
    assert_eq!(verifier.most.load(Ordering::SeqCst), 2);
}

/// Polls until `condition` holds, on a thread that may block; gives up so that a failing test ends.
fn wait_for(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Lets a verification begin, and end only when it may.
#[derive(Default)]
struct Held {
    begun: AtomicUsize,
    may_end: AtomicUsize,
}

impl VerifyPassword for Held {
    fn verify(&self, candidate: &str) -> bool {
        self.begun.fetch_add(1, Ordering::SeqCst);
        wait_for(|| self.may_end.load(Ordering::SeqCst) > 0);
        candidate == PASSWORD
    }

    fn is_slow(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_password_checked_while_everybody_is_signed_out_lets_nobody_in() {
    let verifier = Arc::new(Held::default());
    let door = Door::open(Setup {
        verifier: verifier.clone(),
        ..Setup::default()
    })
    .await;
    let mut client = door.client();
    let late = tokio::spawn(async move { client.sign_in(PASSWORD, "/x").await });
    eventually("a verification", || verifier.begun.load(Ordering::SeqCst) == 1).await;
    door.sessions.revoke_all();
    verifier.may_end.store(1, Ordering::SeqCst);
    let answer = late.await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.headers.contains_key(SET_COOKIE)),
        (401, false)
    );
    assert!(
        answer.text().contains("value=\"/x\""),
        "the form again: {}",
        answer.text()
    );
    assert!(door.sessions.list().is_empty());
    door.logged(|line| line["code"] == "signed_out_meanwhile").await;
    assert_eq!(door.client().sign_in(PASSWORD, "/").await.status, 303);
}

#[tokio::test]
async fn a_forgotten_link_signs_nobody_in() {
    let door = Door::open(Setup::default()).await;
    let link = door.gateway.mint_link(Duration::from_secs(60), "/");
    door.gateway.forget_links();
    assert_eq!(door.client().open(&link).await.status, 410);
    assert!(door.sessions.list().is_empty());
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    assert!(
        client
            .open("/.doorcode/sign-out")
            .await
            .text()
            .contains("<button"),
        "a link alone signs nobody out"
    );
    let foreign = [("origin", "https://evil.example")];
    assert_eq!(
        client
            .request(Method::POST, "/.doorcode/sign-out", &foreign, "")
            .await
            .status,
        403
    );
    assert_eq!(client.get("/").await.status, 200);

    let origin = client.origin();
    let out = client
        .request(Method::POST, "/.doorcode/sign-out", &[("origin", &origin)], "")
        .await;
    assert_eq!((out.status.as_u16(), out.location()), (303, "/.doorcode/sign-in"));
    assert!(
        out.header(SET_COOKIE).starts_with("__Host-doorcode=; Max-Age=0;"),
        "{out:?}"
    );
    assert_eq!(client.get("/").await.status, 401);
    assert!(door.sessions.list().is_empty());
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let door = Door::open(Setup::default()).await;
    let link = door
        .gateway
        .mint_link(Duration::from_secs(60), "/?folder=/home/me");
    let mut client = door.client();
    assert_eq!(
        client.request(Method::HEAD, &link, &[], "").await.status,
        403,
        "a preview does not use it up"
    );
    assert_eq!(
        client
            .request(Method::GET, &link, &[("sec-purpose", "prefetch;prerender")], "")
            .await
            .status,
        403
    );

    let entered = client.open(&link).await;
    assert_eq!(
        (entered.status.as_u16(), entered.location()),
        (303, "/?folder=/home/me")
    );
    assert_eq!(entered.header("referrer-policy"), "no-referrer");
    client.keep_cookie(&entered);
    assert_eq!(client.get("/").await.status, 200);
    assert_eq!(door.sessions.list()[0].method, SignInMethod::Link);

    let again = door.client().open(&link).await;
    assert_eq!(again.status, 410);
    assert!(again.text().contains("doorcode open"), "{}", again.text());
    let old = door.gateway.mint_link(Duration::ZERO, "/");
    assert_eq!(door.client().open(&old).await.status, 410, "too old");
    assert_eq!(
        door.client().open("/.doorcode/enter?code=guess").await.status,
        410
    );
    assert_eq!(door.client().open("/.doorcode/enter").await.status, 410);
    let hostile = door.gateway.mint_link(Duration::from_secs(60), "//evil.example");
    assert_eq!(door.client().open(&hostile).await.location(), "/");
    door.logged(|line| line["path"] == "/.doorcode/enter").await;
    let log = std::fs::read_to_string(door.log_path()).unwrap();
    assert!(!log.contains("code="), "the log does not sign in: {log}");
}

#[tokio::test]
async fn without_authentication_there_is_nothing_to_sign_in_to() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    assert_eq!(door.client().get("/").await.status, 200);
    assert_eq!(door.client().open("/.doorcode/sign-in").await.location(), "/");
    let posted = door.client().sign_in("whatever", "/").await;
    assert_eq!(
        (posted.location(), posted.headers.contains_key(SET_COOKIE)),
        ("/", false)
    );
    let link = door.gateway.mint_link(Duration::from_secs(60), "/x");
    assert_eq!(door.client().open(&link).await.location(), "/x");
}

#[tokio::test]
async fn own_addresses_never_reach_the_editor() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    for path in [
        "/.doorcode",
        "/.doorcode/",
        "/.doorcode/unknown",
        "/.doorcode/sign-in/x",
    ] {
        assert_eq!(door.client().get(path).await.status, 404, "{path}");
    }
    let origin = door.client().origin();
    assert_eq!(
        door.client()
            .websocket("/.doorcode/sign-in", Some(&origin))
            .await
            .0,
        404
    );
    assert_eq!(door.editor.connections(), 0);
}
