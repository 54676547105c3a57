//! Root's rights over files that are nobody else's: a mount namespace of the test's own.

use std::process::Command;

const MARK: &str = "DOORCODE_TEST_NAMESPACE";

/// Runs the test called `name` again, in namespaces in which it is root and may mount, and gives `false`; there, gives
/// `true`, and the test goes on.
pub(crate) fn in_namespace(name: &str) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user"])
        .arg(std::env::current_exe().expect("this program"))
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
