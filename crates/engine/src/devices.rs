//! The devices that have passed a check of a host; in a file, across engines.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use doorcode_certs::{CertError, CertStore};
use doorcode_gateway::{CheckView, Visitor};
use doorcode_settings::{HostName, Paths, Problem, Settings, Tls, files};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Devices remembered; beyond, the one that was checked longest ago goes.
const MOST: usize = 100;

/// A device, and whether what it proved still holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Device {
    /// What the device was when it was checked.
    #[serde(flatten)]
    pub proof: Proof,
    /// What is known of its trust in the host now.
    pub trust: DeviceTrust,
}

/// What is known of a device's trust in a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum DeviceTrust {
    /// It trusts the root that the host has.
    Proven,
    /// The editor works there, with the root that the host has; its browser does not tell trust from an exception that
    /// somebody made.
    Unproven,
    /// The host has another root than when the device was checked.
    Lost,
}

/// What a device showed when it passed a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Proof {
    /// A short name for it.
    pub id: String,
    /// Its browser and system, as it named itself.
    pub name: String,
    /// The address it came from.
    pub client: String,
    /// The host that it was checked with.
    pub host: HostName,
    /// SHA-256 of the root that the host had, `AA:BB:…`; none where a certificate of one's own was served.
    pub fingerprint: Option<String>,
    /// Whether it showed that it trusts the certificate, and not only that the editor works. Unknown of devices noted by
    /// versions that did not keep it, and so not taken for shown.
    #[serde(default)]
    pub proven: bool,
    /// When it was checked last.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub verified_at: OffsetDateTime,
}

/// The root that a host has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// Its SHA-256.
    Own(String),
    /// A certificate authority's, which devices trust anyway.
    Foreign,
    /// The host is not served.
    None,
}

/// Remembers them.
#[derive(Debug)]
pub(crate) struct Devices {
    file: PathBuf,
    proofs: Vec<Proof>,
}

impl Devices {
    /// Reads `file`. One that cannot be used is set aside, and the problem says so. Blocking.
    pub(crate) fn open(file: PathBuf) -> (Devices, Option<Problem>) {
        let (proofs, problem) = match read(&file) {
            Ok(proofs) => (proofs, None),
            Err(reason) => (Vec::new(), Some(set_aside(&file, &reason))),
        };
        (Devices { file, proofs }, problem)
    }

    /// Notes `visitor`, whose `check` has just passed, with the `root` that the host has. The same browser on the same
    /// machine keeps its id.
    pub(crate) fn note(&mut self, check: CheckView, visitor: Visitor, root: Root) {
        let fingerprint = match root {
            Root::Own(fingerprint) => Some(fingerprint),
            Root::Foreign => None,
            Root::None => return,
        };
        let proven = check.proves_trust();
        let (host, Visitor { name, client }) = (check.host, visitor);
        let known = self
            .proofs
            .iter()
            .position(|known| known.name == name && known.client == client && known.host == host);
        let id = known.map_or(check.id, |index| self.proofs.remove(index).id);
        let proof = Proof {
            id,
            name,
            client,
            host,
            fingerprint,
            proven,
            verified_at: OffsetDateTime::now_utc(),
        };
        self.proofs.insert(0, proof);
        self.proofs.truncate(MOST);
    }

    /// Forgets one.
    ///
    /// # Errors
    /// `device_unknown`.
    pub(crate) fn forget(&mut self, id: &str) -> Result<(), Problem> {
        let found = self.proofs.iter().position(|known| known.id == id);
        let index = found.ok_or_else(|| {
            Problem::new(
                "device_unknown",
                format!("there is no device {id}"),
                "doorcode trust devices",
            )
        })?;
        self.proofs.remove(index);
        Ok(())
    }

    /// The one checked last first.
    pub(crate) fn list(&self, root: impl Fn(&HostName) -> Root) -> Vec<Device> {
        self.proofs
            .iter()
            .map(|proof| {
                let holds = match root(&proof.host) {
                    Root::Own(now) => proof.fingerprint.as_ref() == Some(&now),
                    Root::Foreign => true,
                    Root::None => false,
                };
                Device {
                    trust: match (holds, proof.proven) {
                        (true, true) => DeviceTrust::Proven,
                        (true, false) => DeviceTrust::Unproven,
                        (false, _) => DeviceTrust::Lost,
                    },
                    proof: proof.clone(),
                }
            })
            .collect()
    }

    /// What has to be written where for the file to say what is known now.
    pub(crate) fn to_save(&self) -> (PathBuf, Vec<Proof>) {
        (self.file.clone(), self.proofs.clone())
    }
}

/// Writes the file. Blocking.
pub(crate) fn save(file: &Path, proofs: &[Proof]) -> Result<(), Problem> {
    let written = serde_json::to_vec(proofs)
        .map_err(std::io::Error::from)
        .and_then(|json| files::write_private(file, &json));
    written.map_err(|error| {
        let folder = file.parent().unwrap_or(file);
        Problem::new(
            "devices_not_saved",
            format!(
                "{} cannot be written: {error}; after a restart of the engine this device is not listed as it is now",
                file.display()
            ),
            format!("df -h '{0}'; ls -ld '{0}'", folder.display()),
        )
    })
}

/// The devices as the files say, for when no engine runs. Blocking.
///
/// # Errors
/// `devices_unreadable` when the file is there and cannot be used.
pub fn devices_on_disk(paths: &Paths, settings: &Settings) -> Result<Vec<Device>, Problem> {
    let file = paths.devices_file();
    let proofs = read(&file).map_err(|reason| unreadable(&file, &reason, ""))?;
    let store = CertStore::new(paths.certs_dir());
    let devices = Devices { file, proofs };
    Ok(devices.list(|host| root_on_disk(&store, settings, host)))
}

/// Forgets a device in the file, for when no engine runs; the caller holds the engine's lock. Blocking.
///
/// # Errors
/// `device_unknown`, `devices_unreadable` and `devices_not_saved`.
pub fn forget_device_on_disk(paths: &Paths, id: &str) -> Result<(), Problem> {
    let file = paths.devices_file();
    let proofs = read(&file).map_err(|reason| unreadable(&file, &reason, ""))?;
    let mut devices = Devices { file, proofs };
    devices.forget(id)?;
    save(&devices.file, &devices.proofs)
}

fn root_on_disk(store: &CertStore, settings: &Settings, host: &HostName) -> Root {
    if !settings.gateway.hosts.contains(host) {
        return Root::None;
    }
    if settings.tls != Tls::SelfSigned {
        return Root::Foreign;
    }
    match store.show(host) {
        Ok(certificate) => certificate.root_fingerprint.map_or(Root::None, Root::Own),
        Err(CertError::Missing { .. }) | Err(_) => Root::None,
    }
}

fn read(file: &Path) -> Result<Vec<Proof>, String> {
    match files::read_private(file) {
        Ok(json) => serde_json::from_slice(&json).map_err(|error| error.to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.to_string()),
    }
}

fn set_aside(file: &Path, reason: &str) -> Problem {
    let mut aside = file.as_os_str().to_owned();
    aside.push(".corrupt");
    let aside = PathBuf::from(aside);
    let kept = match std::fs::rename(file, &aside) {
        Ok(()) => format!("; no device is known now; it is kept as {}", aside.display()),
        Err(error) => format!("; setting it aside failed: {error}"),
    };
    unreadable(file, reason, &kept)
}

fn unreadable(file: &Path, reason: &str, kept: &str) -> Problem {
    Problem::new(
        "devices_unreadable",
        format!("{} cannot be used: {reason}{kept}", file.display()),
        "check the devices again: doorcode trust devices --add",
    )
}

#[cfg(test)]
mod tests {
    use doorcode_gateway::{CheckState, Outcome, Test, TestId};

    use super::DeviceTrust::{Lost, Proven, Unproven};
    use super::*;

    fn check(id: &str, host: &str, certificate: Outcome) -> CheckView {
        CheckView {
            id: id.to_owned(),
            host: host.parse().expect("a host"),
            state: CheckState::Passed,
            tests: vec![Test {
                id: TestId::Certificate,
                outcome: certificate,
                detail: String::new(),
            }],
            visitor: Some(phone()),
            other_readers: Vec::new(),
        }
    }

    fn phone() -> Visitor {
        Visitor {
            name: "Safari 19 on iPhone".to_owned(),
            client: "192.168.1.23".to_owned(),
        }
    }

    fn own(fingerprint: &str) -> Root {
        Root::Own(fingerprint.to_owned())
    }

    fn open(dir: &tempfile::TempDir) -> (Devices, Option<Problem>) {
        Devices::open(dir.path().join("devices.json"))
    }

    fn trust(devices: &Devices, root: Root) -> Vec<DeviceTrust> {
        let list = devices.list(|_| root.clone());
        list.iter().map(|device| device.trust).collect()
    }

    #[test]
    fn a_device_is_known_across_engines_and_once() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut devices, problem) = open(&dir);
        assert_eq!(problem, None);
        devices.note(check("one", "code.test", Outcome::Passed), phone(), own("AA"));
        devices.note(check("two", "other.test", Outcome::Passed), phone(), own("CC"));
        devices.note(check("three", "code.test", Outcome::Passed), phone(), own("BB"));
        let (file, proofs) = devices.to_save();
        save(&file, &proofs).expect("saved");
        let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().expect("written"));
        assert_eq!(mode & 0o777, 0o600);

        let (again, problem) = open(&dir);
        assert_eq!(problem, None);
        let list = again.list(|_| own("BB"));
        let ids: Vec<(&str, DeviceTrust)> = list
            .iter()
            .map(|device| (&*device.proof.id, device.trust))
            .collect();
        assert_eq!(
            ids,
            [("one", Proven), ("two", Lost)],
            "the id stays, the proof is the last one"
        );
    }

    #[test]
    fn a_device_loses_trust_with_the_root_it_was_checked_with() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut devices, _) = open(&dir);
        devices.note(check("one", "code.test", Outcome::Passed), phone(), own("AA"));
        assert_eq!(trust(&devices, own("AA")), [Proven]);
        assert_eq!(trust(&devices, own("BB")), [Lost]);
        assert_eq!(trust(&devices, Root::None), [Lost]);
        assert_eq!(trust(&devices, Root::Foreign), [Proven]);
        devices.note(check("two", "code.test", Outcome::Passed), phone(), Root::Foreign);
        assert_eq!(
            trust(&devices, own("AA")),
            [Lost],
            "it proved nothing about a root of ours"
        );
    }

    #[test]
    fn a_device_whose_browser_does_not_tell_works_and_is_not_called_trusted() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut devices, _) = open(&dir);
        devices.note(check("one", "code.test", Outcome::Missing), phone(), own("AA"));
        assert_eq!(trust(&devices, own("AA")), [Unproven]);
        assert_eq!(trust(&devices, own("BB")), [Lost]);
        let (file, proofs) = devices.to_save();
        save(&file, &proofs).expect("saved");
        assert_eq!(trust(&open(&dir).0, own("AA")), [Unproven], "across engines");

        // A file of before this was kept.
        let json = serde_json::to_string(&proofs).expect("JSON");
        let before = json.replace("\"proven\":false,", "");
        assert_ne!(before, json);
        files::write_private(&file, before.as_bytes()).expect("written");
        assert_eq!(trust(&open(&dir).0, own("AA")), [Unproven]);

        devices.note(check("two", "code.test", Outcome::Passed), phone(), own("AA"));
        assert_eq!(trust(&devices, own("AA")), [Proven], "once it is known for sure");
    }

    #[test]
    fn a_device_is_forgotten_once() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut devices, _) = open(&dir);
        devices.note(check("one", "code.test", Outcome::Passed), phone(), own("AA"));
        assert_eq!(devices.forget("two").expect_err("refused").code, "device_unknown");
        assert_eq!(devices.forget("one"), Ok(()));
        assert!(devices.forget("one").is_err());
    }

    #[test]
    fn a_file_that_cannot_be_used_is_set_aside() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("devices.json");
        files::write_private(&file, b"not JSON").expect("written");
        let (devices, problem) = open(&dir);
        assert_eq!(problem.expect("said").code, "devices_unreadable");
        assert!(devices.list(|_| own("AA")).is_empty() && !file.exists());
        assert!(dir.path().join("devices.json.corrupt").exists());
    }

    #[test]
    fn the_number_of_devices_is_bounded() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut devices, _) = open(&dir);
        for number in 0..MOST + 5 {
            let visitor = Visitor {
                client: number.to_string(),
                ..phone()
            };
            devices.note(
                check(&number.to_string(), "code.test", Outcome::Passed),
                visitor,
                own("AA"),
            );
        }
        let list = devices.list(|_| own("AA"));
        assert_eq!((list.len(), &*list[0].proof.id), (MOST, "104"));
    }
}
