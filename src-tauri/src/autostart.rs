//! Starting at login: an entry where the desktop looks for such programs, and nothing else.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, io};

use doorcode_settings::{Problem, files};
use tauri::{AppHandle, Runtime};
use tokio::task::spawn_blocking;

use crate::tray;

/// The entry that starts this program at login, without its window.
#[derive(Debug, Clone)]
pub(crate) struct Autostart {
    /// None for a person without a home.
    entry: Option<PathBuf>,
    program: PathBuf,
    /// What the last look found: the tray asks often, and must not wait for a disk.
    found: Arc<AtomicBool>,
}

impl Autostart {
    /// To be made when the program starts: later its file may have been replaced by another version, and its path say so.
    pub(crate) fn new() -> Autostart {
        let autostart = Autostart {
            entry: directories::BaseDirs::new().map(|dirs| platform::entry(&dirs)),
            program: program(),
            found: Arc::default(),
        };
        autostart.is_enabled();
        autostart
    }

    /// Whether the application starts at login. Reads a small file: blocking.
    pub(crate) fn is_enabled(&self) -> bool {
        let text = self.entry.as_ref().map(fs::read_to_string);
        let found = matches!(text, Some(Ok(text)) if platform::is_in_force(&text));
        self.found.store(found, Ordering::Relaxed);
        found
    }

    /// Whether it did when somebody looked last.
    pub(crate) fn was_enabled(&self) -> bool {
        self.found.load(Ordering::Relaxed)
    }

    /// Writes the entry, or removes it.
    ///
    /// # Errors
    /// `autostart_unusable`.
    pub(crate) async fn set<R: Runtime>(&self, app: &AppHandle<R>, enabled: bool) -> Result<(), Problem> {
        let autostart = self.clone();
        let written = spawn_blocking(move || {
            let written = autostart.write(enabled);
            autostart.is_enabled();
            written
        })
        .await;
        tray::refresh(app);
        written
            .unwrap_or_else(|error| Err(Problem::new("internal", error.to_string(), "doorcode logs --app")))
    }

    fn write(&self, enabled: bool) -> Result<(), Problem> {
        let Some(entry) = &self.entry else {
            return Err(unusable(
                Path::new("~"),
                &io::Error::from(io::ErrorKind::NotFound),
            ));
        };
        let done = match enabled {
            true => writable(&self.program).and_then(|program| create(entry, &platform::text(program))),
            false => match fs::remove_file(entry) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                done => done,
            },
        };
        done.map_err(|error| unusable(entry, &error))
    }
}

/// The file to start.
fn program() -> PathBuf {
    let running = std::env::current_exe().map_or_else(|_| "doorcode-desktop".into(), of_upgrade);
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    // The running file's path has no links in it.
    let unpacked = set("APPDIR").and_then(|folder| folder.canonicalize().ok());
    program_of(running, set("APPIMAGE"), unpacked)
}

/// The path of a file that an upgrade has replaced, or is about to: Linux then writes " (deleted)" after it (proc_pid_exe(5)).
fn of_upgrade(running: PathBuf) -> PathBuf {
    match running.as_os_str().as_bytes().strip_suffix(b" (deleted)") {
        Some(path) if !running.exists() => OsStr::from_bytes(path).into(),
        _ => running,
    }
}

/// An AppImage is itself, and not what it has unpacked below `unpacked` for this run. Whoever runs another program inherits the
/// variables that say so, and anybody can set them: they are believed when the `running` file does lie there.
fn program_of(running: PathBuf, image: Option<PathBuf>, unpacked: Option<PathBuf>) -> PathBuf {
    let is_below = |folder: &PathBuf| {
        // The root is nothing an AppImage unpacks into.
        folder.parent().is_some() && running.starts_with(folder)
    };
    match (image, unpacked) {
        (Some(image), Some(unpacked)) if image.is_absolute() && is_below(&unpacked) => image,
        _ => running,
    }
}

/// `program` as the text of an entry.
///
/// # Errors
/// It is not UTF-8, which entries are, or has a control character in it: a line break would begin another line of the entry.
fn writable(program: &Path) -> io::Result<&str> {
    let refused = |what| {
        let message = format!("the path of this program, {program:?}, {what}");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    };
    let text = program.to_str().ok_or_else(|| refused("is not UTF-8"))?;
    match text.contains(char::is_control) {
        true => Err(refused("has a control character in it")),
        false => Ok(text),
    }
}

fn create(entry: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = entry.parent() {
        fs::create_dir_all(folder)?;
    }
    files::write_private(entry, text.as_bytes())
}

fn unusable(entry: &Path, error: &io::Error) -> Problem {
    Problem::new(
        "autostart_unusable",
        format!(
            "cannot change {}, which starts programs at login: {error}",
            entry.display()
        ),
        format!("ls -ld {}", entry.parent().unwrap_or(entry).display()),
    )
}

/// freedesktop.org's Desktop Application Autostart Specification, and the Desktop Entry Specification for the text.
#[cfg(not(target_os = "macos"))]
mod platform {
    use std::path::PathBuf;

    pub(super) fn entry(dirs: &directories::BaseDirs) -> PathBuf {
        dirs.config_dir().join("autostart").join("doorcode.desktop")
    }

    pub(super) fn text(program: &str) -> String {
        format!(
            "[Desktop Entry]\nType=Application\nName=Doorcode\nComment=VS Code in the browser, behind a front door\n\
             Exec={} --hidden\nIcon=doorcode\nTerminal=false\n",
            quoted(program)
        )
    }

    /// Desktops switch an entry off by either of two keys instead of removing it.
    pub(super) fn is_in_force(text: &str) -> bool {
        let says = |wanted: &str| text.lines().any(|line| line.replace(' ', "") == wanted);
        !says("Hidden=true") && !says("X-GNOME-Autostart-enabled=false")
    }

    /// An argument of `Exec`: quoted, and then escaped once more as every string value is.
    fn quoted(program: &str) -> String {
        let mut quoted = String::from("\"");
        for c in program.chars() {
            match c {
                '\\' => quoted.push_str("\\\\\\\\"),
                '"' | '`' | '$' => quoted.extend(["\\\\", &c.to_string()]),
                '%' => quoted.push_str("%%"),
                c => quoted.push(c),
            }
        }
        quoted.push('"');
        quoted
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_path_with_odd_characters_stays_one_argument() {
            let text = text("/opt/a b/$x/\"q\"/100%/d");
            let exec = text
                .lines()
                .find(|line| line.starts_with("Exec="))
                .expect("a line");
            assert_eq!(exec, r#"Exec="/opt/a b/\\$x/\\"q\\"/100%%/d" --hidden"#);
        }

        #[test]
        fn an_entry_that_the_desktop_switched_off_is_off() {
            let ours = text("/usr/bin/doorcode-desktop");
            assert!(is_in_force(&ours));
            assert!(!is_in_force(&format!("{ours}Hidden=true\n")));
            assert!(!is_in_force(&format!(
                "{ours}X-GNOME-Autostart-enabled = false\n"
            )));
        }
    }
}

/// A launch agent of the person's own: launchd.plist(5).
#[cfg(target_os = "macos")]
mod platform {
    use std::path::PathBuf;

    pub(super) fn entry(dirs: &directories::BaseDirs) -> PathBuf {
        dirs.home_dir()
            .join("Library/LaunchAgents/dev.doorcode.desktop.plist")
    }

    pub(super) fn text(program: &str) -> String {
        let program = program.replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>\n\
             <key>Label</key><string>dev.doorcode.desktop</string>\n\
             <key>ProgramArguments</key><array><string>{program}</string><string>--hidden</string></array>\n\
             <key>RunAtLoad</key><true/>\n</dict></plist>\n"
        )
    }

    pub(super) fn is_in_force(_text: &str) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appimage_is_believed_only_while_it_runs_what_it_has_unpacked() {
        let chosen = |running: &str, image: Option<&str>, unpacked: Option<&str>| {
            program_of(running.into(), image.map(Into::into), unpacked.map(Into::into))
        };
        let (image, inner, unpacked) = (
            "/opt/Doorcode.AppImage",
            "/tmp/.mount_x/usr/bin/d",
            "/tmp/.mount_x",
        );
        assert_eq!(chosen(inner, Some(image), Some(unpacked)), Path::new(image));
        for (running, image, unpacked) in [
            ("/usr/bin/d", None, None),
            ("/usr/bin/d", Some(image), None),
            ("/usr/bin/d", Some(image), Some(unpacked)),
            ("/usr/bin/d", Some(image), Some("/")),
            ("/usr/bin/d", Some(image), Some("")),
            ("/tmp/.mount_xy/d", Some(image), Some(unpacked)),
            (inner, Some(""), Some(unpacked)),
            (inner, Some("Doorcode.AppImage"), Some(unpacked)),
            (inner, None, Some(unpacked)),
        ] {
            assert_eq!(
                chosen(running, image, unpacked),
                Path::new(running),
                "{image:?} {unpacked:?}"
            );
        }
    }

    #[test]
    fn a_file_that_was_replaced_is_known_by_the_path_it_had() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("doorcode-desktop");
        let marked = dir.path().join("doorcode-desktop (deleted)");
        assert_eq!(of_upgrade(path.clone()), path);
        assert_eq!(of_upgrade(marked.clone()), path);
        fs::write(&marked, "").expect("written");
        assert_eq!(of_upgrade(marked.clone()), marked, "one that is called so");
    }

    #[test]
    fn a_path_that_an_entry_cannot_hold_is_refused_and_nothing_is_written() {
        for path in [
            &b"/opt/a\nExec=evil"[..],
            b"/opt/a\rb",
            b"/opt/a\tb",
            b"/opt/a\x1b[0m",
            b"/opt/a\x7f",
            b"/opt/\xff",
            "/opt/a\u{85}b".as_bytes(),
        ] {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let entry = dir.path().join("autostart/doorcode.desktop");
            let autostart = Autostart {
                entry: Some(entry.clone()),
                program: OsStr::from_bytes(path).into(),
                found: Arc::default(),
            };
            let problem = autostart.write(true).expect_err("refused");
            assert_eq!(problem.code, "autostart_unusable");
            assert!(!problem.message.contains(char::is_control), "{problem:?}");
            assert!(!entry.exists(), "{path:?}");
        }
    }

    #[test]
    fn it_is_off_until_it_is_switched_on_and_off_again() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let autostart = Autostart {
            entry: Some(dir.path().join("autostart/doorcode.desktop")),
            program: "/usr/bin/doorcode-desktop".into(),
            found: Arc::default(),
        };
        assert!(!autostart.is_enabled());
        autostart.write(false).expect("nothing to remove");
        autostart.write(true).expect("written");
        assert!(!autostart.was_enabled(), "nobody has looked since");
        assert!(autostart.is_enabled() && autostart.was_enabled());
        autostart.write(false).expect("removed");
        assert!(!autostart.is_enabled() && !autostart.was_enabled());
    }
}
