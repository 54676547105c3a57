//! Doorcode: `doorcode up` in folders of its own, with a session that was begun by a one-time link.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use hyper::StatusCode;
use hyper::header::{COOKIE, SET_COOKIE};

use crate::contenders::upstream::{Upstream, shell};
use crate::contenders::{Column, Contender, assertion, wait_for};
use crate::error::BenchError;
use crate::identity::{HOST, Identity};
use crate::load;
use crate::load::client;
use crate::load::target::Target;
use crate::memory::Extent;
use crate::process::Process;
use crate::site::{Site, free_port, write};

const SESSION_COOKIE: &str = "__Host-doorcode=";

/// `auth.mode`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    None,
    Password,
    TrustedProxy,
}

impl Auth {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Password => "password",
            Self::TrustedProxy => "trusted-proxy",
        }
    }
}

pub(crate) struct Doorcode {
    program: PathBuf,
    auth: Auth,
    home: PathBuf,
    target: Target,
}

impl Doorcode {
    /// Writes the settings; with a password, also runs Doorcode once to sign in. The session outlives that run.
    pub(crate) fn prepare(
        site: &Site,
        program: &Path,
        upstream: Upstream,
        auth: Auth,
    ) -> Result<Self, BenchError> {
        let mode = auth.as_str();
        let home = site.folder(&format!("doorcode-{}-{mode}", upstream.name()))?;
        let port = free_port()?;
        private_runtime_dir(&home)?;
        let editor = write_editor(site, &home, upstream)?;
        let mut text = settings(&site.identity, &editor, port, auth);
        let mut target = Target::tls(port, &site.identity.certificate)?;
        if auth == Auth::TrustedProxy {
            let (token, believing) = assertion::create(&home, port)?;
            text += &believing;
            target = target.with_header(assertion::HEADER, token);
        }
        write(&home.join("settings.toml"), &text)?;
        let prepared = Self {
            program: program.to_owned(),
            auth,
            home,
            target,
        };
        if auth != Auth::Password {
            return Ok(prepared);
        }
        let cookie = prepared.sign_in(site)?;
        Ok(Self {
            target: prepared.target.clone().with_header(COOKIE, cookie),
            ..prepared
        })
    }

    /// Gives the cookie of a new session.
    fn sign_in(&self, site: &Site) -> Result<String, BenchError> {
        let mut processes = self.launch(site)?;
        wait_for(&mut processes, &self.target, "/.doorcode/sign-in", |status| {
            status == StatusCode::OK
        })?;
        let link = self.link(site)?;
        let path = link.find("/.doorcode/").map(|start| &link[start..]);
        let path =
            path.ok_or_else(|| BenchError::Unexpected("doorcode open --print printed no link".to_owned()))?;
        let answer = load::alone("the one-time link", client::once(&self.target, path))?;
        answer
            .headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|cookie| cookie.to_str().ok())
            .find(|cookie| cookie.starts_with(SESSION_COOKIE))
            .map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned())
            .ok_or_else(|| {
                BenchError::Unexpected(format!("the one-time link gave no session ({})", answer.status))
            })
    }

    fn link(&self, site: &Site) -> Result<String, BenchError> {
        let mut command = self.command(site);
        command.args(["open", "--print"]);
        let output = command
            .output()
            .map_err(|e| BenchError::io("cannot run doorcode open --print", e))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(BenchError::Unexpected(format!(
                "doorcode open --print failed: {said}"
            )));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn command(&self, site: &Site) -> Command {
        let mut command = site.command(&self.program, &self.home);
        command
            .env("DOORCODE_KEYRING", "none")
            .arg("--settings")
            .arg(self.home.join("settings.toml"));
        command
    }
}

impl Contender for Doorcode {
    fn column(&self) -> Column {
        match self.auth {
            Auth::Password => Column::Doorcode,
            Auth::None => Column::DoorcodeOpen,
            Auth::TrustedProxy => Column::DoorcodeProxied,
        }
    }

    /// One process: it runs its upstream itself, as it does the editor.
    fn launch(&self, site: &Site) -> Result<Vec<Process>, BenchError> {
        let mut command = self.command(site);
        command.arg("up").arg(&self.home);
        Ok(vec![Process::start("Doorcode", command, self.home.join("log"))?])
    }

    fn target(&self) -> &Target {
        &self.target
    }

    fn extent(&self) -> Extent {
        Extent::Alone
    }
}

/// A runtime folder belongs to one person alone (XDG Base Directory Specification).
fn private_runtime_dir(home: &Path) -> Result<(), BenchError> {
    let folder = home.join("run");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::set_permissions(&folder, Permissions::from_mode(0o700)))
        .map_err(|e| BenchError::io(format!("cannot make the folder {}", folder.display()), e))
}

/// `editor.program`: what passes for code-server, as one executable.
fn write_editor(site: &Site, home: &Path, upstream: Upstream) -> Result<PathBuf, BenchError> {
    let (program, first) = upstream.program(site)?;
    let file = home.join("editor");
    write(&file, &format!("#!/bin/sh\n{}\n", shell(&program, &first)))?;
    fs::set_permissions(&file, Permissions::from_mode(0o700))
        .map_err(|e| BenchError::io(format!("cannot make {} executable", file.display()), e))?;
    Ok(file)
}

/// Debug's quotes and escapes of a path are those of a TOML basic string for all that stands in a temporary path.
fn settings(identity: &Identity, editor: &Path, port: u16, auth: Auth) -> String {
    let mode = auth.as_str();
    let (cert, key) = (&identity.cert_file, &identity.key_file);
    format!(
        r#"[editor]
program = {editor:?}
[gateway]
listen = ["127.0.0.1:{port}"]
hosts = ["{HOST}"]
[tls]
mode = "custom"
cert = {cert:?}
key = {key:?}
[auth]
mode = "{mode}"
[limits]
connections = 8192
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doorcode_understands_the_settings() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let identity = Identity::create(dir.path()).expect("a certificate");
        let editor = Path::new("/tmp/a b/editor");
        let text = settings(&identity, editor, 9443, Auth::Password);
        let read =
            doorcode_settings::Settings::parse(&text, Path::new("settings.toml")).expect("valid settings");
        assert_eq!(
            read.editor.program,
            doorcode_settings::Program::Path(editor.to_owned())
        );
        assert_eq!(
            read.gateway.listen,
            ["127.0.0.1:9443".parse().expect("an address")]
        );
        assert_eq!(read.auth.mode, doorcode_settings::AuthMode::Password);
        assert!(
            matches!(read.tls, doorcode_settings::Tls::Custom { cert, .. } if cert == identity.cert_file)
        );
        assert!(read.limits.connections > 1_000, "1,000 WebSockets have to fit");
    }

    #[test]
    fn doorcode_understands_the_settings_that_believe_an_assertion() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let identity = Identity::create(dir.path()).expect("a certificate");
        let (token, believing) = assertion::create(dir.path(), 9443).expect("an assertion");
        let text = settings(&identity, Path::new("/editor"), 9443, Auth::TrustedProxy) + &believing;
        let read =
            doorcode_settings::Settings::parse(&text, Path::new("settings.toml")).expect("valid settings");
        assert_eq!(read.auth.mode, doorcode_settings::AuthMode::TrustedProxy);
        assert_eq!(token.split('.').count(), 3);
    }
}
