//! What strangers send says nothing of the proxy in front: whoever looks for open doors writes a proxy's headers as well.

use doorcode_tests::{Answer, curl, in_namespace, own_network};

use super::certificates::Pair;
use super::public::{Proxy, behind, door_behind_a_good_proxy, free_port};
use super::*;

/// Asks for `host` at this address, as a proxy's own request would look.
fn ask(door: &Door, url: &str, host: &str) -> Answer {
    let headers = [format!("Host: {host}"), "X-Forwarded-For: 192.0.2.1".to_owned()];
    curl(door, &["--insecure", "-H", &headers[0], "-H", &headers[1], url])
}

#[test]
fn without_a_configured_proxy_several_requests_for_its_upstream_make_the_mistake() {
    let mut door = without_editor();
    door.set_password();
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    let pair = Pair::new(door.home(), "localhost", -1, 90);
    let passing = |host: &str| {
        let answer = format!(
            "proxy_pass https://127.0.0.1:{}; proxy_set_header Host {host}; \
             proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
            door.port()
        );
        let port = free_port();
        (
            Proxy::start(port, &pair, true, &answer),
            format!("https://localhost:{port}/"),
        )
    };

    // One that names its upstream may have been asked by a stray request.
    let (_bad, bad) = passing("doorcode");
    assert_eq!(ask(&door, &bad, "localhost").status, 421);
    assert_eq!(doctor(&door, &[]).codes(), [""; 0]);
    assert_eq!(ask(&door, &bad, "localhost").status, 421);
    assert_named(&door, "host_not_preserved", Bad::Broken);
    // Once one passes on what browsers ask for, somebody comes in.
    let (_good, good) = passing("$http_host");
    let cookie = format!("Cookie: {}", door.sign_in());
    assert_eq!(
        curl(&door, &["--insecure", "-H", &cookie, &good]).status,
        503,
        "the editor is not ready yet"
    );
    assert_well(&door);
    // It also passes on what is tried at its own address.
    for _ in 0..5 {
        assert_eq!(ask(&door, &good, "198.51.100.7").status, 421);
    }
    assert_well(&door);
    assert_eq!(doctor(&door, &[]).codes(), [""; 0]);
}

#[test]
fn beside_a_configured_proxy_nobody_else_makes_its_mistakes() {
    if !in_namespace("strangers::beside_a_configured_proxy_nobody_else_makes_its_mistakes") {
        return;
    }
    own_network(&[]);
    let (door, _proxy, port) = door_behind_a_good_proxy();
    door.write_settings(&behind(&format!("https://localhost:{port}")));
    wait_for_status(&door, "the settings to be in force", |status| {
        status["auth"] == "trusted-proxy"
    });
    assert_well(&door);
    let from = |address: &str| {
        let headers = ["-H", "Host: doorcode", "-H", "X-Forwarded-For: 192.0.2.1"];
        let answer = curl(
            &door,
            &[
                &["--insecure", "--interface", address][..],
                &headers,
                &[&door.url("/")],
            ]
            .concat(),
        );
        assert_eq!(answer.status, 421, "{answer:?}");
    };
    // Somebody else, of whom only that is told: it may be a proxy whose address the settings do not have.
    from("127.0.0.5");
    let report = assert_named(&door, "proxy_not_recognised", Bad::Broken);
    assert_eq!(report.codes(), ["proxy_not_recognised"]);
    // The proxy itself, once.
    from("127.0.0.1");
    assert_named(&door, "host_not_preserved", Bad::Broken);
}
