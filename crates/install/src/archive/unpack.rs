//! Unpacks a release archive into a folder, and nothing anywhere else.
//!
//! What keeps an entry inside, whatever the archive holds:
//! - names have no `..` and do not start at the root;
//! - nothing is written through a link: every folder on the way is a real one that was made here;
//! - nothing is overwritten;
//! - a link's target first goes up and then down (`../../a/b`), never down and up again, so each `..` acts on a real
//!   folder, and counting them tells whether the target is inside;
//! - there are only files, folders and links: no devices, no pipes; no set-user-id bits.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;
use tar::{Archive, Entry, EntryType};

use crate::InstallError;
use crate::install_error::Trouble;
use crate::progress::{Counter, Phase, Run};

/// The most that comes out of an archive, in bytes; a release has about 600 MB.
const UNPACKED_LIMIT: u64 = 8_000_000_000;

/// The most entries that an archive may have; a release has about 15,000.
const ENTRY_LIMIT: u64 = 500_000;

/// Unpacks `archive` into `tree`, an empty folder, without the single folder that an archive has at its top.
///
/// # Errors
/// [`InstallError::ArchiveRefused`], [`InstallError::ArchiveBroken`], [`InstallError::Io`],
/// [`InstallError::Cancelled`].
pub(super) fn unpack(archive: &Path, tree: &Path, run: &Run) -> Result<(), InstallError> {
    let file = File::open(archive).trouble("open", archive)?;
    let total = file.metadata().trouble("open", archive)?.len();
    let counter = run.counter(Phase::Unpacking, Some(total));
    let counted = Counted {
        inner: BufReader::with_capacity(256 * 1024, file),
        counter,
    };
    let mut unpacking = Unpacking {
        tree,
        run,
        top: None,
        bytes: 0,
    };
    let mut archive = Archive::new(GzDecoder::new(counted));
    // The only way in which reading fails on purpose is that it was called off.
    let broken = |error| run.go_on().err().unwrap_or(InstallError::ArchiveBroken(error));
    let mut entries = 0;
    for entry in archive.entries().map_err(broken)? {
        entries += 1;
        unpacking.entry(&mut entry.map_err(broken)?, entries)?;
    }
    // The sum that gzip keeps stands at the end, behind what tar reads.
    let rest = &mut archive.into_inner().take(UNPACKED_LIMIT);
    io::copy(rest, &mut io::sink()).map_err(broken)?;
    if unpacking.top.is_none() {
        return Err(InstallError::ArchiveBroken(io::Error::new(
            ErrorKind::UnexpectedEof,
            "it has no entries",
        )));
    }
    Ok(())
}

struct Unpacking<'a> {
    tree: &'a Path,
    run: &'a Run,
    /// The folder at the top of the archive, once it is known.
    top: Option<PathBuf>,
    /// Bytes written.
    bytes: u64,
}

impl Unpacking<'_> {
    fn entry<R: Read>(&mut self, entry: &mut Entry<'_, R>, number: u64) -> Result<(), InstallError> {
        self.run.go_on()?;
        let kind = entry.header().entry_type();
        // What `git archive` writes in front: a comment.
        if kind == EntryType::XGlobalHeader {
            return Ok(());
        }
        let name = entry.path().map_err(InstallError::ArchiveBroken)?.into_owned();
        let refuse = |reason| InstallError::ArchiveRefused {
            entry: name.clone(),
            reason,
        };
        if number > ENTRY_LIMIT {
            return Err(refuse("there are more entries than any code-server has"));
        }
        let inside = self.below_top(&name).map_err(refuse)?;
        if inside.as_os_str().is_empty() {
            return if kind == EntryType::Directory {
                Ok(())
            } else {
                Err(refuse("the top of the archive is no folder"))
            };
        }
        match kind {
            EntryType::Directory => self.folder(&inside, &refuse).map(drop),
            EntryType::Regular | EntryType::Continuous => self.file(entry, &inside, &refuse),
            EntryType::Symlink => self.link(&target(entry, &refuse)?, &inside, &refuse),
            EntryType::Link => self.second_name(&target(entry, &refuse)?, &inside, &refuse),
            _ => Err(refuse("it is no file, folder or link")),
        }
    }

    /// The name without the top folder, which all entries have to share. `./` in front does not count.
    fn below_top(&mut self, name: &Path) -> Result<PathBuf, &'static str> {
        let mut parts = Vec::new();
        for component in name.components() {
            match component {
                Component::Normal(part) => parts.push(part),
                Component::CurDir => {}
                Component::ParentDir => return Err("its name has .. in it"),
                Component::RootDir | Component::Prefix(_) => return Err("its name starts at the root"),
            }
        }
        let Some((first, rest)) = parts.split_first() else {
            return Ok(PathBuf::new());
        };
        if self.top.get_or_insert_with(|| PathBuf::from(first)).as_os_str() != *first {
            return Err("it is outside the folder at the archive's top");
        }
        Ok(rest.iter().collect())
    }

    /// Makes a folder, and those above it, where they do not exist; each has to be a real one.
    fn folder(
        &self,
        inside: &Path,
        refuse: &impl Fn(&'static str) -> InstallError,
    ) -> Result<PathBuf, InstallError> {
        let mut path = self.tree.to_owned();
        for part in inside {
            path.push(part);
            match path.symlink_metadata() {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(refuse("its way leads through something that is no folder")),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    fs::create_dir(&path).trouble("create", &path)?
                }
                Err(error) => return Err(error).trouble("look at", &path),
            }
        }
        Ok(path)
    }

    /// The path of an entry whose parent is a real folder.
    fn place(
        &self,
        inside: &Path,
        refuse: &impl Fn(&'static str) -> InstallError,
    ) -> Result<PathBuf, InstallError> {
        let parent = inside.parent().unwrap_or(Path::new(""));
        let name = inside.file_name().ok_or_else(|| refuse("it has no name"))?;
        Ok(self.folder(parent, refuse)?.join(name))
    }

    fn file<R: Read>(
        &mut self,
        entry: &mut Entry<'_, R>,
        inside: &Path,
        refuse: &impl Fn(&'static str) -> InstallError,
    ) -> Result<(), InstallError> {
        let path = self.place(inside, refuse)?;
        let executable = entry.header().mode().map_err(InstallError::ArchiveBroken)? & 0o100 != 0;
        let mode = if executable { 0o755 } else { 0o644 };
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&path);
        let mut file = made(file, &path, refuse)?;
        let mut chunk = [0; 64 * 1024];
        loop {
            let read = entry.read(&mut chunk);
            let count = read.map_err(|error| {
                self.run
                    .go_on()
                    .err()
                    .unwrap_or(InstallError::ArchiveBroken(error))
            })?;
            if count == 0 {
                return Ok(());
            }
            self.bytes += count as u64;
            if self.bytes > UNPACKED_LIMIT {
                return Err(refuse("more comes out of the archive than any code-server has"));
            }
            file.write_all(&chunk[..count]).trouble("write", &path)?;
        }
    }

    fn link(
        &self,
        target: &Path,
        inside: &Path,
        refuse: &impl Fn(&'static str) -> InstallError,
    ) -> Result<(), InstallError> {
        let depth = inside.components().count() - 1;
        if !stays_inside(target, depth) {
            return Err(refuse("it is a link that leads outside"));
        }
        let path = self.place(inside, refuse)?;
        made(symlink(target, &path), &path, refuse)
    }

    /// A hard link; its target is named from the archive's top.
    fn second_name(
        &mut self,
        target: &Path,
        inside: &Path,
        refuse: &impl Fn(&'static str) -> InstallError,
    ) -> Result<(), InstallError> {
        let target = self.below_top(target).map_err(refuse)?;
        let target = self.place(&target, refuse)?;
        if !target.symlink_metadata().is_ok_and(|found| found.is_file()) {
            return Err(refuse(
                "it is a second name for something that is no file of the archive",
            ));
        }
        let path = self.place(inside, refuse)?;
        made(fs::hard_link(&target, &path), &path, refuse)
    }
}

/// Where a link of the archive leads.
fn target<R: Read>(
    entry: &Entry<'_, R>,
    refuse: &impl Fn(&'static str) -> InstallError,
) -> Result<PathBuf, InstallError> {
    let target = entry.link_name().map_err(InstallError::ArchiveBroken)?;
    Ok(target
        .ok_or_else(|| refuse("it is a link to nowhere"))?
        .into_owned())
}

/// Whether a link `depth` folders below the top leads to something below the top: no more `..` than that, and
/// all of them first.
fn stays_inside(target: &Path, depth: usize) -> bool {
    let mut components = target
        .components()
        .filter(|component| *component != Component::CurDir)
        .peekable();
    let mut up = 0;
    while components.next_if_eq(&Component::ParentDir).is_some() {
        up += 1;
    }
    up <= depth && components.all(|component| matches!(component, Component::Normal(_)))
}

/// What already exists is not replaced.
fn made<T>(
    result: io::Result<T>,
    path: &Path,
    refuse: &impl Fn(&'static str) -> InstallError,
) -> Result<T, InstallError> {
    match result {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(refuse("there is already something of its name"))
        }
        result => result.trouble("create", path),
    }
}

/// Counts what is read, and fails once the install is called off.
struct Counted<'a, R> {
    inner: R,
    counter: Counter<'a>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.counter.add(count as u64).map_err(io::Error::other)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_goes_up_first_and_no_further_than_the_top() {
        for (target, depth) in [("a", 0), ("../a/b", 1), ("./a", 0), ("../..", 2), ("..", 1)] {
            assert!(stays_inside(Path::new(target), depth), "{target} at {depth}");
        }
        for (target, depth) in [
            ("..", 0),
            ("../../a", 1),
            ("/a", 5),
            ("a/..", 3),
            ("../a/../b", 5),
            ("a/./..", 1),
        ] {
            assert!(!stays_inside(Path::new(target), depth), "{target} at {depth}");
        }
    }
}
