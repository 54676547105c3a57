//! Root's rights over what is nobody else's: namespaces of the test's own, in which it may mount and change addresses.

use std::path::Path;
use std::process::Command;

/// Tells a test that it runs in its namespaces.
const MARK: &str = "DOORCODE_TEST_NAMESPACE";
/// Where Debian's administrators put anchors.
const ANCHORS: &str = "/usr/local/share/ca-certificates";

/// Runs the test called `name` again, in mount, user and network namespaces in which it is root, and gives `false`; there,
/// gives `true`, and the test goes on.
///
/// # Panics
/// When the test fails there, or no test has that name.
pub fn in_namespace(name: &str) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let output = Command::new("unshare")
        .args(["--mount", "--net", "--map-root-user"])
        .arg(std::env::current_exe().expect("a test has a path"))
        .args(["--exact", name, "--nocapture"])
        .env(MARK, "1")
        .output()
        .expect("unshare is installed");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "no test is called {name}: {text}");
    false
}

/// Gives this network namespace the loopback addresses, and `more`.
pub fn own_network(more: &[&str]) {
    as_root("ip", &["link", "set", "lo", "up"]);
    for address in more {
        as_root("ip", &["address", "add", address, "dev", "lo"]);
    }
}

/// Gives this mount namespace a system store of its own, with a copy of what is in the machine's; the copy is in `folder`.
pub fn own_system_store(folder: &Path) {
    let copy = folder.join("system-certificates");
    let copy = copy.to_str().expect("a path in UTF-8");
    as_root("cp", &["--archive", "/etc/ssl/certs", copy]);
    as_root("mount", &["--bind", copy, "/etc/ssl/certs"]);
    as_root("mount", &["-t", "tmpfs", "tmpfs", ANCHORS]);
    // Other programs' hooks, Java's for one, write elsewhere.
    as_root(
        "mount",
        &["-t", "tmpfs", "tmpfs", "/etc/ca-certificates/update.d"],
    );
    as_root("update-ca-certificates", &["--fresh"]);
}

/// Gives this mount namespace an /etc/hosts of its own, by which each of `names` is this machine.
pub fn own_host_names(folder: &Path, names: &[&str]) {
    let file = folder.join("hosts");
    let text = format!("127.0.0.1 localhost {}\n::1 localhost\n", names.join(" "));
    std::fs::write(&file, text).expect("written");
    as_root(
        "mount",
        &["--bind", file.to_str().expect("a path in UTF-8"), "/etc/hosts"],
    );
}

/// Runs a program that changes this test's namespaces.
///
/// # Panics
/// When it fails.
pub fn as_root(program: &str, args: &[&str]) {
    let output = Command::new(program)
        .args(args)
        .output()
        .unwrap_or_else(|error| panic!("{program} is installed: {error}"));
    assert!(output.status.success(), "{program} {args:?}: {output:?}");
}
