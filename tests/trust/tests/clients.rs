//! Names and addresses, and everybody who asks: refused before, accepted after `doorcode trust install`, refused again after
//! `doorcode trust remove`.

use doorcode_tests::in_namespace;
use doorcode_trust_tests::{Client, World};

const NODE_24_AT_V6: &str = "Cert does not contain a DNS name";

const HOSTS: [&str; 5] = ["localhost", "my.dev.local", "127.0.0.1", "::1", "192.168.77.10"];

#[test]
fn every_client_refuses_before_accepts_after_and_refuses_again() {
    if !in_namespace("every_client_refuses_before_accepts_after_and_refuses_again") {
        return;
    }
    let world = World::new(&HOSTS);
    world.firefox_profile();
    for host in HOSTS {
        nobody_takes(&world, host, "before");
    }
    for host in HOSTS {
        let stores = world.stores("install", host);
        let states: Vec<(&str, &str)> = stores
            .iter()
            .map(|(store, state, _)| (&**store, &**state))
            .collect();
        let trusted = ["chromium", "firefox", "system"].map(|store| (store, "trusted"));
        assert_eq!(states, trusted, "{host}: {stores:?}");
    }
    for host in HOSTS {
        for client in Client::OF_THE_SYSTEM {
            let verdict = client.open(&world, &world.page(host));
            // Node 24 finds ::1 in nobody's certificate; that is after it has accepted who issued it.
            let by_name_only = client == Client::Node && verdict.output.contains(NODE_24_AT_V6);
            assert!(
                verdict.accepted || host == "::1" && by_name_only,
                "{client:?} at {host}: {}",
                verdict.output
            );
        }
    }
    for host in HOSTS {
        let stores = world.stores("remove", host);
        assert!(
            stores.iter().all(|(_, state, _)| state == "not-trusted"),
            "{host}: {stores:?}"
        );
    }
    for host in HOSTS {
        nobody_takes(&world, host, "after");
    }
    let left = world.trust(&["status", "--json"]);
    assert!(left.stdout.contains("\"leftovers\": []"), "{left:?}");
}

fn nobody_takes(world: &World, host: &str, when: &str) {
    for (store, state, detail) in world.stores("verify", host) {
        let error = match &*store {
            "chromium" => "Chromium: ERR_CERT_AUTHORITY_INVALID",
            "firefox" => "Firefox: SEC_ERROR_UNKNOWN_ISSUER",
            _ => "UnknownIssuer",
        };
        assert!(
            state == "not-trusted" && detail.contains(error),
            "{when}, {host}: {store} is {state}, {detail}"
        );
    }
    for client in Client::OF_THE_SYSTEM {
        let verdict = client.open(world, &world.page(host));
        let about_the_certificate =
            verdict.output.to_lowercase().contains("certificate") || verdict.output.contains("refused: ");
        assert!(
            !verdict.accepted && about_the_certificate,
            "{when}, {client:?} at {host}: {}",
            verdict.output
        );
    }
}
