//! The Windows user's root store, for a person on WSL whose browser is a Windows program. Needs no administrator; Windows
//! asks once before it takes a root, and once before it lets one go.
//!
//! Written from Microsoft's documentation and run against stand-ins for its two programs only: unverified on Windows.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ask::Ask;
use crate::error::TrustError;
use crate::handshake::Page;
use crate::places::Places;
use crate::root::Root;
use crate::store::{Entry, Store, StoreId, StoreKind, Verdict};
use crate::tool::Tool;

/// Windows' own question waits for a person.
const LIMIT: Duration = Duration::from_secs(120);
/// There on WSL where Windows' programs can be started; the second where systemd runs.
const INTEROP: [&str; 2] = [
    "/proc/sys/fs/binfmt_misc/WSLInterop",
    "/proc/sys/fs/binfmt_misc/WSLInterop-late",
];
/// One certificate a line, in base64.
const LIST: &str = "Get-ChildItem Cert:\\CurrentUser\\Root | Where-Object { $_.Subject -like '*Doorcode*' } | \
                    ForEach-Object { [Convert]::ToBase64String($_.RawData) }";
/// One request that asks the Windows store; its own message otherwise.
const REQUEST: &str = "$ErrorActionPreference = 'Stop'; try { Invoke-WebRequest -UseBasicParsing -TimeoutSec 15 -Uri $args[0] | \
                       Out-Null; 'taken' } catch { $_.Exception.GetBaseException().Message }";

/// The store, if this is WSL and Windows' programs can be started.
pub(crate) fn store(places: &Places) -> Option<Box<dyn Store>> {
    INTEROP
        .iter()
        .any(|file| Path::new(file).exists())
        .then_some(())?;
    let windows = Windows::find(places)?;
    Some(Box::new(windows))
}

struct Windows {
    places: Places,
    certutil: PathBuf,
    powershell: PathBuf,
    wslpath: PathBuf,
}

impl Windows {
    fn find(places: &Places) -> Option<Windows> {
        Some(Windows {
            certutil: places.program("certutil.exe")?,
            powershell: places.program("powershell.exe")?,
            wslpath: places.program("wslpath")?,
            places: places.clone(),
        })
    }

    fn tool(&self, program: &Path) -> Tool {
        Tool::new(&self.places, program, LIMIT)
    }

    fn powershell(&self, script: &str) -> Tool {
        self.tool(&self.powershell)
            .args(["-NoProfile", "-NonInteractive", "-Command"])
            .arg(script)
    }
}

impl Store for Windows {
    fn id(&self) -> StoreId {
        StoreId::only(StoreKind::Windows)
    }

    fn title(&self) -> String {
        "Windows (Edge, Chrome and Firefox there)".to_owned()
    }

    fn place(&self) -> String {
        "Cert:\\CurrentUser\\Root".to_owned()
    }

    fn exists(&self) -> bool {
        true
    }

    fn clients(&self) -> Vec<String> {
        vec!["Windows".to_owned()]
    }

    fn entries(&self) -> Result<Vec<Entry>, TrustError> {
        let ran = self.powershell(LIST).succeed()?;
        let root = |line: &str| Root::recognise(&STANDARD.decode(line.trim()).ok()?);
        Ok(ran
            .stdout
            .lines()
            .filter_map(root)
            .map(|root| Entry {
                nickname: root.nickname.clone(),
                root,
                trusted: true,
                kept: true,
            })
            .collect())
    }

    fn install(&self, root: &Root, _ask: &dyn Ask) -> Result<(), TrustError> {
        let failed = |source| TrustError::File {
            path: std::env::temp_dir(),
            source,
        };
        let mut file = tempfile::Builder::new()
            .suffix(".crt")
            .tempfile()
            .map_err(failed)?;
        file.write_all(root.pem.as_bytes()).map_err(failed)?;
        let path = self.tool(&self.wslpath).arg("-w").arg(file.path()).succeed()?;
        self.tool(&self.certutil)
            .args(["-user", "-addstore", "Root", path.stdout.trim()])
            .succeed()
            .map(drop)
    }

    fn verify(&self, page: &Page) -> Result<Verdict, TrustError> {
        // The address is no part of the script: Page::parse lets no quotes through.
        let ran = self
            .powershell(&format!("& {{ {REQUEST} }} '{}'", page.url))
            .succeed()?;
        Ok(match ran.stdout.trim() {
            "taken" => Verdict::Trusted("Windows".to_owned()),
            message => Verdict::NotTrusted(format!("Windows: {message}")),
        })
    }

    fn remove(&self, entry: &Entry, _ask: &dyn Ask) -> Result<(), TrustError> {
        let serial = entry.root.serial();
        self.tool(&self.certutil)
            .args(["-user", "-delstore", "Root", &serial])
            .succeed()
            .map(drop)
    }

    /// Windows' programs hear of a change.
    fn outdated_client(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests;
