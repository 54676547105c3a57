//! Where everything is kept.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use thiserror::Error;

use crate::{Problem, files};

/// The folders of one person's Doorcode, and the files in them.
///
/// Folders are 0700 and files 0600, except for the settings file's folder, which may be shared with other programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `settings.toml`; it need not exist.
    pub settings_file: PathBuf,
    /// What must survive: certificates, sessions, code-server.
    pub data_dir: PathBuf,
    /// Logs.
    pub state_dir: PathBuf,
    /// Sockets, and what is meaningless after a restart of the machine.
    pub runtime_dir: PathBuf,
}

impl Paths {
    /// The folders that this system uses: XDG's on Linux, `~/Library/…` on macOS (unverified there).
    ///
    /// `settings_override` is the person's choice of another settings file; the other folders stay. The runtime folder is
    /// `$XDG_RUNTIME_DIR/doorcode`, else `/run/user/UID/doorcode`, each only where it is ours, else `run` in the state folder.
    ///
    /// # Errors
    /// No home directory; a relative `settings_override` without a current folder; folders too long for a socket's name.
    pub fn discover(settings_override: Option<&Path>) -> Result<Paths, PathsError> {
        let dirs = ProjectDirs::from("", "", "doorcode").ok_or(PathsError::NoHome)?;
        let settings_file = match settings_override {
            Some(file) => std::path::absolute(file).map_err(|source| PathsError::Unusable {
                path: file.to_owned(),
                source,
            })?,
            None => dirs.config_dir().join("settings.toml"),
        };
        let data_dir = dirs.data_dir().to_owned();
        let state_dir = dirs
            .state_dir()
            .map_or_else(|| data_dir.join("state"), Path::to_owned);
        let runtime_dir = runtime_dir(&dirs).unwrap_or_else(|| state_dir.join("run"));
        let paths = Paths {
            settings_file,
            data_dir,
            state_dir,
            runtime_dir,
        };
        paths.check_socket_lengths()?;
        Ok(paths)
    }

    /// Creates the folders, 0700, and tightens those of ours that are looser.
    ///
    /// # Errors
    /// A folder that cannot be made, belongs to somebody else, or is somebody else's link.
    pub fn create(&self) -> Result<(), PathsError> {
        self.check_socket_lengths()?;
        self.create_settings_dir()?;
        let editor_socket_dir = self.runtime_dir.join(EDITOR);
        let editor_dir = self.data_dir.join(EDITOR);
        let private = [
            self.data_dir.clone(),
            self.certs_dir(),
            self.code_server_dir(),
            self.cache_dir(),
            editor_dir,
            self.editor_data_dir(),
            self.editor_extensions_dir(),
            self.state_dir.clone(),
            self.runtime_dir.clone(),
            editor_socket_dir,
        ];
        for path in private {
            files::private_dir(&path).map_err(|source| PathsError::Unusable { path, source })?;
        }
        Ok(())
    }

    /// Creates the settings file's folder where missing; an existing one may be shared with other programs and stays as it is.
    fn create_settings_dir(&self) -> Result<(), PathsError> {
        match self.settings_file.parent() {
            Some(folder) if !folder.exists() => {
                files::private_dir(folder).map_err(|source| PathsError::Unusable {
                    path: folder.to_owned(),
                    source,
                })
            }
            _ => Ok(()),
        }
    }

    /// Certificates and keys, a pair a host.
    pub fn certs_dir(&self) -> PathBuf {
        self.data_dir.join("certs")
    }

    /// The code-server that Doorcode installed.
    pub fn code_server_dir(&self) -> PathBuf {
        self.data_dir.join("code-server")
    }

    /// The gateway's cache; may be removed at any time.
    pub fn cache_dir(&self) -> PathBuf {
        self.data_dir.join("cache")
    }

    /// The folder of [`Paths::editor_config`].
    pub fn editor_config_dir(&self) -> PathBuf {
        self.data_dir.join(EDITOR)
    }

    /// code-server's `--user-data-dir`.
    pub fn editor_data_dir(&self) -> PathBuf {
        self.data_dir.join(EDITOR).join("data")
    }

    /// code-server's `--extensions-dir`.
    pub fn editor_extensions_dir(&self) -> PathBuf {
        self.data_dir.join(EDITOR).join("extensions")
    }

    /// code-server's `--config`, of our own making.
    pub fn editor_config(&self) -> PathBuf {
        self.data_dir.join(EDITOR).join("config.yaml")
    }

    /// The secret by which a trusted proxy proves itself, where Doorcode made it.
    pub fn proxy_secret_file(&self) -> PathBuf {
        self.data_dir.join("proxy-secret")
    }

    /// The devices that trust a host, as far as they were checked.
    pub fn devices_file(&self) -> PathBuf {
        self.data_dir.join("devices.json")
    }

    /// Who is signed in; hashes only.
    pub fn sessions_file(&self) -> PathBuf {
        self.data_dir.join("sessions.json")
    }

    /// The folders that were opened last.
    pub fn recent_file(&self) -> PathBuf {
        self.data_dir.join("recent.json")
    }

    /// The password's argon2id hash, where there is no keyring.
    pub fn password_hash_file(&self) -> PathBuf {
        self.data_dir.join("password.argon2id")
    }

    /// Locked by the one engine that runs.
    pub fn lock_file(&self) -> PathBuf {
        self.data_dir.join("engine.lock")
    }

    /// Where the engine takes commands.
    pub fn control_socket(&self) -> PathBuf {
        self.runtime_dir.join("control.sock")
    }

    /// Where code-server listens: in a folder of its own, because code-server opens the socket to others for an instant.
    pub fn editor_socket(&self) -> PathBuf {
        self.runtime_dir.join(EDITOR).join("editor.sock")
    }

    /// Which process is the editor, for the next start to find a leftover.
    pub fn editor_record(&self) -> PathBuf {
        self.runtime_dir.join("editor.json")
    }

    /// What code-server prints.
    pub fn editor_log(&self) -> PathBuf {
        self.state_dir.join("editor.log")
    }

    /// One JSON line a request.
    pub fn access_log(&self) -> PathBuf {
        self.state_dir.join("access.log")
    }

    /// What the engine itself has to say.
    pub fn app_log(&self) -> PathBuf {
        self.state_dir.join("doorcode.log")
    }

    fn check_socket_lengths(&self) -> Result<(), PathsError> {
        for path in [self.editor_socket(), self.control_socket()] {
            if path.as_os_str().len() > LONGEST_SOCKET_PATH {
                return Err(PathsError::SocketPathTooLong { path });
            }
        }
        Ok(())
    }
}

const EDITOR: &str = "editor";

/// Bytes in a unix socket's name without its final zero: `sun_path` in unix(7), and in macOS's unix(4).
const LONGEST_SOCKET_PATH: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

fn runtime_dir(dirs: &ProjectDirs) -> Option<PathBuf> {
    let of_session = dirs.runtime_dir().filter(|ours| {
        // After `su` or `sudo` the variable still names the other person's folder.
        ours.parent()
            .is_some_and(|base| !base.exists() || belongs_to_us(base))
    });
    if let Some(folder) = of_session {
        return Some(folder.to_owned());
    }
    let of_user = PathBuf::from(format!("/run/user/{}", nix::unistd::geteuid()));
    belongs_to_us(&of_user).then(|| of_user.join("doorcode"))
}

fn belongs_to_us(folder: &Path) -> bool {
    std::fs::metadata(folder)
        .is_ok_and(|found| found.is_dir() && found.uid() == nix::unistd::geteuid().as_raw())
}

/// Why Doorcode's folders cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PathsError {
    /// Neither `HOME` nor the user database names one.
    #[error("this user has no home directory to keep settings in")]
    NoHome,
    /// A folder cannot be made or is not safe.
    #[error("{} cannot be used: {source}", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the system says, or why it is refused.
        source: io::Error,
    },
    /// The system allows 107 bytes, macOS 103.
    #[error("{} is too long for a socket's name, which has at most {LONGEST_SOCKET_PATH} bytes", path.display())]
    SocketPathTooLong {
        /// The socket.
        path: PathBuf,
    },
}

impl From<&PathsError> for Problem {
    fn from(error: &PathsError) -> Problem {
        let message = error.to_string();
        match error {
            PathsError::NoHome => Problem::new("no_home", message, "set HOME to a folder of yours"),
            PathsError::Unusable { path, .. } => Problem::new(
                "folder_unusable",
                message,
                format!(
                    "look at it with `ls -ld '{}'`, then repair or remove it",
                    path.display()
                ),
            ),
            PathsError::SocketPathTooLong { .. } => Problem::new(
                "socket_path_too_long",
                message,
                "set XDG_RUNTIME_DIR to a folder of yours with a short name, such as /run/user/$(id -u)",
            ),
        }
    }
}
