//! What the trust stores of this machine's browsers hold.

use doorcode_certs::CertStore;
use doorcode_health::{BrowserTrust, Trust};
use doorcode_settings::{AuthMode, Paths, Settings, Tls};
use doorcode_trust::{Places, Root, Selection, State, StoreKind, StoreReport, Subject};

/// Every browser's store, for each host whose root is ours. Starts no browser. Blocking: it runs a small program or two.
pub(super) fn look(paths: &Paths, settings: &Settings) -> Vec<BrowserTrust> {
    // Elsewhere browsers see another's certificate.
    if settings.tls != Tls::SelfSigned || settings.auth.mode == AuthMode::TrustedProxy {
        return Vec::new();
    }
    let store = CertStore::new(paths.certs_dir());
    let Some(places) = Places::discover() else {
        return Vec::new();
    };
    let roots: Vec<Root> = settings
        .gateway
        .hosts
        .iter()
        .filter_map(|host| Root::of(&store, host).ok())
        .collect();
    let mut found = Vec::new();
    for root in &roots {
        let subject = Subject {
            root,
            known: &roots,
            // Only a verification opens it.
            url: "",
        };
        let report = doorcode_trust::report(&places, &subject, &Selection::all());
        let browsers = report
            .stores
            .into_iter()
            .filter(|store| is_a_browsers(store.store));
        found.extend(browsers.map(|store| told(store, root)));
    }
    found
}

fn is_a_browsers(kind: StoreKind) -> bool {
    matches!(kind, StoreKind::Chromium | StoreKind::Firefox)
}

fn told(store: StoreReport, root: &Root) -> BrowserTrust {
    BrowserTrust {
        title: store.title,
        store: store.id.to_string(),
        host: root.host.clone(),
        state: match store.state {
            State::Trusted => Trust::Trusted,
            State::RestartNeeded => Trust::RestartNeeded,
            State::NotTrusted => Trust::NotTrusted,
            State::NotInstalled | State::Unknown => Trust::Unknown,
        },
        detail: store.detail,
    }
}
