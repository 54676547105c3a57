//! Where browsers of Chromium's family look for their database, and which of them are here.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::client::Client;
use crate::places::Places;

/// The first version that looks into the XDG data folder where the old place does not exist.
const XDG_SINCE: u32 = 146;
/// How long a browser may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(10);

/// A home folder as a group of browsers sees it: the person's own, or one inside a sandbox.
pub(super) struct Home {
    /// Part of the store's name; none for the person's own home.
    pub(super) name: Option<&'static str>,
    /// What kind of sandbox it is.
    pub(super) sandbox: Option<&'static str>,
    home: PathBuf,
    data_home: PathBuf,
    pub(super) browsers: Vec<Browser>,
    /// Whether one of them is too old for the new place; asked once.
    any_old: OnceLock<bool>,
}

/// A browser with its settings' folder.
pub(super) struct Browser {
    pub(super) client: Client,
    pub(super) config: PathBuf,
}

impl Home {
    /// The database's folder, if there is one: a browser uses the old place as soon as that folder exists, so that making it
    /// would take away what is in the new one.
    pub(super) fn existing(&self) -> Option<PathBuf> {
        [self.old_place(), self.new_place()]
            .into_iter()
            .find(|place| place.is_dir())
    }

    /// Where the browsers look, or will look once it exists.
    pub(super) fn database(&self, places: &Places) -> PathBuf {
        self.existing().unwrap_or_else(|| {
            let old = |browser: &Browser| {
                version(places, &browser.client).is_some_and(|version| version < XDG_SINCE)
            };
            if *self.any_old.get_or_init(|| self.browsers.iter().any(old)) {
                self.old_place()
            } else {
                self.new_place()
            }
        })
    }

    fn old_place(&self) -> PathBuf {
        self.home.join(".pki/nssdb")
    }

    fn new_place(&self) -> PathBuf {
        self.data_home.join("pki/nssdb")
    }
}

/// The person's own home first, then those of snaps and Flatpak applications.
pub(super) fn homes(places: &Places) -> Vec<Home> {
    let own = Home {
        name: None,
        sandbox: None,
        home: places.home.clone(),
        data_home: places.data_home.clone(),
        browsers: FAMILY
            .iter()
            .filter_map(|member| member.program(places))
            .collect(),
        any_old: OnceLock::new(),
    };
    let snaps = FAMILY.iter().filter_map(|member| member.snap_home(places));
    let flatpaks = FAMILY.iter().filter_map(|member| member.flatpak_home(places));
    [own].into_iter().chain(snaps).chain(flatpaks).collect()
}

/// A member of the family.
struct Member {
    name: &'static str,
    programs: &'static [&'static str],
    /// Its settings' folder, in the XDG configuration folder.
    config: &'static str,
    snap: Option<Snap>,
    flatpak: &'static str,
}

struct Snap {
    name: &'static str,
    store: &'static str,
    /// Its settings' folder, in `~/snap/NAME`.
    config: &'static str,
}

const FAMILY: [Member; 5] = [
    Member {
        name: "Chromium",
        programs: &["chromium", "chromium-browser"],
        config: "chromium",
        snap: Some(Snap {
            name: "chromium",
            store: "snap.chromium",
            config: "common/chromium",
        }),
        flatpak: "org.chromium.Chromium",
    },
    Member {
        name: "Google Chrome",
        programs: &["google-chrome-stable", "google-chrome"],
        config: "google-chrome",
        snap: None,
        flatpak: "com.google.Chrome",
    },
    Member {
        name: "Brave",
        programs: &["brave-browser", "brave"],
        config: "BraveSoftware/Brave-Browser",
        snap: Some(Snap {
            name: "brave",
            store: "snap.brave",
            config: "current/.config/BraveSoftware/Brave-Browser",
        }),
        flatpak: "com.brave.Browser",
    },
    Member {
        name: "Microsoft Edge",
        programs: &["microsoft-edge-stable", "microsoft-edge"],
        config: "microsoft-edge",
        snap: None,
        flatpak: "com.microsoft.Edge",
    },
    Member {
        name: "Vivaldi",
        programs: &["vivaldi-stable", "vivaldi"],
        config: "vivaldi",
        snap: None,
        flatpak: "com.vivaldi.Vivaldi",
    },
];

impl Member {
    fn program(&self, places: &Places) -> Option<Browser> {
        Some(Browser {
            client: Client::program(places, self.name, self.programs)?,
            config: places.config_home.join(self.config),
        })
    }

    /// A snap has its home folder to itself: `~/snap/NAME/current`.
    fn snap_home(&self, places: &Places) -> Option<Home> {
        let snap = self.snap.as_ref()?;
        let base = places.home.join("snap").join(snap.name);
        let client = Client::snap(places, self.name, snap.name);
        let browser = client.map(|client| Browser {
            client,
            config: base.join(snap.config),
        });
        sandbox(snap.store, "snap", &base.join("current"), ".local/share", browser)
    }

    /// A Flatpak application keeps `.pki` and its XDG folders in `~/.var/app/ID`.
    fn flatpak_home(&self, places: &Places) -> Option<Home> {
        let base = places.home.join(".var/app").join(self.flatpak);
        let client = Client::flatpak(places, self.name, self.flatpak);
        let browser = client.map(|client| Browser {
            client,
            config: base.join("config").join(self.config),
        });
        sandbox(self.flatpak, "Flatpak", &base, "data", browser)
    }
}

/// `None` where the sandbox has never been used: its folders are its own to make.
fn sandbox(
    name: &'static str,
    sandbox: &'static str,
    home: &Path,
    data: &str,
    browser: Option<Browser>,
) -> Option<Home> {
    home.is_dir().then(|| Home {
        name: Some(name),
        sandbox: Some(sandbox),
        home: home.to_owned(),
        data_home: home.join(data),
        browsers: browser.into_iter().collect(),
        any_old: OnceLock::new(),
    })
}

/// The first number of what `--version` says, such as 156 of `Chromium 156.0.8078.79`.
fn version(places: &Places, client: &Client) -> Option<u32> {
    let ran = client.tool(places, VERSION_LIMIT).arg("--version").run().ok()?;
    let word = ran
        .stdout
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    word.split('.').next()?.parse().ok()
}
