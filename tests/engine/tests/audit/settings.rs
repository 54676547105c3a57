//! What settings.toml says.

use std::collections::BTreeSet;
use std::fs;

use crate::{SOUND, audit, door, findings, ids, mode, run, set};

#[test]
fn each_weak_setting_is_found() {
    let door = door();
    for (settings, ids, word) in [
        (
            "[auth]\nmode = \"none\"\nnone_beyond_loopback = true\n[gateway]\nlisten = [\"0.0.0.0:8443\"]\n",
            &["exposure.open_to_network", "exposure.beyond_loopback"][..],
            "0.0.0.0:8443",
        ),
        (
            "[auth]\nmode = \"none\"\n",
            &["exposure.open_to_this_machine"],
            "none",
        ),
        ("[ports]\nallow = [3000]\n", &["exposure.ports_shown"], "3000"),
        (
            "[limits]\nsign_in_per_minute = 100\n",
            &["auth.many_attempts"],
            "100",
        ),
        (
            "[sessions]\nidle = \"7d\"\nabsolute = \"200d\"\n",
            &["sessions.long_lived"],
            "200",
        ),
        (
            "[gateway]\nhosts = [\"a.nip.io\"]\n",
            &["origin.strangers_beside"],
            "nip.io",
        ),
        (
            "[editor]\nargs = [\"--disable-workspace-trust\"]\n",
            &["editor.workspace_trust_off"],
            "trust",
        ),
        ("[gateway]\nhosts = 3\n", &["settings.refused"], "gateway.hosts"),
        (
            "[tls]\nmode = \"custom\"\ncert = \"/nonexistent/c.pem\"\nkey = \"/nonexistent/k.pem\"\n",
            &["tls.certificate_unusable"],
            "/nonexistent/c.pem",
        ),
    ] {
        door.write_settings_file(settings);
        let (report, code) = audit(&door, &[]);
        let own: Vec<_> = findings(&report);
        let found: BTreeSet<&str> = { own.iter() }
            .map(|(id, _)| id.as_str())
            // Whether this machine has a public address is none of the test's business.
            .filter(|id| ![SOUND[0], "exposure.public_address"].contains(id))
            .collect();
        assert_eq!(found, ids.iter().copied().collect(), "{settings}: {report:#}");
        let first = own.iter().find(|(id, _)| id == ids[0]).expect("just seen");
        assert!(first.1.contains(word), "{first:?}");
        assert!(code > 0, "{report:#}");
    }
}

#[test]
fn a_proxy_is_always_reported_and_each_weakness_of_it() {
    let door = door();
    let secret = door.path("secret");
    fs::write(&secret, "x".repeat(32)).expect("written");
    set(&secret, 0o600);
    let sound = format!(
        "preset = \"caddy\"\npublic_url = \"https://code.example.com\"\nproxies = [\"127.0.0.1\"]\nallow_users = [\"you@example.com\"]\n\
         proof = {{ header = \"x-doorcode-proof\", secret_file = {secret:?} }}\n"
    );
    let with = |change: &dyn Fn(&str) -> String, listen: &str| {
        let mut table = String::new();
        for line in sound.lines() {
            table.push_str(&change(line));
            table.push('\n');
        }
        door.write_settings_file(&format!(
            "[gateway]\nlisten = [{listen:?}]\nhosts = [\"code.example.com\"]\n[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\n{table}"
        ));
    };
    let replaced = |key: &'static str, value: &'static str| {
        move |line: &str| match line.starts_with(key) {
            true => format!("{key} = {value}"),
            false => line.to_owned(),
        }
    };
    let here = "127.0.0.1:8443";
    let found = |expected: &[&str]| {
        let (report, code) = audit(&door, &[]);
        assert_eq!(
            ids(&report),
            expected.iter().map(|id| (*id).to_owned()).collect(),
            "{report:#}"
        );
        code
    };
    with(&str::to_owned, here);
    assert_eq!(found(&["trusted_proxy.in_use"]), 0);
    with(&replaced("allow_users", "[\"*\"]"), here);
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.everyone"]), 1);
    with(&replaced("proof", "\"address-only\""), here);
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.address_only"]), 2);
    with(&replaced("proxies", "[\"10.0.0.0/8\"]"), here);
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.broad_range"]), 1);
    with(&replaced("proxies", "[\"203.0.113.7\"]"), here);
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.public_range"]), 1);
    with(&replaced("preset", "\"authentik\""), here);
    assert_eq!(
        found(&["trusted_proxy.in_use", "trusted_proxy.assertion_unverified"]),
        1
    );
    with(&replaced("proxies", "[]"), here);
    assert_eq!(found(&["trusted_proxy.incomplete"]), 2);
    with(&replaced("allow_users", "[]"), here);
    assert_eq!(found(&["trusted_proxy.incomplete"]), 2);
    with(&str::to_owned, "192.168.0.1:8443");
    assert_eq!(
        found(&[
            "trusted_proxy.in_use",
            "trusted_proxy.direct_path",
            "exposure.beyond_loopback"
        ]),
        1
    );
    with(&str::to_owned, here);
    fs::write(&secret, "short").expect("written");
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.secret_short"]), 2);
    fs::write(&secret, "x".repeat(32)).expect("written");
    set(&secret, 0o644);
    assert_eq!(found(&["trusted_proxy.in_use", "permissions.secret_readable"]), 2);
    let (told, code) = run(&door, &["--fix"]);
    assert_eq!(
        (mode(&secret), code),
        (0o644, 2),
        "it may be the proxy's too: {told}"
    );
}
