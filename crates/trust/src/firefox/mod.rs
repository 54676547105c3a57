//! Firefox and LibreWolf: a database for each profile.

mod ask_page;
mod profiles;

use crate::ask::Ask;
use crate::error::TrustError;
use crate::handshake::Page;
use crate::nss::{self, Database};
use crate::places::Places;
use crate::root::Root;
use crate::running;
use crate::store::{Entry, Store, StoreId, StoreKind, Verdict};
use profiles::Profile;

/// Every profile of this person; a browser without any stands for itself.
pub(crate) fn stores(places: &Places) -> Vec<Box<dyn Store>> {
    let mut stores: Vec<Box<dyn Store>> = Vec::new();
    for profile in profiles::profiles(places) {
        stores.push(Box::new(Firefox {
            places: places.clone(),
            profile,
        }));
    }
    for title in profiles::never_started(places) {
        stores.push(Box::new(NeverStarted { title }));
    }
    stores
}

struct Firefox {
    places: Places,
    profile: Profile,
}

impl Firefox {
    fn database(&self) -> Database {
        Database {
            dir: self.profile.dir.clone(),
        }
    }
}

impl Store for Firefox {
    fn id(&self) -> StoreId {
        StoreId {
            kind: StoreKind::Firefox,
            name: Some(self.profile.id.clone()),
        }
    }

    fn title(&self) -> String {
        self.profile.title()
    }

    fn place(&self) -> String {
        self.profile.dir.display().to_string()
    }

    fn exists(&self) -> bool {
        self.database().exists()
    }

    fn clients(&self) -> Vec<String> {
        let client = self.profile.client.iter();
        client.map(|client| client.name.to_owned()).collect()
    }

    fn entries(&self) -> Result<Vec<Entry>, TrustError> {
        self.database().entries(&self.places)
    }

    fn install(&self, root: &Root, ask: &dyn Ask) -> Result<(), TrustError> {
        self.database().add(&self.places, root, &self.title(), ask)
    }

    fn verify(&self, page: &Page) -> Result<Verdict, TrustError> {
        let Some(client) = &self.profile.client else {
            return Ok(Verdict::NotInstalled);
        };
        Ok(
            match ask_page::ask(&self.places, client, &self.profile.dir, page)? {
                Ok(()) => Verdict::Trusted(client.name.to_owned()),
                Err(error) => Verdict::NotTrusted(format!("{}: {error}", client.name)),
            },
        )
    }

    fn remove(&self, entry: &Entry, _ask: &dyn Ask) -> Result<(), TrustError> {
        self.database().delete(&self.places, entry)
    }

    /// It reads its database once, when it starts.
    fn outdated_client(&self) -> Option<String> {
        let changed = nss::changed(&self.profile.dir)?;
        let since = running::firefox_since(&self.profile.dir)?;
        (since < changed).then(|| self.profile.family.to_owned())
    }
}

/// A browser that is installed and has no profile.
struct NeverStarted {
    title: &'static str,
}

impl NeverStarted {
    fn error(&self) -> TrustError {
        TrustError::NeverStarted {
            title: self.title.to_owned(),
        }
    }
}

impl Store for NeverStarted {
    fn id(&self) -> StoreId {
        StoreId {
            kind: StoreKind::Firefox,
            name: (self.title != "Firefox").then(|| self.title.to_lowercase()),
        }
    }

    fn title(&self) -> String {
        self.title.to_owned()
    }

    fn place(&self) -> String {
        "no profile yet".to_owned()
    }

    fn exists(&self) -> bool {
        false
    }

    fn clients(&self) -> Vec<String> {
        vec![self.title.to_owned()]
    }

    fn entries(&self) -> Result<Vec<Entry>, TrustError> {
        Ok(Vec::new())
    }

    fn install(&self, _root: &Root, _ask: &dyn Ask) -> Result<(), TrustError> {
        Err(self.error())
    }

    fn verify(&self, _page: &Page) -> Result<Verdict, TrustError> {
        Err(self.error())
    }

    fn remove(&self, _entry: &Entry, _ask: &dyn Ask) -> Result<(), TrustError> {
        Err(self.error())
    }

    fn outdated_client(&self) -> Option<String> {
        None
    }
}
