//! How the families of distributions keep their store.

use std::path::Path;

use crate::places::Places;

/// Where anchors go, and how the rest of the system hears of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// The folder for an administrator's own anchors.
    pub(super) anchors: &'static str,
    /// What files there have to end in.
    pub(super) extension: &'static str,
    /// The program that has to be there.
    pub(super) tool: &'static str,
    /// Takes an addition over.
    pub(super) update: &'static str,
    /// Takes a removal over.
    pub(super) update_after_removal: &'static str,
    /// What programs read.
    pub(super) bundle: &'static str,
    /// Whether p11-kit's trust module reads the same anchors.
    pub(super) p11_kit: bool,
}

/// The first whose folder is there; Debian's stands last, because its folder can exist anywhere.
const LAYOUTS: [Layout; 4] = [
    // Fedora, RHEL
    Layout {
        anchors: "/etc/pki/ca-trust/source/anchors",
        extension: "pem",
        tool: "update-ca-trust",
        update: "update-ca-trust extract",
        update_after_removal: "update-ca-trust extract",
        bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        p11_kit: true,
    },
    // openSUSE
    Layout {
        anchors: "/etc/pki/trust/anchors",
        extension: "pem",
        tool: "update-ca-certificates",
        update: "update-ca-certificates",
        update_after_removal: "update-ca-certificates",
        bundle: "/var/lib/ca-certificates/ca-bundle.pem",
        p11_kit: true,
    },
    // Arch
    Layout {
        anchors: "/etc/ca-certificates/trust-source/anchors",
        extension: "crt",
        tool: "trust",
        update: "trust extract-compat",
        update_after_removal: "trust extract-compat",
        bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        p11_kit: true,
    },
    // Debian, Ubuntu, Alpine
    Layout {
        anchors: "/usr/local/share/ca-certificates",
        extension: "crt",
        tool: "update-ca-certificates",
        update: "update-ca-certificates",
        // Without it the removed one's link stays.
        update_after_removal: "update-ca-certificates --fresh",
        bundle: "/etc/ssl/certs/ca-certificates.crt",
        p11_kit: false,
    },
];

impl Layout {
    pub(super) fn find(places: &Places) -> Option<Layout> {
        let there = |layout: &&Layout| Path::new(layout.anchors).is_dir();
        let found = LAYOUTS.iter().find(there).copied();
        // Debian's folder comes with no package: what takes it over is enough.
        let debian = LAYOUTS[LAYOUTS.len() - 1];
        found.or_else(|| places.program(debian.tool).map(|_| debian))
    }
}
