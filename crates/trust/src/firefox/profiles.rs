//! The profiles of Firefox's family: where they are, and what people call them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::client::Client;
use crate::places::Places;

/// A profile, with the browser that opens it.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) dir: PathBuf,
    /// Unlike that of any other profile: the folder's name, with a number where two have the same.
    pub(super) id: String,
    /// `Firefox` or `LibreWolf`.
    pub(super) family: &'static str,
    name: String,
    sandbox: Option<&'static str>,
    pub(super) client: Option<Client>,
}

impl Profile {
    /// Such as `Firefox (default-esr)`.
    pub(super) fn title(&self) -> String {
        match self.sandbox {
            Some(sandbox) => format!("{} ({}, {sandbox})", self.family, self.name),
            None => format!("{} ({})", self.family, self.name),
        }
    }
}

/// All profiles, of all browsers of the family.
pub(super) fn profiles(places: &Places) -> Vec<Profile> {
    let mut seen = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let mut profiles = Vec::new();
    for family in FAMILY {
        for ground in family.grounds(places) {
            for (dir, name) in folders(&ground.root) {
                if !seen.insert(dir.canonicalize().unwrap_or_else(|_| dir.clone())) {
                    continue;
                }
                profiles.push(Profile {
                    id: unlike(&mut ids, &dir),
                    dir,
                    family: family.name,
                    name,
                    sandbox: ground.sandbox,
                    client: ground.client.clone(),
                });
            }
        }
    }
    profiles
}

/// Browsers that are installed and have no profile anywhere.
pub(super) fn never_started(places: &Places) -> Vec<&'static str> {
    let unused = |family: &&Family| {
        let grounds = family.grounds(places);
        grounds.iter().any(|ground| ground.client.is_some())
            && grounds.iter().all(|ground| folders(&ground.root).is_empty())
    };
    FAMILY.iter().filter(unused).map(|family| family.name).collect()
}

struct Family {
    name: &'static str,
    programs: &'static [&'static str],
    /// Below the home folder, before version 147.
    old: &'static str,
    /// Below the XDG configuration folder, since.
    xdg: &'static str,
    snap: Option<&'static str>,
    flatpak: &'static str,
}

const FAMILY: [Family; 2] = [
    Family {
        name: "Firefox",
        programs: &[
            "firefox",
            "firefox-esr",
            "firefox-developer-edition",
            "firefox-nightly",
        ],
        old: ".mozilla/firefox",
        xdg: "mozilla/firefox",
        snap: Some("firefox"),
        flatpak: "org.mozilla.firefox",
    },
    Family {
        name: "LibreWolf",
        programs: &["librewolf"],
        old: ".librewolf",
        xdg: "librewolf/librewolf",
        snap: None,
        flatpak: "io.gitlab.librewolf-community",
    },
];

/// A folder in which profiles lie.
struct Ground {
    root: PathBuf,
    sandbox: Option<&'static str>,
    client: Option<Client>,
}

impl Family {
    fn grounds(&self, places: &Places) -> Vec<Ground> {
        let mut grounds = Vec::new();
        let mut pair = |home: &Path, config: &Path, sandbox, client: Option<Client>| {
            for root in [home.join(self.old), config.join(self.xdg)] {
                grounds.push(Ground {
                    root,
                    sandbox,
                    client: client.clone(),
                });
            }
        };
        let own = Client::program(places, self.name, self.programs);
        pair(&places.home, &places.config_home, None, own);
        if let Some(name) = self.snap {
            let home = places.home.join("snap").join(name).join("common");
            pair(
                &home,
                &home.join(".config"),
                Some("snap"),
                Client::snap(places, self.name, name),
            );
        }
        let home = places.home.join(".var/app").join(self.flatpak);
        let client = Client::flatpak(places, self.name, self.flatpak);
        pair(&home, &home.join("config"), Some("Flatpak"), client);
        grounds
    }
}

/// The profiles below `root` with their names: those that `profiles.ini` lists, then folders with a database that it does not.
fn folders(root: &Path) -> Vec<(PathBuf, String)> {
    let list = fs::read_to_string(root.join("profiles.ini")).unwrap_or_default();
    let mut found: Vec<(PathBuf, String)> = listed(root, &list)
        .into_iter()
        .filter(|(dir, _)| dir.is_dir())
        .collect();
    let mut others: Vec<PathBuf> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|dir| dir.join("cert9.db").is_file() && !found.iter().any(|(known, _)| known == dir))
        .collect();
    others.sort();
    found.extend(others.into_iter().map(|dir| {
        let name = folder_name(&dir);
        (dir, name)
    }));
    found
}

/// The `[Profile…]` sections of `profiles.ini`.
fn listed(root: &Path, list: &str) -> Vec<(PathBuf, String)> {
    let mut profiles = Vec::new();
    for section in list.split("\n[").map(|section| section.trim_start_matches('[')) {
        let value = |key: &str| {
            section
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
                .map(str::trim)
        };
        let (true, Some(path)) = (section.starts_with("Profile"), value("Path")) else {
            continue;
        };
        let relative = value("IsRelative") != Some("0");
        let dir = if relative {
            root.join(path)
        } else {
            PathBuf::from(path)
        };
        let name = value("Name").map_or_else(|| folder_name(&dir), str::to_owned);
        profiles.push((dir, name));
    }
    profiles
}

fn folder_name(dir: &Path) -> String {
    dir.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn unlike(taken: &mut BTreeSet<String>, dir: &Path) -> String {
    let name = folder_name(dir);
    let candidates = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}-{number}")));
    let free = candidates.into_iter().find(|id| taken.insert(id.clone()));
    free.expect("there are numbers without end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_where_the_list_says() {
        let list = "[Install4F96D1932A9F858E]\nDefault=abc.default-esr\nLocked=1\n\n\
                    [Profile1]\nName=default\nIsRelative=1\nPath=xyz.default\nDefault=1\n\n\
                    [Profile0]\nName=work\nIsRelative=0\nPath=/srv/profile\n\n[General]\nVersion=2\n";
        let expected = [("/f/xyz.default", "default"), ("/srv/profile", "work")];
        let expected = expected.map(|(dir, name)| (PathBuf::from(dir), name.to_owned()));
        assert_eq!(listed(Path::new("/f"), list), expected);
    }
}
