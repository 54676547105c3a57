//! What certificates there are, and what they say.

use anstream::println;
use doorcode_certs::{CertError, Certificate, load_custom};
use doorcode_settings::{Problem, Tls};

use super::{Certs, ShowArgs};
use crate::args::Json;
use crate::failure::Failure;
use crate::output;

impl Certs<'_> {
    pub(super) fn list(&self, json: Json) -> Result<u8, Failure> {
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

    pub(super) fn show(&self, args: &ShowArgs) -> Result<u8, Failure> {
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
