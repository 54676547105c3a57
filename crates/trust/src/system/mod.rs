//! The system's own store, which curl, Python, WebKitGTK and most programs ask. Writing to it takes root's rights.

mod layout;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::ask::Ask;
use crate::elevate::{self, Work};
use crate::error::TrustError;
use crate::handshake::{self, Page};
use crate::packages::Package;
use crate::places::Places;
use crate::root::Root;
use crate::store::{Entry, Store, StoreId, StoreKind, Verdict};
use layout::Layout;

/// The system's store, where its layout is a known one.
pub(crate) fn store(places: &Places) -> Option<Box<dyn Store>> {
    let layout = Layout::find(places)?;
    Some(Box::new(System {
        places: places.clone(),
        layout,
    }))
}

/// Whether p11-kit's trust is the system's store under another name.
pub(crate) fn is_p11_kit(places: &Places) -> bool {
    Layout::find(places).is_some_and(|layout| layout.p11_kit)
}

struct System {
    places: Places,
    layout: Layout,
}

impl System {
    fn anchor(&self, root: &Root) -> PathBuf {
        let name = format!("{}.{}", root.file_stem(), self.layout.extension);
        Path::new(self.layout.anchors).join(name)
    }

    /// # Errors
    /// The program that takes changes over is not installed.
    fn check_tool(&self) -> Result<(), TrustError> {
        match self.places.program(self.layout.tool) {
            Some(_) => Ok(()),
            None => Err(TrustError::ToolMissing {
                tool: self.layout.tool,
                package: Package::SystemStore,
            }),
        }
    }
}

fn work(script: String, input: Option<&Root>, by_hand: String) -> Work {
    Work {
        script,
        input: input.map(|root| root.pem.clone()).unwrap_or_default(),
        by_hand,
    }
}

impl Store for System {
    fn id(&self) -> StoreId {
        StoreId::only(StoreKind::System)
    }

    fn title(&self) -> String {
        "This system (curl, Python, WebKitGTK, …)".to_owned()
    }

    fn place(&self) -> String {
        self.layout.anchors.to_owned()
    }

    fn exists(&self) -> bool {
        Path::new(self.layout.anchors).is_dir()
    }

    fn clients(&self) -> Vec<String> {
        vec!["programs of this system".to_owned()]
    }

    /// Anchors, which count as trusted once the bundle that programs read has them too; then what the bundle alone has.
    fn entries(&self) -> Result<Vec<Entry>, TrustError> {
        let bundle = bundle(Path::new(self.layout.bundle))?;
        let mut entries = Vec::new();
        for file in anchors(Path::new(self.layout.anchors))? {
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            if let ([root], Some(path)) = (&Root::recognise_pem(&text)[..], file.to_str()) {
                entries.push(Entry {
                    nickname: path.to_owned(),
                    trusted: bundle.contains(root),
                    kept: true,
                    root: root.clone(),
                });
            }
        }
        for root in bundle {
            if entries.iter().all(|entry| entry.root != root) {
                entries.push(Entry {
                    nickname: root.nickname.clone(),
                    trusted: true,
                    kept: false,
                    root,
                });
            }
        }
        Ok(entries)
    }

    fn install(&self, root: &Root, ask: &dyn Ask) -> Result<(), TrustError> {
        self.check_tool()?;
        let anchor = self.anchor(root);
        let (anchor, update, undo) = (
            anchor.display(),
            self.layout.update,
            self.layout.update_after_removal,
        );
        // The file comes by the standard input, opened here with this person's rights: root reads no path of theirs. An
        // update that failed may have written the bundle before, so the way back is an update too.
        let script = format!(
            "install -m 0644 /dev/stdin {anchor} || {{ rm -f {anchor}; exit 1; }}; \
             {update} || {{ rm -f {anchor}; {undo}; exit 1; }}"
        );
        let by_hand = format!(
            "doorcode cert export {} --out root.crt; then as root, in the same folder: \
             install -m 0644 root.crt {anchor} && {update}",
            root.host
        );
        elevate::run(&self.places, &work(script, Some(root), by_hand), ask)
    }

    fn verify(&self, page: &Page) -> Result<Verdict, TrustError> {
        Ok(match handshake::system_trusts(page)? {
            Ok(()) => Verdict::Trusted("the system's verifier".to_owned()),
            Err(error) => Verdict::NotTrusted(format!("the system's verifier: {error}")),
        })
    }

    fn remove(&self, entry: &Entry, ask: &dyn Ask) -> Result<(), TrustError> {
        self.check_tool()?;
        let (update, undo) = (self.layout.update_after_removal, self.layout.update);
        if !entry.kept {
            let by_hand = format!("as root: {update}");
            return elevate::run(&self.places, &work(update.to_owned(), None, by_hand), ask);
        }
        let (anchor, folder) = (&entry.nickname, self.layout.anchors);
        if !is_plain(anchor) {
            return Err(TrustError::File {
                path: anchor.into(),
                source: io::Error::other(
                    "its name has characters that a shell would read; remove it by hand",
                ),
            });
        }
        // Aside is where no layout's program looks: in a folder of the folder, under a name without its extension. A
        // failed update puts the anchor back, so that the store stays as it was; one that is cut off leaves the root in
        // the bundle, where it is found.
        let script = format!(
            "aside=$(mktemp -d {folder}/.doorcode.XXXXXX) || exit 1; \
             mv {anchor} $aside/anchor || {{ rmdir $aside; exit 1; }}; \
             if {update}; then rm -r $aside; else mv $aside/anchor {anchor}; rmdir $aside; {undo}; exit 1; fi"
        );
        let by_hand = format!("as root: rm -f {anchor} && {update}");
        elevate::run(&self.places, &work(script, None, by_hand), ask)
    }

    /// Programs read it when they connect.
    fn outdated_client(&self) -> Option<String> {
        None
    }
}

/// The files in the folder of anchors, whatever they are called.
fn anchors(dir: &Path) -> Result<Vec<PathBuf>, TrustError> {
    let failed = |source| TrustError::File {
        path: dir.to_owned(),
        source,
    };
    let listed = match fs::read_dir(dir) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in listed {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The roots of our shape that programs read. A bundle that is not there has none; one that cannot be read might have any.
fn bundle(file: &Path) -> Result<Vec<Root>, TrustError> {
    match fs::read(file) {
        // Comments in it may be in any encoding.
        Ok(bytes) => Ok(Root::recognise_pem(&String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(TrustError::File {
            path: file.to_owned(),
            source,
        }),
    }
}

/// Whether a path stands for itself in a shell.
fn is_plain(path: &str) -> bool {
    path.chars()
        .all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c))
}
