//! Files by which the proxy in front is believed, changed while the engine runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use doorcode_tests::{Door, curl, wait_for};

/// An editor that says its version and then only waits: who is let in meets the page that stands in for it.
const WAITING: &str = "#!/bin/sh\ncase \" $* \" in *' --version '*) echo 4.139.1 0000000000000000000000000000000000000000 with Code 1.139.1; exit 0;; esac\nexec sleep 1000\n";
const OLD: &str = "0123456789abcdef0123456789abcdef";
const NEW: &str = "fedcba9876543210fedcba9876543210";
const LIMIT: Duration = Duration::from_secs(10);

/// A door behind a proxy that shows the secret in the file `secret`.
fn door() -> Door {
    let mut door = Door::with_script(WAITING);
    let secret = door.path("secret");
    write_private(&secret, OLD);
    door.write_settings(&behind_proxy(&door));
    door.up();
    door.wait_for_state("starting");
    door
}

/// Puts a file in its place that only its owner can read.
fn write_private(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).expect("written");
    fs::set_permissions(&new, Permissions::from_mode(0o600)).expect("set");
    fs::rename(&new, path).expect("replaced");
}

fn behind_proxy(door: &Door) -> String {
    format!(
        "[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\npublic_url = \"https://localhost:{}\"\nproxies = [\"127.0.0.1\"]\n\
         user_header = \"x-user\"\nallow_users = [\"*\"]\nproof = {{ header = \"x-proof\", secret_file = {:?} }}\n",
        door.port(),
        door.path("secret")
    )
}

fn is_let_in(door: &Door, secret: &str) -> bool {
    let proof = format!("x-proof: {secret}");
    let answer = curl(door, &["-4", "-H", "x-user: ada", "-H", &proof, &door.url("/")]);
    assert!([403, 503].contains(&answer.status), "{answer:?}");
    answer.status == 503
}

fn becomes(door: &Door, secret: &str, let_in: bool) {
    let what = format!("{secret} is let in: {let_in}");
    wait_for(&what, LIMIT, || (is_let_in(door, secret) == let_in).then_some(()));
}

/// Nobody touches settings.toml: a secret that has leaked is of no use as soon as another is in its place.
#[test]
fn a_new_secret_counts_and_the_old_one_no_longer() {
    let door = door();
    assert!(is_let_in(&door, OLD) && !is_let_in(&door, NEW));
    write_private(&door.path("secret"), NEW);
    becomes(&door, OLD, false);
    assert!(is_let_in(&door, NEW));
}

/// The mode was refused because of the file, so it is put in force once the file is in order.
#[test]
fn a_secret_that_others_can_read_is_told_until_it_is_in_order() {
    let door = door();
    door.write_settings("[auth]\nmode = \"password\"\n");
    wait_for("the password's turn", LIMIT, || {
        (door.status()["auth"] == "password").then_some(())
    });
    let secret = door.path("secret");
    fs::set_permissions(&secret, Permissions::from_mode(0o644)).expect("set");
    door.write_settings(&behind_proxy(&door));
    let refused = || {
        door.problems()
            .contains(&"trusted_proxy_file_unusable".to_owned())
    };
    wait_for("the problem", LIMIT, || refused().then_some(()));
    assert_eq!(door.status()["auth"], "password", "as it was before");
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).expect("set");
    wait_for("the proxy's turn", LIMIT, || {
        (door.status()["auth"] == "trusted-proxy" && !refused()).then_some(())
    });
    assert!(is_let_in(&door, OLD));
}
