//! Chromium, Chrome, Brave, Edge and Vivaldi: one database for all that are not in a sandbox of their own.

mod ask_page;
mod place;

use std::time::SystemTime;

use crate::ask::Ask;
use crate::client::Client;
use crate::error::TrustError;
use crate::handshake::Page;
use crate::nss::{self, Database};
use crate::places::Places;
use crate::root::Root;
use crate::running;
use crate::store::{Entry, Store, StoreId, StoreKind, Verdict};
use place::Home;

/// The databases that browsers of this family use on this machine.
pub(crate) fn stores(places: &Places) -> Vec<Box<dyn Store>> {
    place::homes(places)
        .into_iter()
        .filter(|home| !home.browsers.is_empty() || home.existing().is_some())
        .map(|home| -> Box<dyn Store> {
            Box::new(Chromium {
                places: places.clone(),
                home,
            })
        })
        .collect()
}

struct Chromium {
    places: Places,
    home: Home,
}

impl Chromium {
    fn database(&self) -> Database {
        Database {
            dir: self.home.database(&self.places),
        }
    }

    fn clients(&self) -> impl Iterator<Item = &Client> {
        self.home.browsers.iter().map(|browser| &browser.client)
    }
}

impl Store for Chromium {
    fn id(&self) -> StoreId {
        StoreId {
            kind: StoreKind::Chromium,
            name: self.home.name.map(str::to_owned),
        }
    }

    fn title(&self) -> String {
        let names: Vec<&str> = self.clients().map(|client| client.name).collect();
        let names = if names.is_empty() {
            "Chromium".to_owned()
        } else {
            names.join(", ")
        };
        match self.home.sandbox {
            Some(sandbox) => format!("{names} ({sandbox})"),
            None => names,
        }
    }

    fn place(&self) -> String {
        self.database().dir.display().to_string()
    }

    fn exists(&self) -> bool {
        self.database().exists()
    }

    fn clients(&self) -> Vec<String> {
        self.clients().map(|client| client.name.to_owned()).collect()
    }

    fn entries(&self) -> Result<Vec<Entry>, TrustError> {
        self.database().entries(&self.places)
    }

    fn install(&self, root: &Root, ask: &dyn Ask) -> Result<(), TrustError> {
        self.database().add(&self.places, root, &self.title(), ask)
    }

    /// Every browser that uses the database has to take the page.
    fn verify(&self, page: &Page) -> Result<Verdict, TrustError> {
        let mut accepted = Vec::new();
        for client in self.clients() {
            match ask_page::ask(&self.places, client, page)? {
                Ok(()) => accepted.push(client.name),
                Err(error) => return Ok(Verdict::NotTrusted(format!("{}: {error}", client.name))),
            }
        }
        Ok(if accepted.is_empty() {
            Verdict::NotInstalled
        } else {
            Verdict::Trusted(accepted.join(", "))
        })
    }

    fn remove(&self, entry: &Entry, _ask: &dyn Ask) -> Result<(), TrustError> {
        self.database().delete(&self.places, entry)
    }

    fn outdated_client(&self) -> Option<String> {
        let changed = nss::changed(&self.database().dir)?;
        let older = |since: SystemTime| since < changed;
        self.home
            .browsers
            .iter()
            .find(|browser| running::chromium_since(&browser.config).is_some_and(older))
            .map(|browser| browser.client.name.to_owned())
    }
}
