//! Every probe by name, in the order in which they are told, and what each needs.

use crate::report::Chain;

/// A place in a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Which.
    pub id: LinkId,
    /// The chain it belongs to.
    pub chain: Chain,
    /// What people call it.
    pub title: &'static str,
    /// The links without which it says nothing.
    pub after: &'static [LinkId],
}

/// The name of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "LINKS has a title for each")]
pub enum LinkId {
    Settings,
    CodeServer,
    Port,
    Clock,
    Disk,
    Memory,
    Keyring,
    EditorProcess,
    EditorSocket,
    EditorAnswer,
    EditorPage,
    EditorWebSocket,
    Listening,
    HostNames,
    Tls,
    Redirect,
    SignIn,
    DoorWebSocket,
    Refusals,
    Browsers,
    PublicName,
    PublicConnection,
    PublicTls,
    PublicAnswer,
    PublicSignIn,
    PublicHost,
    PublicIdentity,
    PublicWebSocket,
}

impl LinkId {
    /// The stable name in `doctor --json`.
    pub fn as_str(self) -> &'static str {
        match self {
            LinkId::Settings => "settings",
            LinkId::CodeServer => "code-server",
            LinkId::Port => "port",
            LinkId::Clock => "clock",
            LinkId::Disk => "disk",
            LinkId::Memory => "memory",
            LinkId::Keyring => "keyring",
            LinkId::EditorProcess => "editor-process",
            LinkId::EditorSocket => "editor-socket",
            LinkId::EditorAnswer => "editor-answer",
            LinkId::EditorPage => "editor-page",
            LinkId::EditorWebSocket => "editor-websocket",
            LinkId::Listening => "listening",
            LinkId::HostNames => "host-names",
            LinkId::Tls => "tls",
            LinkId::Redirect => "redirect",
            LinkId::SignIn => "sign-in",
            LinkId::DoorWebSocket => "door-websocket",
            LinkId::Refusals => "refusals",
            LinkId::Browsers => "browsers",
            LinkId::PublicName => "public-name",
            LinkId::PublicConnection => "public-connection",
            LinkId::PublicTls => "public-tls",
            LinkId::PublicAnswer => "public-answer",
            LinkId::PublicSignIn => "public-sign-in",
            LinkId::PublicHost => "public-host",
            LinkId::PublicIdentity => "public-identity",
            LinkId::PublicWebSocket => "public-websocket",
        }
    }
}

/// All of them. A cause earlier in this list is mended before a later one of the same severity: it may be what the later
/// one comes from.
pub const LINKS: &[Link] = &{
    use Chain::{Door, Editor, Machine, Public, Trust};
    use LinkId as L;
    const fn link(id: L, chain: Chain, title: &'static str, after: &'static [L]) -> Link {
        Link {
            id,
            chain,
            title,
            after,
        }
    }
    [
        link(L::Settings, Machine, "Settings", &[]),
        link(L::Clock, Machine, "Clock", &[]),
        link(L::Disk, Machine, "Disk space", &[]),
        link(L::Memory, Machine, "Memory", &[]),
        link(L::Keyring, Machine, "Keyring", &[]),
        link(L::CodeServer, Machine, "code-server", &[]),
        link(L::Port, Machine, "Port", &[]),
        link(L::EditorProcess, Editor, "Process", &[]),
        link(L::EditorSocket, Editor, "Socket", &[L::EditorProcess]),
        link(L::EditorAnswer, Editor, "Answer", &[L::EditorSocket]),
        link(L::EditorPage, Editor, "First page", &[L::EditorAnswer]),
        link(L::EditorWebSocket, Editor, "WebSocket", &[L::EditorAnswer]),
        link(L::Listening, Door, "Listening", &[]),
        link(L::HostNames, Door, "Host names", &[L::Listening]),
        link(L::Tls, Door, "Certificates", &[L::Listening]),
        link(L::Redirect, Door, "http to https", &[L::Tls]),
        link(L::SignIn, Door, "Sign-in asked for", &[L::Tls]),
        link(L::DoorWebSocket, Door, "WebSocket", &[L::SignIn]),
        link(L::Refusals, Door, "Requests let in", &[L::SignIn]),
        link(L::Browsers, Trust, "Browsers", &[L::Tls]),
        link(L::PublicName, Public, "Name", &[]),
        link(L::PublicConnection, Public, "Connection", &[L::PublicName]),
        link(L::PublicTls, Public, "Certificate", &[L::PublicConnection]),
        link(L::PublicAnswer, Public, "Answer", &[L::PublicTls, L::Tls]),
        link(L::PublicSignIn, Public, "Sign-in", &[L::PublicAnswer]),
        link(L::PublicHost, Public, "Host and Origin", &[L::PublicAnswer]),
        link(L::PublicIdentity, Public, "Identity", &[L::PublicHost]),
        link(L::PublicWebSocket, Public, "WebSocket", &[L::PublicHost]),
    ]
};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_link_stands_behind_what_it_needs_and_its_chain_is_in_one_piece() {
        let mut seen = HashSet::new();
        let mut chain = Chain::Machine;
        for link in LINKS {
            assert!(link.chain >= chain, "{link:?}");
            chain = link.chain;
            assert!(link.after.iter().all(|needed| seen.contains(needed)), "{link:?}");
            assert!(seen.insert(link.id), "{link:?} is there twice");
        }
    }

    #[test]
    fn the_names_are_kebab_case_and_unique() {
        let names: HashSet<&str> = LINKS.iter().map(|link| link.id.as_str()).collect();
        assert_eq!(names.len(), LINKS.len());
        for name in names {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
        }
    }
}
