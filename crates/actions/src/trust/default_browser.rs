//! Whether the browser that is about to be opened trusts the host.

use std::process::{Command, Stdio};

use doorcode_settings::{HostName, Paths, Problem, Settings};
use doorcode_trust::{Selection, State, StoreReport};

use super::{HostTrust, trusts};
use crate::blocking;

/// Whose store a browser reads, by a part of its desktop file's name.
const BROWSERS: [(&str, &str); 9] = [
    ("firefox", "firefox"),
    ("chromium", "chromium"),
    ("chrome", "chromium"),
    ("brave", "chromium"),
    ("edge", "chromium"),
    ("vivaldi", "chromium"),
    ("opera", "chromium"),
    ("epiphany", "system"),
    ("konqueror", "system"),
];

/// A warning when the default browser does not trust `host` (the first configured one if none is named). `None` when it
/// does, and when that cannot be told cheaply: no browser is started for it.
///
/// A browser that has seen the host before it trusts it remembers that for a long time, so this comes before opening it.
pub async fn default_browser_warning(paths: &Paths, host: Option<HostName>) -> Option<Problem> {
    let trust = HostTrust::of(paths, host).await.ok()?;
    let file = paths.settings_file.clone();
    let look = move || {
        // Browsers see the proxy's certificate then.
        if Settings::load(&file).is_ok_and(|settings| settings.proxy_in_force().is_some()) {
            return Ok(None);
        }
        let Some((browser, only)) = default_browser() else {
            return Ok(None);
        };
        let report = trust.report(&only);
        Ok((!is_trusted(&report.stores)).then(|| warning(&browser, trust.host())))
    };
    blocking(look).await.ok()?
}

/// Any profile will do: which one the browser opens is not told. What could not be looked at is not called untrusted.
fn is_trusted(stores: &[StoreReport]) -> bool {
    stores.is_empty()
        || stores
            .iter()
            .any(|store| trusts(store) || store.state == State::Unknown)
}

fn warning(browser: &str, host: &HostName) -> Problem {
    Problem::new(
        "browser_does_not_trust",
        format!(
            "{browser} does not trust {host} yet: it will warn, and after a click through the warning previews and notebooks \
             do not work"
        ),
        format!("`doorcode trust install --host {host}`, then close that browser and open it again"),
    )
}

/// The default browser's name, and the stores it reads. Blocking, some milliseconds.
fn default_browser() -> Option<(String, Selection)> {
    if cfg!(target_os = "macos") {
        return Some((
            "the default browser".to_owned(),
            Selection::parse(&["macos"]).ok()?,
        ));
    }
    let output = Command::new("xdg-settings")
        .args(["get", "default-web-browser"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let (name, store) = reads(&String::from_utf8_lossy(&output.stdout))?;
    Some((name, Selection::parse(&[store]).ok()?))
}

fn reads(desktop_file: &str) -> Option<(String, &'static str)> {
    let file = desktop_file.trim().to_ascii_lowercase();
    let (part, store) = BROWSERS.iter().find(|(part, _)| file.contains(part))?;
    let mut name = (*part).to_owned();
    name[..1].make_ascii_uppercase();
    Some((name, store))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_by_its_desktop_file() {
        for (file, expected) in [
            ("firefox-esr.desktop\n", Some(("Firefox", "firefox"))),
            ("firefox_firefox.desktop", Some(("Firefox", "firefox"))),
            ("org.chromium.Chromium.desktop", Some(("Chromium", "chromium"))),
            ("google-chrome.desktop", Some(("Chrome", "chromium"))),
            ("brave-browser.desktop", Some(("Brave", "chromium"))),
            ("org.gnome.Epiphany.desktop", Some(("Epiphany", "system"))),
            ("lynx.desktop", None),
            ("", None),
        ] {
            let found = reads(file);
            let found = found.as_ref().map(|(name, store)| (&**name, *store));
            assert_eq!(found, expected, "{file}");
        }
    }

    #[test]
    fn every_store_that_is_named_exists() {
        for (_, store) in BROWSERS {
            assert!(Selection::parse(&[store]).is_ok(), "{store}");
        }
    }
}
