//! Another certificate, or none, and what becomes of those who trusted the old one.

use std::io::{self, IsTerminal};

use anstream::{eprintln, println};
use doorcode_actions::trust::{HostTrust, Loss, loss};
use doorcode_certs::{CertError, Issued};
use doorcode_engine::DeviceTrust;
use doorcode_settings::{HostName, Problem, Tls};

use super::{Certs, IssueArgs, RedoArgs, RemoveArgs, RenewArgs};
use crate::commands::trust;
use crate::failure::Failure;
use crate::output;
use crate::person::{Person, agrees, confirm};

/// Who trusted a host's certificate before it was replaced.
struct Before {
    trust: Option<HostTrust>,
    loss: Loss,
}

impl Certs<'_> {
    pub(super) async fn issue(&self, args: IssueArgs) -> Result<u8, Failure> {
        let host = &args.host;
        let before = self.before(host).await;
        if self.store.show(host).is_ok_and(|old| old.days_left >= 0) {
            let question = match before.loss.is_none() {
                true => {
                    format!("{host} has a valid certificate. A new one has to be trusted anew. Issue it?")
                }
                false => format!(
                    "{host} has a valid certificate, trusted by {}. A new one has to be trusted anew. Issue it?",
                    before.loss.names()
                ),
            };
            confirm(&question, args.yes, &format!("doorcode cert issue {host} --yes"))?;
        }
        let issued = self.store.issue(host).map_err(|error| Problem::from(&error))?;
        self.announce(&issued);
        self.redo(host, before, &args.redo, args.yes).await
    }

    pub(super) async fn renew(&self, args: RenewArgs) -> Result<u8, Failure> {
        let before = self.before(&args.host).await;
        let issued = self
            .store
            .renew(&args.host, args.force)
            .map_err(|error| Problem::from(&error))?;
        self.announce(&issued);
        self.redo(&args.host, before, &args.redo, false).await
    }

    async fn before(&self, host: &HostName) -> Before {
        let paths = &self.context.paths;
        Before {
            loss: loss(paths, host).await,
            // Without a root of ours there is nothing to take out later.
            trust: HostTrust::kept(paths, host.clone()).await.ok(),
        }
    }

    /// Offers those who trusted the old certificate the new one, which a running engine serves by then.
    async fn redo(&self, host: &HostName, before: Before, args: &RedoArgs, yes: bool) -> Result<u8, Failure> {
        self.context.reload().await?;
        let Before { trust, loss } = before;
        for device in &loss.devices {
            let loses = match device.trust {
                DeviceTrust::Unproven => "works, trust not proven, and may warn again",
                DeviceTrust::Proven | DeviceTrust::Lost => "loses trust",
            };
            eprintln!(
                "{} ({}) {loses}: doorcode trust devices --add --host {host}",
                device.proof.name, device.proof.client
            );
        }
        let (Some(old), false) = (trust, loss.stores.is_empty()) else {
            println!("Trust it: doorcode trust install --host {host}");
            return Ok(0);
        };
        let names: Vec<&str> = loss.stores.iter().map(|store| &*store.title).collect();
        let names = names.join(", ");
        let asks = io::stdin().is_terminal() && !yes;
        if args.trust || asks && agrees(&format!("Have {names} trust the new one instead?")) {
            let ids: Vec<String> = loss.stores.iter().map(|store| store.id.to_string()).collect();
            return trust::redo(host, old, &ids, yes, self.context).await;
        }
        output::warning(&Problem::new(
            "trust_lost",
            format!("the old certificate was trusted by {names}; the new one is not"),
            format!("doorcode trust install --host {host}; doorcode trust remove --leftovers"),
        ));
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
        if let Tls::Custom { cert, .. } = &self.settings.tls {
            eprintln!(
                "Note: tls.mode is custom, so the gateway serves {}, not this certificate.",
                cert.display()
            );
        } else if !self.settings.gateway.hosts.contains(host) {
            eprintln!("Note: {host} is not in gateway.hosts, so nothing serves it yet.");
        }
    }

    pub(super) async fn remove(&self, args: RemoveArgs) -> Result<u8, Failure> {
        let host = &args.host;
        // Not worth a question if there is nothing of this host's to remove.
        if let Err(error @ (CertError::Missing { .. } | CertError::HostFileTaken { .. })) =
            self.store.show(host)
        {
            return Err(Problem::from(&error).into());
        }
        let Before { trust, loss } = self.before(host).await;
        let question = match loss.is_none() {
            true => format!(
                "Delete the certificate and key of {host} and their backups? The next one has to be trusted anew."
            ),
            false => format!(
                "Delete the certificate and key of {host} and their backups? It is trusted by {}, and the next one has to be \
                 trusted anew.",
                loss.names()
            ),
        };
        confirm(&question, args.yes, &format!("doorcode cert remove {host} --yes"))?;
        if let Some(trust) = trust {
            self.remove_trust(trust, args.yes).await?;
        }
        let removed = self.store.remove(host).map_err(|error| Problem::from(&error))?;
        for file in removed {
            println!("removed {}", file.display());
        }
        for device in loss.devices {
            eprintln!(
                "Note: {} ({}) goes on trusting the root that is gone, which is harmless; remove it there.",
                device.proof.name, device.proof.client
            );
        }
        if self.settings.tls == Tls::SelfSigned && self.settings.gateway.hosts.contains(host) {
            eprintln!(
                "Note: {host} is still in gateway.hosts, so a running engine issues a new one at once."
            );
        }
        self.context.reload().await?;
        Ok(0)
    }

    /// First the trust, then the certificate: without it nobody knows any more what to take out.
    async fn remove_trust(&self, trust: HostTrust, yes: bool) -> Result<(), Failure> {
        let person = Person {
            yes,
            wants_progress: false,
        };
        let removed = tokio::task::spawn_blocking(move || trust.remove_everywhere(&person)).await;
        match removed {
            Ok(done) => Ok(done.map(drop)?),
            Err(error) => {
                let message = format!("a part of Doorcode failed: {error}");
                Err(Problem::new("internal", message, "doorcode trust status").into())
            }
        }
    }
}
