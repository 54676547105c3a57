//! The store against good, bad and meddled-with files.

mod bad_pairs;
mod commands;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use doorcode_settings::{HostName, Problem};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use super::{CertStore, Ensured, Outcome};
use crate::shape;

/// A store in a folder of its own, with the two files of one host at hand.
struct Fixture {
    _folder: TempDir,
    store: CertStore,
    host: HostName,
    cert: PathBuf,
    key: PathBuf,
}

impl Fixture {
    fn empty(host: &str) -> Fixture {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("certs");
        let host = named(host);
        let file = |end: &str| dir.join(format!("{}{end}", host.file_stem()));
        Fixture {
            cert: file(".crt"),
            key: file(".key"),
            store: CertStore::new(dir),
            host,
            _folder: folder,
        }
    }

    fn issued() -> Fixture {
        let fixture = Fixture::empty("my.dev.local");
        assert_eq!(fixture.ensure().outcome, Outcome::Issued);
        fixture
    }

    /// A pair that was issued `age` ago.
    fn aged(age: Duration) -> Fixture {
        let fixture = Fixture::issued();
        let old = shape::issue(&fixture.host, OffsetDateTime::now_utc() - age).expect("issued");
        fs::write(&fixture.cert, &old.certificates).expect("written");
        fs::write(&fixture.key, old.key.as_bytes()).expect("written");
        fixture
    }

    fn ensure(&self) -> Ensured {
        self.store.ensure(&self.host).expect("a pair to serve")
    }

    fn dir(&self) -> &Path {
        self.cert.parent().expect("it is in a folder")
    }

    /// Every file of the folder with its contents; a folder or a pipe counts as empty.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut paths: Vec<_> = fs::read_dir(self.dir())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        let contents = |path: &Path| {
            if path.is_file() {
                fs::read(path).expect("readable")
            } else {
                Vec::new()
            }
        };
        paths
            .into_iter()
            .map(|path| (path.clone(), contents(&path)))
            .collect()
    }

    /// The pair is refused with `code`, and nothing in the folder changes.
    fn assert_refused(&self, code: &str) -> Problem {
        let before = self.files();
        let error = self.store.ensure(&self.host).expect_err("it must not be served");
        let problem = Problem::from(&error);
        assert_eq!(problem.code, code, "{problem}");
        assert_eq!(self.files(), before, "a refused pair is left alone");
        problem
    }

    /// The pair is replaced for a reason that contains `reason`, and `kept` survive under other names.
    fn assert_replaced(&self, reason: &str, kept: &[&[u8]]) {
        let ensured = self.ensure();
        let Outcome::Replaced {
            reason: given,
            backup,
        } = ensured.outcome
        else {
            panic!("not replaced: {:?}", ensured.outcome);
        };
        assert!(given.contains(reason), "{given}");
        assert!(backup.exists(), "{}", backup.display());
        let files = self.files();
        for contents in kept {
            let is_backup = |path: &Path| path.to_string_lossy().contains(".bak-20");
            assert!(
                files
                    .iter()
                    .any(|(path, found)| is_backup(path) && found == contents),
                "the old is kept"
            );
        }
        assert_eq!(
            self.ensure().outcome,
            Outcome::Reused,
            "the new pair is a good one"
        );
    }
}

fn named(host: &str) -> HostName {
    host.parse().expect("a host name")
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}
