//! trusted_proxy.

use std::time::Duration;

use doorcode_settings::trusted_proxy::{Algorithm, AllowUsers, Assertion, KeySource, Preset, Proof};
use doorcode_settings::{AuthMode, Problem};

use super::{Case, listen, proxy, settings};
use crate::{Facts, KeysAnswer, ListenSocket, SecretFile};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "trusted_proxy.in_use",
        fires: |facts| {
            proxy(facts);
        },
        silent: |facts| {
            proxy(facts);
            settings(facts).auth.mode = AuthMode::Password;
        },
        says: "caddy from 127.0.0.1/32, proof header, lets in 1 user at https://code.example.com",
    },
    Case {
        id: "trusted_proxy.incomplete",
        fires: |facts| refused(facts, "trusted_proxy_incomplete"),
        silent: |facts| refused(facts, "settings_value"),
        says: "auth.trusted_proxy.proxies",
    },
    Case {
        id: "trusted_proxy.address_only",
        fires: |facts| proxy(facts).proof = Proof::AddressOnly,
        silent: |facts| {
            proxy(facts);
        },
        says: "whatever comes from 127.0.0.1/32",
    },
    Case {
        id: "trusted_proxy.assertion_unverified",
        fires: |facts| proxy(facts).preset = Preset::Pomerium,
        silent: |facts| {
            let proxy = proxy(facts);
            (proxy.preset, proxy.proof) = (Preset::Pomerium, assertion(300));
        },
        says: "preset pomerium signs, and proof is header",
    },
    Case {
        id: "trusted_proxy.everyone",
        fires: |facts| proxy(facts).allow_users = AllowUsers::Everyone,
        silent: |facts| {
            proxy(facts);
        },
        says: "\"*\"",
    },
    Case {
        id: "trusted_proxy.broad_range",
        fires: |facts| from(facts, "10.0.0.0/23"),
        silent: |facts| from(facts, "10.0.0.0/24"),
        says: "10.0.0.0/23",
    },
    Case {
        id: "trusted_proxy.broad_range",
        fires: |facts| from(facts, "fd00::/63"),
        silent: |facts| from(facts, "fd00::/64"),
        says: "fd00::/63",
    },
    Case {
        id: "trusted_proxy.public_range",
        fires: |facts| from(facts, "203.0.113.9/32"),
        silent: |facts| {
            from(facts, "203.0.113.9/32");
            settings(facts).auth.trusted_proxy.as_mut().expect("set").proof = assertion(300);
        },
        says: "203.0.113.9/32",
    },
    Case {
        id: "trusted_proxy.public_range",
        fires: |facts| from(facts, "172.16.0.0/11"),
        silent: |facts| from(facts, "172.16.0.0/12"),
        says: "172.16.0.0/11",
    },
    Case {
        id: "trusted_proxy.direct_path",
        fires: |facts| {
            proxy(facts);
            listen(facts, &["0.0.0.0:8443"]);
        },
        silent: |facts| {
            from(facts, "10.0.0.1/32");
            listen(facts, &["0.0.0.0:8443"]);
        },
        says: "0.0.0.0:8443",
    },
    Case {
        id: "trusted_proxy.socket_open",
        fires: |facts| {
            proxy(facts).proof = Proof::UnixSocket;
            socket(facts, true);
        },
        silent: |facts| {
            proxy(facts).proof = Proof::UnixSocket;
            socket(facts, false);
        },
        says: "/run/door has mode 0666",
    },
    Case {
        id: "trusted_proxy.socket_open",
        fires: |facts| {
            proxy(facts).proof = Proof::UnixSocket;
            socket(facts, true);
        },
        silent: |facts| {
            proxy(facts);
            socket(facts, true);
        },
        says: "/run/door",
    },
    Case {
        id: "trusted_proxy.secret_short",
        fires: |facts| secret(facts, Ok(31)),
        silent: |facts| secret(facts, Ok(32)),
        says: "/secret holds 31 bytes",
    },
    Case {
        id: "trusted_proxy.secret_short",
        fires: |facts| secret(facts, Err("not there".to_owned())),
        silent: |facts| secret(facts, Ok(4000)),
        says: "/secret cannot be read: not there",
    },
    Case {
        id: "trusted_proxy.keys_unreachable",
        fires: |facts| keys(facts, Err("timed out".to_owned()), 0),
        silent: |facts| keys(facts, Ok(Some(1)), 0),
        says: "https://idp.example/keys: timed out",
    },
    Case {
        id: "trusted_proxy.keys_unreachable",
        fires: |facts| keys(facts, Ok(Some(0)), 0),
        silent: |facts| keys(facts, Ok(None), 0),
        says: "no key",
    },
    Case {
        id: "trusted_proxy.clock_skew",
        fires: |facts| keys(facts, Ok(Some(1)), -31),
        silent: |facts| keys(facts, Ok(Some(1)), -30),
        says: "31 s behind https://idp.example/keys",
    },
    Case {
        id: "trusted_proxy.clock_skew",
        fires: |facts| keys(facts, Ok(Some(1)), 31),
        silent: |facts| keys(facts, Ok(Some(1)), 30),
        says: "31 s ahead of",
    },
    Case {
        id: "trusted_proxy.long_statement",
        fires: |facts| proxy(facts).proof = assertion(25 * 3600),
        silent: |facts| proxy(facts).proof = assertion(24 * 3600),
        says: "25 h",
    },
    Case {
        id: "trusted_proxy.long_websocket",
        fires: |facts| proxy(facts).websocket_hours = 25,
        silent: |facts| proxy(facts).websocket_hours = 24,
        says: "25",
    },
];

fn refused(facts: &mut Facts, code: &str) {
    let message =
        "auth.mode cannot be \"trusted-proxy\" yet: auth.trusted_proxy.proxies: where it connects from";
    facts.settings = Err(Problem::new(code, message, ""));
}

fn from(facts: &mut Facts, range: &str) {
    proxy(facts).proxies = vec![range.parse().expect("a range")];
}

fn assertion(seconds: u64) -> Proof {
    Proof::Assertion(Box::new(Assertion {
        header: "x-assertion".to_owned(),
        keys: KeySource::File("/keys".into()),
        issuer: vec!["code.example.com".to_owned()],
        audience: "code.example.com".to_owned(),
        algorithms: vec![Algorithm::Es256],
        user_claim: "email".to_owned(),
        max_age: Duration::from_secs(seconds),
        signer: None,
    }))
}

fn socket(facts: &mut Facts, open_to_all: bool) {
    facts.listen_sockets.push(ListenSocket {
        path: "/run/door".into(),
        mode: 0o666,
        open_to_all,
    });
}

fn secret(facts: &mut Facts, length: Result<usize, String>) {
    facts.proxy_secret = Some(SecretFile {
        path: "/secret".into(),
        length,
    });
}

fn keys(facts: &mut Facts, keys: Result<Option<usize>, String>, ahead: i64) {
    facts.keys = Some(KeysAnswer {
        url: "https://idp.example/keys".to_owned(),
        keys,
        clock_ahead: Some(time::Duration::seconds(ahead)),
    });
}
