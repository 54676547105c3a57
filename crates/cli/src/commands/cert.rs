//! `doorcode cert`: the certificates of the hosts, as files, whether an engine runs or not.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{eprint, eprintln, println};
use clap::{Args, Subcommand};
use doorcode_certs::{CertError, CertStore, Certificate, Issued, load_custom};
use doorcode_settings::{HostName, Paths, Problem, Settings, Tls};

use crate::args::Json;
use crate::failure::Failure;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum CertCommand {
    /// List every host's certificate; exit status 1 if one needs attention.
    List(ListArgs),
    /// Show a host's certificate: fingerprints, names, days left.
    Show(ShowArgs),
    /// Issue a new certificate for a host; it has to be trusted anew.
    Issue(IssueArgs),
    /// Issue a new certificate if the old one ends within 30 days; it has to be trusted anew.
    Renew(RenewArgs),
    /// Delete a host's certificate, its key, and the backups of both.
    Remove(RemoveArgs),
    /// Print the root certificate that browsers and devices are to trust, in PEM.
    Export(ExportArgs),
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert list --json")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    json: Json,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert show localhost")]
pub(crate) struct ShowArgs {
    /// A DNS name or an address.
    host: HostName,
    #[command(flatten)]
    json: Json,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert issue my.dev.local")]
pub(crate) struct IssueArgs {
    /// A DNS name or an address.
    host: HostName,
    /// Replace a valid certificate without asking.
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert renew my.dev.local")]
pub(crate) struct RenewArgs {
    /// A DNS name or an address.
    host: HostName,
    /// Renew long before the end, too.
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert remove my.dev.local")]
pub(crate) struct RemoveArgs {
    /// A DNS name or an address.
    host: HostName,
    /// Remove it without asking.
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode cert export my.dev.local --out my-dev-local-root.crt")]
pub(crate) struct ExportArgs {
    /// A DNS name or an address.
    host: HostName,
    /// Write it to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs a subcommand on the files; the answer is the exit status.
pub(crate) fn run(command: CertCommand, paths: &Paths, settings: &Settings) -> Result<u8, Failure> {
    let certs = Certs {
        store: CertStore::new(paths.certs_dir()),
        settings,
    };
    match command {
        CertCommand::List(args) => certs.list(args.json),
        CertCommand::Show(args) => certs.show(&args),
        CertCommand::Issue(args) => certs.issue(&args),
        CertCommand::Renew(args) => certs.renew(&args),
        CertCommand::Remove(args) => certs.remove(&args),
        CertCommand::Export(args) => certs.export(&args),
    }
}

struct Certs<'a> {
    store: CertStore,
    settings: &'a Settings,
}

impl Certs<'_> {
    fn list(&self, json: Json) -> Result<u8, Failure> {
        let (certificates, problems) = self.all()?;
        if json.json {
            output::json(&serde_json::json!({ "certificates": certificates, "problems": problems }))?;
        } else {
            let rows: Vec<Vec<String>> = certificates
                .iter()
                .map(|certificate| self.row(certificate))
                .collect();
            match rows.is_empty() {
                true => println!("There is no certificate yet; doorcode up issues one for each host."),
                false => anstream::print!(
                    "{}",
                    output::table(&["host", "ends", "days", "state", "sha-256"], &rows)
                ),
            }
            problems.iter().for_each(output::warning);
        }
        let due = |certificate: &Certificate| certificate.due && self.serves(certificate);
        let attention = !problems.is_empty() || certificates.iter().any(due);
        Ok(u8::from(attention))
    }

    /// What is served, then what else is in the store; and what is wrong with the rest.
    fn all(&self) -> Result<(Vec<Certificate>, Vec<Problem>), Failure> {
        let hosts = &self.settings.gateway.hosts;
        let (mut certificates, mut problems) = (Vec::new(), Vec::new());
        if let Tls::Custom { cert, key } = &self.settings.tls {
            match load_custom(cert, key, hosts) {
                Ok((pair, warnings)) => {
                    certificates.push(pair.info);
                    problems.extend(warnings);
                }
                Err(error) => problems.push(Problem::from(&error)),
            }
        }
        for host in hosts {
            match self.store.show(host) {
                Ok(certificate) => certificates.push(certificate),
                Err(CertError::Missing { .. }) => {}
                Err(error) => problems.push(Problem::from(&error)),
            }
        }
        for entry in self.store.list().map_err(|error| Problem::from(&error))? {
            match entry {
                Ok(certificate) if !hosts.contains(&certificate.host) => certificates.push(certificate),
                Err(broken) if !hosts.iter().any(|host| host.file_stem() == broken.stem) => {
                    problems.push(Problem::from(&broken));
                }
                _ => {}
            }
        }
        Ok((certificates, problems))
    }

    fn row(&self, certificate: &Certificate) -> Vec<String> {
        let state = match certificate {
            _ if certificate.days_left < 0 => "expired",
            _ if !self.serves(certificate) => "not served",
            _ if certificate.due => "renew now",
            _ => "valid",
        };
        vec![
            certificate.host.to_string(),
            output::moment(certificate.not_after),
            certificate.days_left.to_string(),
            state.to_owned(),
            certificate.fingerprint.clone(),
        ]
    }

    /// Whether the settings have the gateway serve it.
    fn serves(&self, certificate: &Certificate) -> bool {
        match &self.settings.tls {
            Tls::SelfSigned => self.settings.gateway.hosts.contains(&certificate.host),
            Tls::Custom { cert, .. } => *cert == certificate.cert_file,
        }
    }

    fn show(&self, args: &ShowArgs) -> Result<u8, Failure> {
        let certificate = match &self.settings.tls {
            Tls::Custom { cert, key } if self.settings.gateway.hosts.contains(&args.host) => {
                load_custom(cert, key, std::slice::from_ref(&args.host)).map(|(pair, _)| pair.info)
            }
            _ => self.store.show(&args.host),
        };
        let certificate = certificate.map_err(|error| Problem::from(&error))?;
        if args.json.json {
            output::json(&certificate)?;
        } else {
            print(&certificate);
        }
        Ok(0)
    }

    fn issue(&self, args: &IssueArgs) -> Result<u8, Failure> {
        let host = &args.host;
        if self.store.show(host).is_ok_and(|old| old.days_left >= 0) {
            let question = format!(
                "{host} has a valid certificate. A new one has to be trusted anew everywhere. Issue it?"
            );
            confirm(&question, args.yes, &format!("doorcode cert issue {host} --yes"))?;
        }
        let issued = self.store.issue(host).map_err(|error| Problem::from(&error))?;
        self.announce(&issued);
        Ok(0)
    }

    fn renew(&self, args: &RenewArgs) -> Result<u8, Failure> {
        let issued = self
            .store
            .renew(&args.host, args.force)
            .map_err(|error| Problem::from(&error))?;
        self.announce(&issued);
        Ok(0)
    }

    fn announce(&self, issued: &Issued) {
        let host = &issued.certificate.host;
        println!(
            "{host} has a new certificate, valid until {}.",
            output::moment(issued.certificate.not_after)
        );
        println!("SHA-256 {}", issued.certificate.fingerprint);
        if let Some(backup) = &issued.backup {
            println!("The old one is kept as {}", backup.display());
        }
        println!("Trust it: doorcode cert export {host} --out FILE");
        if let Tls::Custom { cert, .. } = &self.settings.tls {
            eprintln!(
                "Note: tls.mode is custom, so the gateway serves {}, not this certificate.",
                cert.display()
            );
        } else if !self.settings.gateway.hosts.contains(host) {
            eprintln!("Note: {host} is not in gateway.hosts, so nothing serves it yet.");
        }
    }

    fn remove(&self, args: &RemoveArgs) -> Result<u8, Failure> {
        let host = &args.host;
        // Not worth a question if there is nothing of this host's to remove.
        if let Err(error @ (CertError::Missing { .. } | CertError::HostFileTaken { .. })) =
            self.store.show(host)
        {
            return Err(Problem::from(&error).into());
        }
        let question = format!(
            "Delete the certificate and key of {host} and their backups? The next one has to be trusted anew."
        );
        confirm(&question, args.yes, &format!("doorcode cert remove {host} --yes"))?;
        let removed = self.store.remove(host).map_err(|error| Problem::from(&error))?;
        for file in removed {
            println!("removed {}", file.display());
        }
        if self.settings.tls == Tls::SelfSigned && self.settings.gateway.hosts.contains(host) {
            eprintln!(
                "Note: {host} is still in gateway.hosts, so a running engine issues a new one at once."
            );
        }
        Ok(0)
    }

    fn export(&self, args: &ExportArgs) -> Result<u8, Failure> {
        let root = self
            .store
            .export(&args.host)
            .map_err(|error| Problem::from(&error))?;
        match &args.out {
            None => anstream::print!("{root}"),
            Some(file) => {
                fs::write(file, root).map_err(|error| unwritable(file, &error))?;
                println!("The root certificate of {} is in {}", args.host, file.display());
            }
        }
        Ok(0)
    }
}

fn print(certificate: &Certificate) {
    let Certificate {
        host,
        sans,
        not_before,
        not_after,
        days_left,
        fingerprint,
        issuer,
        serial,
        ..
    } = certificate;
    let lines = [
        ("host", host.to_string()),
        ("names", sans.join(", ")),
        ("valid from", output::moment(*not_before)),
        ("valid until", output::moment(*not_after)),
        ("days left", days_left.to_string()),
        ("SHA-256", fingerprint.clone()),
        (
            "root SHA-256",
            certificate.root_fingerprint.clone().unwrap_or_default(),
        ),
        ("issuer", issuer.clone()),
        ("serial", serial.clone()),
        ("certificate", certificate.cert_file.display().to_string()),
        ("key", certificate.key_file.display().to_string()),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        println!("{name:<14}{value}");
    }
    if *days_left < 0 {
        println!("It has expired: doorcode cert renew {host}");
    } else if certificate.due && certificate.self_signed {
        println!("Renewal is due: doorcode cert renew {host}");
    }
}

/// Asks on the terminal; where there is none, only `--yes` is an answer.
fn confirm(question: &str, yes: bool, with_yes: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let message = format!("{question} There is no terminal to answer on, so nothing was changed");
        return Err(Problem::new("confirmation_needed", message, with_yes).into());
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = io::stderr()
        .flush()
        .and_then(|()| io::stdin().read_line(&mut answer));
    match (read, answer.trim()) {
        (Ok(_), "y" | "Y" | "yes") => Ok(()),
        _ => Err(Problem::new("not_confirmed", "nothing was changed", "").into()),
    }
}

fn unwritable(file: &Path, error: &io::Error) -> Problem {
    let message = format!("cannot write {}: {error}", file.display());
    Problem::new(
        "export_unwritable",
        message,
        "doorcode cert export HOST --out another-file.crt",
    )
}
