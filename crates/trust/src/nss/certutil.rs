//! certutil of Mozilla's NSS, on one database.
//!
//! It is always given a password file, if only an empty one: without, it would ask on the terminal, and with no terminal ask
//! again without end.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::ask::Secret;
use crate::error::TrustError;
use crate::packages::Package;
use crate::places::Places;
use crate::root::Root;
use crate::tool::{self, Tool};

/// Trusted as an authority (C), which both families need, and as a peer (P), for servers only.
const TRUST: &str = "CP,,";
const NO_PASSWORD: &str = "/dev/null";
/// A pipe: a password is neither an argument nor in a file.
const STANDARD_INPUT: &str = "/dev/stdin";

pub(super) struct Certutil<'a> {
    places: &'a Places,
    program: PathBuf,
    database: OsString,
}

/// A line of certutil's list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) nickname: String,
    pub(super) trusted_for_servers: bool,
}

impl<'a> Certutil<'a> {
    pub(super) fn new(places: &'a Places, dir: &Path) -> Result<Certutil<'a>, TrustError> {
        let program = places.program("certutil").ok_or(TrustError::ToolMissing {
            tool: "certutil",
            package: Package::Certutil,
        })?;
        let mut database = OsString::from("sql:");
        database.push(dir);
        Ok(Certutil {
            places,
            program,
            database,
        })
    }

    pub(super) fn list(&self) -> Result<Vec<Listed>, TrustError> {
        let ran = self.command("-L").args(["-f", NO_PASSWORD]).succeed()?;
        Ok(ran.stdout.lines().filter_map(listed).collect())
    }

    /// The certificates of this nickname, in PEM; nothing if it is the nickname of none in this database.
    pub(super) fn certificate(&self, nickname: &str) -> Result<String, TrustError> {
        let tool = self.command("-L").args(["-a", "-n", nickname, "-f", NO_PASSWORD]);
        let ran = tool.run()?;
        Ok(if ran.succeeded() {
            ran.stdout
        } else {
            String::new()
        })
    }

    /// A new database without a password, as browsers make it.
    pub(super) fn create(&self) -> Result<(), TrustError> {
        let tool = self.command("-N").args(["--empty-password", "-f", NO_PASSWORD]);
        tool.succeed().map(drop)
    }

    /// Whether this password, or none, opens the database's keys, and so lets its trust be changed.
    pub(super) fn opens_with(&self, password: Option<&Secret>) -> Result<bool, TrustError> {
        let tool = with_password(self.command("-K"), password);
        let ran = tool.run()?;
        let text = ran.text();
        if text.contains("SEC_ERROR_BAD_PASSWORD") {
            return Ok(false);
        }
        // A database without any key is a failure to it.
        if ran.succeeded() || text.contains("no keys found") {
            return Ok(true);
        }
        Err(tool.failed(&ran))
    }

    pub(super) fn add(
        &self,
        root: &Root,
        nickname: &str,
        password: Option<&Secret>,
    ) -> Result<(), TrustError> {
        let failed = |source| TrustError::File {
            path: std::env::temp_dir(),
            source,
        };
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        file.write_all(root.pem.as_bytes()).map_err(failed)?;
        let tool = self
            .command("-A")
            .args(["-n", nickname, "-t", TRUST, "-i"])
            .arg(file.path());
        with_password(tool, password).succeed().map(drop)
    }

    /// Takes the certificate of this nickname out, with its trust. Needs no password.
    pub(super) fn delete(&self, nickname: &str) -> Result<(), TrustError> {
        let tool = self.command("-D").args(["-n", nickname, "-f", NO_PASSWORD]);
        tool.succeed().map(drop)
    }

    fn command(&self, action: &str) -> Tool {
        Tool::new(self.places, &self.program, tool::SHORT)
            .arg(action)
            .arg("-d")
            .arg(&self.database)
    }
}

fn with_password(tool: Tool, password: Option<&Secret>) -> Tool {
    match password {
        Some(password) => tool
            .args(["-f", STANDARD_INPUT])
            .input(format!("{}\n", password.expose())),
        None => tool.args(["-f", NO_PASSWORD]),
    }
}

/// `nickname   CP,,`: the trust is for servers, mail and code, each of a few letters; the head of the table has no such line.
fn listed(line: &str) -> Option<Listed> {
    let (nickname, trust) = line.trim_end().rsplit_once(' ')?;
    let parts: Vec<&str> = trust.split(',').collect();
    let letters = |part: &&str| part.chars().all(|c| "pPcCTuwg".contains(c));
    if parts.len() != 3 || !parts.iter().all(letters) {
        return None;
    }
    Some(Listed {
        nickname: nickname.trim_end().to_owned(),
        trusted_for_servers: parts[0].contains('C') && !parts[0].contains('p'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_list_are_told_from_its_head() {
        let text = "\nCertificate Nickname                                         Trust Attributes\n\
                    \u{20}                                                            SSL,S/MIME,JAR/XPI\n\n\
                    Doorcode localhost (1a2b3c4d)                                CP,,  \n\
                    A name, with commas,                                         ,,   \n\
                    p                                                            p,p,p\n";
        let found: Vec<Listed> = text.lines().filter_map(listed).collect();
        let expected = [
            ("Doorcode localhost (1a2b3c4d)", true),
            ("A name, with commas,", false),
            ("p", false),
        ];
        let expected = expected.map(|(nickname, trusted_for_servers)| Listed {
            nickname: nickname.to_owned(),
            trusted_for_servers,
        });
        assert_eq!(found, expected);
    }
}
