//! The page that a phone or tablet opens before it trusts anything: over plain http, on the local network, for the few
//! minutes that somebody has the wizard open.
//!
//! Whoever controls the network can change what comes over plain http, the certificate included. What keeps the device
//! safe is the person, who compares the fingerprint that the device shows with the one on the machine's own screen; the
//! page says so. From here nothing else can be reached: no editor, no sign-in, no other file.

mod places;
mod serve;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use doorcode_settings::HostName;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::check::{Readers, Visitor};
use serve::Served;

/// What is offered, where, and for how long.
#[derive(Debug, Clone)]
pub struct Offer {
    /// An address of this machine that the device can reach.
    pub address: IpAddr,
    /// The host that the device is to trust.
    pub host: HostName,
    /// Its root, PEM.
    pub root: String,
    /// The root's SHA-256 fingerprint, as it is shown on this machine.
    pub fingerprint: String,
    /// Where the device checks itself afterwards, `https://…`.
    pub check_url: String,
    /// Told of everybody who can have read that.
    pub readers: Readers,
    /// After this long the page is gone.
    pub lasts: Duration,
}

/// The page, being served; dropping it ends that.
#[derive(Debug)]
pub struct Onboarding {
    url: String,
    served: Arc<Served>,
    stop: CancellationToken,
    over: CancellationToken,
}

/// Which devices have come how far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Seen {
    /// Who opened the page last.
    pub page: Option<Visitor>,
    /// Who fetched the certificate or the profile last.
    pub certificate: Option<Visitor>,
}

impl Onboarding {
    /// Starts to serve, on a port that the system chooses. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// When the address is none of this machine's, or the root is not a certificate (`InvalidData`).
    pub async fn start(offer: Offer) -> io::Result<Onboarding> {
        let listener = TcpListener::bind(SocketAddr::new(offer.address, 0)).await?;
        let lasts = offer.lasts;
        let (served, path) = Served::new(offer, listener.local_addr()?)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the root is not a certificate"))?;
        let served = Arc::new(served);
        let onboarding = Onboarding {
            url: format!("http://{}{path}", served.authority()),
            served: served.clone(),
            stop: CancellationToken::new(),
            over: CancellationToken::new(),
        };
        let (stop, over) = (onboarding.stop.clone(), onboarding.over.clone());
        tokio::spawn(async move {
            let _over = over.drop_guard();
            // The connections are part of what is given up here.
            tokio::select! {
                () = serve::run(listener, served) => {}
                () = tokio::time::sleep(lasts) => {}
                () = stop.cancelled() => {}
            }
        });
        Ok(onboarding)
    }

    /// The page's address, with the secret that opens it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which devices have come how far.
    pub fn seen(&self) -> Seen {
        self.served.seen()
    }

    /// Ends it; when this returns, nothing of it is open any more.
    pub async fn end(&self) {
        self.stop.cancel();
        self.over().await;
    }

    /// Waits until nothing of it is open any more, whatever ended it.
    pub async fn over(&self) {
        self.over.cancelled().await;
    }
}

impl Drop for Onboarding {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
