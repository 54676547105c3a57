//! `doorcode service`: a systemd user unit, or a launchd agent on macOS, that runs `doorcode up`.

use std::path::{Path, PathBuf};
use std::process::Output;

use anstream::println;
use clap::Subcommand;
use doorcode_settings::{Problem, files};

use crate::context::Context;
use crate::failure::Failure;

#[derive(Subcommand)]
pub(crate) enum ServiceCommand {
    /// Install the service, start it now and at each login.
    #[command(after_help = "Example: doorcode service install")]
    Install,
    /// Stop the service and remove it.
    #[command(after_help = "Example: doorcode service remove")]
    Remove,
    /// Say whether it is installed and running: 0 running, 3 not.
    #[command(after_help = "Example: doorcode service status")]
    Status,
}

pub(crate) async fn run(command: ServiceCommand, context: &Context) -> Result<u8, Failure> {
    let manager = Manager::of_this_machine()?;
    match command {
        ServiceCommand::Install => {
            let program = std::env::current_exe().map_err(|error| {
                Problem::new(
                    "service_failed",
                    format!("cannot tell where doorcode itself is: {error}"),
                    "which doorcode",
                )
            })?;
            for path in [&program, &context.paths.settings_file] {
                refuse_control_characters(path)?;
            }
            let text = (manager.text)(&program, &context.paths.settings_file);
            write(&manager.file, &text)?;
            for step in manager.install {
                manager.call(step)?;
            }
            println!("Installed {} and started it.", manager.file.display());
            println!("  next: doorcode status");
        }
        ServiceCommand::Remove => {
            if !manager.file.exists() {
                match manager.installed() {
                    // It belongs to the package, which everybody on this machine has.
                    Some(unit) => {
                        println!(
                            "{} belongs to the package and stays; nothing of your own is installed.",
                            unit.display()
                        );
                        println!("  next: systemctl --user disable --now doorcode");
                    }
                    None => println!("No service is installed."),
                }
                return Ok(0);
            }
            for step in manager.remove {
                manager.call(step)?;
            }
            std::fs::remove_file(&manager.file).map_err(|error| {
                let what = format!("cannot remove {}: {error}", manager.file.display());
                Problem::new("service_failed", what, format!("rm {}", manager.file.display()))
            })?;
            println!("Stopped and removed {}.", manager.file.display());
        }
        ServiceCommand::Status => {
            let Some(unit) = manager.installed() else {
                println!("Service: not installed");
                return Ok(3);
            };
            let running = manager.call(manager.status).is_ok();
            let word = if running {
                "running"
            } else {
                "installed, not running"
            };
            println!("Service: {word} ({})", unit.display());
            return Ok(if running { 0 } else { 3 });
        }
    }
    Ok(0)
}

/// Where an administrator or a package puts the unit, in the order in which systemd looks (systemd.unit(5)).
const PACKAGED_UNITS: &[&str] = &[
    "/etc/systemd/user/doorcode.service",
    "/usr/local/lib/systemd/user/doorcode.service",
    "/usr/lib/systemd/user/doorcode.service",
];

/// What runs services here: its file, and its commands; `{file}` stands for the file.
struct Manager {
    program: &'static str,
    /// The person's own.
    file: PathBuf,
    /// Those that packages bring for everybody.
    packaged: &'static [&'static str],
    text: fn(program: &Path, settings: &Path) -> String,
    install: &'static [&'static [&'static str]],
    remove: &'static [&'static [&'static str]],
    status: &'static [&'static str],
}

impl Manager {
    fn of_this_machine() -> Result<Manager, Failure> {
        let home = std::env::home_dir().ok_or_else(|| {
            Problem::new(
                "service_failed",
                "there is no home directory to install a service in",
                "echo $HOME",
            )
        })?;
        if cfg!(target_os = "macos") {
            return Ok(Manager {
                program: "launchctl",
                file: home.join("Library/LaunchAgents/doorcode.plist"),
                packaged: &[],
                text: launchd_agent,
                install: &[&["load", "-w", "{file}"]],
                remove: &[&["unload", "-w", "{file}"]],
                status: &["list", "doorcode"],
            });
        }
        let config = std::env::var_os("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        Ok(Manager {
            program: "systemctl",
            file: config
                .unwrap_or_else(|| home.join(".config"))
                .join("systemd/user/doorcode.service"),
            packaged: PACKAGED_UNITS,
            text: systemd_unit,
            install: &[
                &["--user", "daemon-reload"],
                &["--user", "enable", "--now", "doorcode.service"],
            ],
            remove: &[&["--user", "disable", "--now", "doorcode.service"]],
            status: &["--user", "is-active", "--quiet", "doorcode.service"],
        })
    }

    /// The file that is in force: the person's own, or else a package's.
    fn installed(&self) -> Option<PathBuf> {
        let packaged = self.packaged.iter().map(PathBuf::from);
        std::iter::once(self.file.clone())
            .chain(packaged)
            .find(|file| file.exists())
    }

    fn call(&self, args: &[&str]) -> Result<Output, Failure> {
        let file = self.file.display().to_string();
        let args: Vec<&str> = args
            .iter()
            .map(|arg| if *arg == "{file}" { file.as_str() } else { arg })
            .collect();
        let line = format!("{} {}", self.program, args.join(" "));
        let failed =
            |why: String| Problem::new("service_failed", format!("`{line}` failed: {why}"), "doorcode up");
        let output = std::process::Command::new(self.program).args(&args).output();
        let output = output.map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(failed(format!("{}: {}", output.status, said.trim())).into());
        }
        Ok(output)
    }
}

/// A line end in a path would be a line of the unit.
fn refuse_control_characters(path: &Path) -> Result<(), Failure> {
    let text = path.to_string_lossy();
    if !text.chars().any(char::is_control) {
        return Ok(());
    }
    let what = format!("the path {text:?} has control characters, which a service's file cannot carry");
    Err(Problem::new("service_failed", what, "doorcode settings path").into())
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let parent = file.parent().unwrap_or(Path::new("/"));
    let written = std::fs::create_dir_all(parent).and_then(|()| files::write_private(file, text.as_bytes()));
    written.map_err(|error| {
        let what = format!("cannot write {}: {error}", file.display());
        Problem::new("service_failed", what, format!("ls -ld {}", parent.display())).into()
    })
}

/// `KillMode=process`: the engine ends the editor itself, and what a person detached from a terminal stays theirs.
fn systemd_unit(program: &Path, settings: &Path) -> String {
    let quote = |path: &Path| {
        let text = path.display().to_string();
        format!(
            "\"{}\"",
            text.replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('%', "%%")
                .replace('$', "$$")
        )
    };
    format!(
        "[Unit]\nDescription=Doorcode: one guarded door to your code\n\n\
         [Service]\nExecStart={} --settings {} up\nKillMode=process\nTimeoutStopSec=20\nRestart=on-failure\n\n\
         [Install]\nWantedBy=default.target\n",
        quote(program),
        quote(settings)
    )
}

/// Written to the launchd.plist manual; not tried on macOS here.
fn launchd_agent(program: &Path, settings: &Path) -> String {
    let escape = |path: &Path| {
        path.display()
            .to_string()
            .replace('&', "&amp;")
            .replace('<', "&lt;")
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\"><dict>\n  <key>Label</key><string>doorcode</string>\n  <key>ProgramArguments</key>\n  <array>\
         <string>{}</string><string>--settings</string><string>{}</string><string>up</string></array>\n  \
         <key>RunAtLoad</key><true/>\n  <key>AbandonProcessGroup</key><true/>\n</dict></plist>\n",
        escape(program),
        escape(settings)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_a_package_is_found_and_ones_own_comes_before_it() {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let manager = |own: &str| Manager {
            program: "systemctl",
            file: own.into(),
            packaged: &[
                "/nonexistent/doorcode.service",
                concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            ],
            text: systemd_unit,
            install: &[],
            remove: &[],
            status: &[],
        };
        assert_eq!(manager("/nonexistent").installed(), Some(here.into()));
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        assert_eq!(manager(own).installed(), Some(own.into()));
    }

    #[test]
    fn a_line_end_in_a_path_is_refused() {
        let refused = refuse_control_characters(Path::new("/home/me/a\nExecStartPre=/bin/true"));
        assert_eq!(refused.expect_err("refused").problem.code, "service_failed");
    }

    #[test]
    fn a_path_with_a_specifier_or_a_space_stays_one_argument() {
        let unit = systemd_unit(
            Path::new("/opt/my apps/100%/doorcode"),
            Path::new("/home/me/s.toml"),
        );
        assert!(
            unit.contains("ExecStart=\"/opt/my apps/100%%/doorcode\" --settings \"/home/me/s.toml\" up\n"),
            "{unit}"
        );
    }
}
