//! Which package brings a missing program, on each distribution.

use std::fs;

/// What may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Package {
    /// certutil of Mozilla's NSS.
    Certutil,
    /// What keeps the system's own store.
    SystemStore,
}

impl Package {
    /// The command that installs it on this machine, or what to look for where the distribution is not a known one.
    pub(crate) fn install_command(self) -> String {
        let release = fs::read_to_string("/etc/os-release")
            .or_else(|_| fs::read_to_string("/usr/lib/os-release"))
            .unwrap_or_default();
        self.command_on(&release)
    }

    /// As `install_command`, for the system that this os-release(5) describes.
    fn command_on(self, release: &str) -> String {
        let family = identifiers(release)
            .into_iter()
            .find_map(|id| FAMILIES.iter().find(|family| family.ids.contains(&id.as_str())));
        match (family, self) {
            (Some(family), Package::Certutil) => format!("sudo {} {}", family.install, family.certutil),
            (Some(family), Package::SystemStore) => {
                format!("sudo {} {}", family.install, family.system_store)
            }
            (None, Package::Certutil) => {
                "install the package that has NSS's certutil: libnss3-tools, nss-tools, \
                                          mozilla-nss-tools or nss"
                    .to_owned()
            }
            (None, Package::SystemStore) => "install the package ca-certificates".to_owned(),
        }
    }
}

struct Family {
    /// `ID` or `ID_LIKE` in os-release(5).
    ids: &'static [&'static str],
    install: &'static str,
    certutil: &'static str,
    system_store: &'static str,
}

const FAMILIES: [Family; 5] = [
    Family {
        ids: &["debian", "ubuntu"],
        install: "apt install",
        certutil: "libnss3-tools",
        system_store: "ca-certificates",
    },
    Family {
        ids: &["fedora", "rhel", "centos"],
        install: "dnf install",
        certutil: "nss-tools",
        system_store: "ca-certificates",
    },
    Family {
        ids: &["arch", "archlinux"],
        install: "pacman -S",
        certutil: "nss",
        system_store: "ca-certificates-utils",
    },
    Family {
        ids: &["suse", "opensuse"],
        install: "zypper install",
        certutil: "mozilla-nss-tools",
        system_store: "ca-certificates",
    },
    Family {
        ids: &["alpine"],
        install: "apk add",
        certutil: "nss-tools",
        system_store: "ca-certificates",
    },
];

/// `ID`, then what it is like, nearest first.
fn identifiers(release: &str) -> Vec<String> {
    let value = |key: &str| {
        release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim().trim_matches(['"', '\'']))
    };
    [value("ID"), value("ID_LIKE")]
        .into_iter()
        .flatten()
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_distribution_gets_its_own_command() {
        let on = |release: &str| Package::Certutil.command_on(release);
        assert_eq!(on("NAME=x\nID=debian\n"), "sudo apt install libnss3-tools");
        assert_eq!(
            on("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
            "sudo apt install libnss3-tools"
        );
        assert_eq!(on("ID=fedora"), "sudo dnf install nss-tools");
        assert_eq!(
            on("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\""),
            "sudo dnf install nss-tools"
        );
        assert_eq!(on("ID=manjaro\nID_LIKE=arch"), "sudo pacman -S nss");
        assert_eq!(
            on("ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\""),
            "sudo zypper install mozilla-nss-tools"
        );
        assert_eq!(
            Package::SystemStore.command_on("ID=alpine"),
            "sudo apk add ca-certificates"
        );
        assert!(on("ID=nixos").contains("libnss3-tools"));
    }
}
