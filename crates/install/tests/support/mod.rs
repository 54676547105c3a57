//! Fake code-servers, archives of them, and a server to fetch them from.

// Each test file uses a part of this.
#![allow(dead_code)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;

use doorcode_install::{CodeServer, InstallError, Source, Version, install};
use doorcode_settings::Program;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

/// A folder that goes with the test. Its path has no links in it: results can be compared with it.
pub(crate) struct Folder(tempfile::TempDir, PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().canonicalize().expect("it exists");
        Folder(folder, path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.1
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.1.join(name)
    }

    /// Writes an executable script, with the folders above it.
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let file = self.file(name, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("made executable");
        file
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.join(name);
        fs::create_dir_all(file.parent().expect("it has one")).expect("created");
        fs::write(&file, text).expect("written");
        file
    }
}

/// What a code-server of this version prints.
pub(crate) fn says(version: &str) -> String {
    format!("echo '{version} 53c2f3253bcf with Code 1.139.1'")
}

pub(crate) fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

/// An entry of an archive.
pub(crate) enum Part<'a> {
    Script(&'a str, String),
    File(&'a str, Vec<u8>),
    Folder(&'a str),
    Symlink(&'a str, &'a str),
    HardLink(&'a str, &'a str),
    Other(&'a str, EntryType),
}

/// A `.tar.gz` with these entries, names as given, however evil.
pub(crate) fn archive(parts: &[Part<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for part in parts {
        let (name, kind, mode, contents, target) = match part {
            Part::Script(name, text) => (
                name,
                EntryType::Regular,
                0o755,
                format!("#!/bin/sh\n{text}\n").into_bytes(),
                "",
            ),
            Part::File(name, contents) => (name, EntryType::Regular, 0o644, contents.clone(), ""),
            Part::Folder(name) => (name, EntryType::Directory, 0o755, Vec::new(), ""),
            Part::Symlink(name, target) => (name, EntryType::Symlink, 0o777, Vec::new(), *target),
            Part::HardLink(name, target) => (name, EntryType::Link, 0o644, Vec::new(), *target),
            Part::Other(name, kind) => (name, *kind, 0o644, Vec::new(), ""),
        };
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(contents.len() as u64);
        // Written as bytes: the builder's own methods refuse evil names.
        let fields = header.as_gnu_mut().expect("it is one");
        fields.name[..name.len()].copy_from_slice(name.as_bytes());
        fields.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        builder
            .append(&header, contents.as_slice())
            .expect("written to memory");
    }
    builder
        .into_inner()
        .and_then(GzEncoder::finish)
        .expect("written to memory")
}

/// A release whose `bin/code-server` says this version; with a file that does not compress, so that it has
/// some size.
pub(crate) fn release(version: &str) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let noise = std::iter::repeat_with(|| {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    archive(&[
        Part::Folder("code-server-x/"),
        Part::Script("code-server-x/bin/code-server", says(version)),
        Part::Script("code-server-x/bin/wait", "read line".to_owned()),
        Part::File(
            "code-server-x/lib/noise",
            noise.take(64 * 1024).flatten().collect(),
        ),
        Part::Symlink("code-server-x/lib/vscode/bin/code", "../../noise"),
        Part::HardLink("code-server-x/lib/noise-again", "code-server-x/lib/noise"),
    ])
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Installs these bytes from a file, with their own sum.
pub(crate) async fn install_bytes(folder: &Folder, bytes: &[u8]) -> Result<CodeServer, InstallError> {
    let file = folder.join("archive.tar.gz");
    fs::write(&file, bytes).expect("written");
    let source = Source::Archive {
        location: file.display().to_string(),
        sha256: sha256(bytes),
    };
    install(
        &folder.join("installs"),
        source,
        None,
        |_| {},
        std::future::pending(),
    )
    .await
}

/// What the engine would run, with nothing on PATH.
pub(crate) fn find_installed(folder: &Folder) -> Option<CodeServer> {
    doorcode_install::find(&Program::Auto, &folder.join("installs"), None).ok()
}

/// Everything in the folder of the installs, with where links lead.
pub(crate) fn listing(folder: &Folder) -> Vec<String> {
    fn walk(folder: &Path, list: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let target = fs::read_link(entry.path()).unwrap_or_default();
            list.push(format!("{} {}", entry.path().display(), target.display()));
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                walk(&entry.path(), list);
            }
        }
    }
    let mut list = Vec::new();
    walk(&folder.join("installs"), &mut list);
    list.sort();
    list
}

/// Answers every request on a loopback port with `answer`, which gets the path and the connection, until the
/// test's process ends.
pub(crate) fn serve(answer: impl Fn(&str, TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let mut lines = BufReader::new(&connection).lines();
            let request = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines
                .next()
                .and_then(Result::ok)
                .is_some_and(|line| !line.is_empty())
            {}
            drop(lines);
            let path = request.split(' ').nth(1).unwrap_or_default();
            answer(path, connection);
        }
    });
    address
}

/// Sends a head with this status and these lines, and the body. The other side may have gone.
pub(crate) fn respond(mut connection: &TcpStream, status: &str, lines: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{lines}\r\n");
    let _ = connection
        .write_all(head.as_bytes())
        .and_then(|()| connection.write_all(body));
}
