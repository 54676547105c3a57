//! What trust is lost with a host's certificate: when another is issued, or when it goes.

use doorcode_engine::{Device, DeviceTrust};
use doorcode_settings::{HostName, Paths};
use doorcode_trust::{Selection, StoreReport};
use serde::Serialize;

use super::{HostTrust, trusts};
use crate::{blocking, devices};

/// Who trusts the certificate that a host has now.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Loss {
    /// Stores of this machine.
    pub stores: Vec<StoreReport>,
    /// Devices that passed a check with it.
    pub devices: Vec<Device>,
}

impl Loss {
    /// Whether nobody is known to trust it.
    pub fn is_none(&self) -> bool {
        self.stores.is_empty() && self.devices.is_empty()
    }

    /// Who, in a line: `Chromium, Firefox (default) and Safari 19 on iPhone`.
    pub fn names(&self) -> String {
        let stores = self.stores.iter().map(|store| store.title.clone());
        let devices = self.devices.iter().map(|device| match device.trust {
            DeviceTrust::Unproven => format!("{} (works, trust not proven)", device.proof.name),
            DeviceTrust::Proven | DeviceTrust::Lost => device.proof.name.clone(),
        });
        let mut names: Vec<String> = stores.chain(devices).collect();
        match (names.pop(), names.is_empty()) {
            (Some(last), false) => format!("{} and {last}", names.join(", ")),
            (last, _) => last.unwrap_or_default(),
        }
    }
}

/// Who is known to trust the certificate that is kept for `host`. What cannot be read, a damaged pair above all, is known to
/// nobody: it must not stand in the way of a new one.
pub async fn loss(paths: &Paths, host: &HostName) -> Loss {
    let mut devices = devices::list(paths).await.unwrap_or_default();
    devices.retain(|device| device.trust != DeviceTrust::Lost && device.proof.host == *host);
    let stores = match HostTrust::kept(paths, host.clone()).await {
        Ok(trust) => blocking(move || Ok(trust.report(&Selection::all()).stores)).await,
        Err(_) => Ok(Vec::new()),
    };
    Loss {
        stores: stores.unwrap_or_default().into_iter().filter(trusts).collect(),
        devices,
    }
}

#[cfg(test)]
mod tests {
    use doorcode_engine::Proof;

    use super::*;

    #[test]
    fn who_loses_trust_is_said_in_a_line() {
        let device = |name: &str| Device {
            proof: Proof {
                id: String::new(),
                name: name.to_owned(),
                client: String::new(),
                host: "code.test".parse().expect("a host"),
                fingerprint: None,
                proven: true,
                verified_at: time::OffsetDateTime::UNIX_EPOCH,
            },
            trust: DeviceTrust::Proven,
        };
        let loss = |names: &[&str]| Loss {
            stores: Vec::new(),
            devices: names.iter().map(|name| device(name)).collect(),
        };
        assert_eq!(loss(&[]).names(), "");
        assert_eq!(loss(&["a"]).names(), "a");
        assert_eq!(loss(&["a", "b", "c"]).names(), "a, b and c");
        let mut unsure = loss(&["a", "b"]);
        unsure.devices[0].trust = DeviceTrust::Unproven;
        assert_eq!(unsure.names(), "a (works, trust not proven) and b");
    }
}
