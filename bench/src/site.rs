//! What all contenders share: a folder that goes away with the run, the certificate, the programs.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::args::Args;
use crate::error::BenchError;
use crate::identity::Identity;

/// Where Debian keeps nginx; not on the PATH of people who are not root.
const MORE_FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/opt/homebrew/bin"];

pub(crate) struct Site {
    pub(crate) identity: Identity,
    /// This program, which is also the stub upstream.
    pub(crate) bench: PathBuf,
    pub(crate) doorcode: Option<PathBuf>,
    /// The program that runs code-server, and what it needs to be told first.
    pub(crate) code_server: Option<(PathBuf, Vec<PathBuf>)>,
    pub(crate) nginx: Option<PathBuf>,
    pub(crate) caddy: Option<PathBuf>,
    /// Declared last so that it is dropped, and thereby removed, last.
    dir: TempDir,
}

impl Site {
    pub(crate) fn create(args: &Args) -> Result<Self, BenchError> {
        // Short, because the path of a unix socket must fit in 104 bytes (sockaddr_un).
        let dir = tempfile::Builder::new()
            .prefix("doorcode-bench-")
            .tempdir()
            .map_err(|e| BenchError::io("cannot make a temporary folder", e))?;
        Ok(Self {
            identity: Identity::create(dir.path())?,
            bench: std::env::current_exe()
                .map_err(|e| BenchError::io("cannot find this program's own file", e))?,
            doorcode: args.doorcode.as_deref().map(existing).transpose()?,
            code_server: code_server(args)?,
            nginx: find("nginx"),
            caddy: find("caddy"),
            dir,
        })
    }

    /// A folder of this name below the run's own, made if need be.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf, BenchError> {
        let folder = self.dir.path().join(name);
        fs::create_dir_all(&folder)
            .map_err(|e| BenchError::io(format!("cannot make the folder {}", folder.display()), e))?;
        Ok(folder)
    }

    /// Runs `program` with `home` as its home and nothing else of this person's environment.
    pub(crate) fn command(&self, program: &Path, home: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", home)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (variable, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            command.env(variable, home.join(folder));
        }
        command
    }
}

/// A port of 127.0.0.1 that nobody listens on now.
pub(crate) fn free_port() -> Result<u16, BenchError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|e| BenchError::io("cannot find a free port on 127.0.0.1", e))
}

/// Writes a file of a contender's own, for instance its configuration.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), BenchError> {
    fs::write(file, text).map_err(|e| BenchError::io(format!("cannot write {}", file.display()), e))
}

fn code_server(args: &Args) -> Result<Option<(PathBuf, Vec<PathBuf>)>, BenchError> {
    let Some(entry) = args.code_server.as_deref().map(existing).transpose()? else {
        return Ok(None);
    };
    Ok(Some(match args.node.as_deref().map(existing).transpose()? {
        Some(node) => (node, vec![entry]),
        None => (entry, Vec::new()),
    }))
}

/// Contenders run in folders of their own, so a relative path would mean something else to them.
fn existing(file: &Path) -> Result<PathBuf, BenchError> {
    file.canonicalize()
        .map_err(|e| BenchError::io(format!("cannot use {}", file.display()), e))
}

fn find(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(MORE_FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join(program.as_ref()))
        .find(|file| file.is_file())
}
