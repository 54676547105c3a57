//! A person's home of its own, a person who answers, and a door that serves a host's certificate.

mod door;
mod nss;
mod person;

use std::ffi::OsString;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use doorcode_certs::CertStore;
use doorcode_settings::HostName;
use doorcode_trust::{Places, Root, Selection, State, StoreReport, Subject, TrustReport};
use tempfile::TempDir;

pub(crate) use door::Door;
pub(crate) use nss::{certutil, foreign_root, list, new_database};
pub(crate) use person::Person;

/// A home with nothing in it, and certificates of its own.
pub(crate) struct Home {
    pub(crate) dir: TempDir,
    pub(crate) places: Places,
    pub(crate) certs: CertStore,
}

impl Home {
    /// All programs of this machine are found from it.
    pub(crate) fn new() -> Home {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let home = dir.path().join("home");
        std::fs::create_dir(&home).expect("a home");
        Home {
            places: Places {
                config_home: home.join(".config"),
                data_home: home.join(".local/share"),
                path: std::env::var_os("PATH").expect("a PATH"),
                session: Vec::new(),
                home,
            },
            certs: CertStore::new(dir.path().join("certs")),
            dir,
        }
    }

    /// Only these programs are found from it, besides those in the folders of system programs.
    pub(crate) fn with_programs(programs: &[&str]) -> Home {
        let mut home = Home::new();
        let bin = home.bin();
        let all = std::mem::replace(&mut home.places.path, bin.into());
        for program in programs {
            let found = std::env::split_paths(&all)
                .map(|folder| folder.join(program))
                .find(|file| file.is_file())
                .unwrap_or_else(|| panic!("{program} is installed"));
            symlink(found, home.bin().join(program)).expect("a link");
        }
        home
    }

    /// A program of the test's own, found before all others.
    pub(crate) fn script(&mut self, name: &str, text: &str) -> PathBuf {
        let file = self.bin().join(name);
        std::fs::write(&file, text).expect("written");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).expect("ours");
        let mut path = OsString::from(self.bin());
        path.push(":");
        path.push(&self.places.path);
        self.places.path = path;
        file
    }

    fn bin(&self) -> PathBuf {
        let bin = self.dir.path().join("bin");
        std::fs::create_dir_all(&bin).expect("a folder");
        bin
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.places.home.join(relative)
    }

    /// A certificate for `host`, and its root.
    pub(crate) fn root(&self, host: &str) -> Root {
        let host: HostName = host.parse().expect("a host");
        self.certs.ensure(&host).expect("a certificate");
        Root::of(&self.certs, &host).expect("its root")
    }

    /// A Firefox profile as `profiles.ini` in `ground` lists it; its database is empty.
    pub(crate) fn firefox_profile(&self, ground: &str, name: &str) -> PathBuf {
        let ground = self.path(ground);
        let dir = ground.join(format!("abcdefgh.{name}"));
        new_database(&dir);
        let list = ground.join("profiles.ini");
        let mut text = std::fs::read_to_string(&list).unwrap_or_default();
        let number = text.matches("[Profile").count();
        text.push_str(&format!(
            "[Profile{number}]\nName={name}\nIsRelative=1\nPath=abcdefgh.{name}\n\n"
        ));
        std::fs::write(list, text).expect("written");
        dir
    }

    pub(crate) fn report(&self, root: &Root, only: &str) -> TrustReport {
        doorcode_trust::report(
            &self.places,
            &subject(root, "https://localhost/"),
            &selection(only),
        )
    }

    pub(crate) fn install(&self, root: &Root, only: &str, url: &str, person: &Person) -> TrustReport {
        doorcode_trust::install(&self.places, &subject(root, url), &selection(only), person)
    }

    pub(crate) fn verify(&self, root: &Root, only: &str, url: &str) -> TrustReport {
        let nobody = Person::silent();
        doorcode_trust::verify(&self.places, &subject(root, url), &selection(only), &nobody)
    }

    pub(crate) fn remove(&self, root: &Root, only: &str, person: &Person) -> TrustReport {
        doorcode_trust::remove(
            &self.places,
            &subject(root, "https://localhost/"),
            &selection(only),
            person,
        )
    }
}

/// Where nothing listens: for tests that need no proof.
pub(crate) const NO_DOOR: &str = "https://127.0.0.1:1/";

pub(crate) fn selection(only: &str) -> Selection {
    match only {
        "" => Selection::all(),
        name => Selection::parse(&[name]).expect("a store"),
    }
}

fn subject<'a>(root: &'a Root, url: &'a str) -> Subject<'a> {
    Subject {
        root,
        known: std::slice::from_ref(root),
        url,
    }
}

/// The report of the one store.
pub(crate) fn one(report: &TrustReport) -> &StoreReport {
    let [store] = &report.stores[..] else {
        panic!("{} stores: {report:#?}", report.stores.len())
    };
    store
}

pub(crate) fn states(report: &TrustReport) -> Vec<(String, State)> {
    let stores = report.stores.iter();
    stores.map(|store| (store.id.to_string(), store.state)).collect()
}

pub(crate) fn code(store: &StoreReport) -> &str {
    store.problem.as_ref().map_or("", |problem| &problem.code)
}

/// Every file below `dir` with its content.
pub(crate) fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = std::fs::read(&path).expect("readable");
                found.push((path, content));
            }
        }
    }
    found.sort();
    found
}
