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

    /// Anchors count as trusted once the bundle that programs read has them too.
    fn entries(&self) -> Result<Vec<Entry>, TrustError> {
        let bundle = fs::read_to_string(self.layout.bundle).unwrap_or_default();
        let mut entries = Vec::new();
        for file in anchors(Path::new(self.layout.anchors))? {
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            if let ([root], Some(path)) = (&Root::recognise_pem(&text)[..], file.to_str()) {
                entries.push(Entry {
                    nickname: path.to_owned(),
                    trusted: contains(&bundle, &root.pem),
                    root: root.clone(),
                });
            }
        }
        Ok(entries)
    }

    fn install(&self, root: &Root, ask: &dyn Ask) -> Result<(), TrustError> {
        self.check_tool()?;
        let anchor = self.anchor(root);
        let (anchor, update) = (anchor.display(), self.layout.update);
        // The file comes by the standard input, opened here with this person's rights: root reads no path of theirs.
        let script =
            format!("install -m 0644 /dev/stdin {anchor} && {update} || {{ rm -f {anchor}; exit 1; }}");
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
        if !is_plain(&entry.nickname) {
            return Err(TrustError::File {
                path: entry.nickname.clone().into(),
                source: io::Error::other(
                    "its name has characters that a shell would read; remove it by hand",
                ),
            });
        }
        let script = format!("rm -f {} && {}", entry.nickname, self.layout.update_after_removal);
        let by_hand = format!("as root: {script}");
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

/// Whether the PEM of one certificate stands in a bundle, whatever its lines look like.
fn contains(bundle: &str, pem: &str) -> bool {
    let body = |text: &str| -> String {
        text.lines()
            .filter(|line| !line.starts_with("-----"))
            .flat_map(str::chars)
            .filter(|c| !c.is_whitespace())
            .collect()
    };
    let wanted = body(pem);
    bundle
        .split("-----BEGIN CERTIFICATE-----")
        .filter_map(|section| section.split("-----END CERTIFICATE-----").next())
        .any(|section| body(section) == wanted)
}

/// Whether a path stands for itself in a shell.
fn is_plain(path: &str) -> bool {
    path.chars()
        .all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c))
}
