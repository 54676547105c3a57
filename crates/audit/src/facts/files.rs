//! Files, folders and sockets.

use std::path::PathBuf;

use crate::Fix;

/// Something at a path that matters.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where.
    pub path: PathBuf,
    /// What it is to us, which decides who may do what with it.
    pub role: Role,
    /// What is there; why it could not be looked at.
    pub found: Result<Found, String>,
    /// What would take from others what they may not do; none where nothing is mended by a mode.
    pub fix: Option<Fix>,
}

/// What a place is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A folder of ours: nobody else has business there.
    Folder,
    /// A private key.
    Key,
    /// Some other secret: the password's hash, a proxy's shared secret.
    Secret,
    /// Any other file that we write.
    File,
    /// settings.toml: it names a program that we run. Reading it is harmless; dotfiles are often links.
    Settings,
    /// What decides whom we believe or what we serve, kept by the person: certificates, a client authority, a key set.
    Authority,
    /// Code that the editor runs.
    Program,
    /// A folder above one of the others: who can write there can put something else in its place.
    Above,
}

/// What lies at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What it is; a link is followed only for roles whose files are a person's own.
    pub kind: Kind,
    /// Its permission bits, with set-id and sticky.
    pub mode: u32,
    /// The user it belongs to.
    pub owner: u32,
    /// The group it belongs to.
    pub group: u32,
    /// How many names it has.
    pub names: u64,
}

/// What kind of thing lies somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the kinds are the file system's")]
pub enum Kind {
    File,
    Folder,
    Link,
    Socket,
    Other,
}

/// A unix socket that the gateway listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenSocket {
    /// Where.
    pub path: PathBuf,
    /// Its permission bits.
    pub mode: u32,
    /// Whether every user of this machine can connect: it, and every folder above it, lets them.
    pub open_to_all: bool,
}

/// The file with the secret that a proxy adds to its requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFile {
    /// Where.
    pub path: PathBuf,
    /// The secret's length in bytes, white space around it left out; why it could not be read.
    pub length: Result<usize, String>,
}
