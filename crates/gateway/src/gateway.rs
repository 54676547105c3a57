//! The handle of a running gateway.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use doorcode_logs::LogSink;
use doorcode_settings::{AuthMode, HostName, ListenAddress};
use tokio::sync::{Semaphore, broadcast, watch};

use crate::accept;
use crate::access::AccessLog;
use crate::attacks::{Attacks, SignInAttack};
use crate::check::{BegunCheck, CheckView, Checks};
use crate::config::{Config, Timing, Upstream as UpstreamState, VerifyPassword};
use crate::drain::Drain;
use crate::error::GatewayError;
use crate::evidence::{DoorEvidence, Evidence};
use crate::links::Links;
use crate::listen::Listeners;
use crate::live::{ConnectionView, Durations, LatencyView, Live, Refusals, RequestCounts};
use crate::local_path::LocalPath;
use crate::open::Open;
use crate::own;
use crate::policy::Policy;
use crate::session::SessionStore;
use crate::shared::Shared;
use crate::tls::Tls;
use crate::trusted_proxy;
use crate::tuning::SLOW_VERIFIERS;
use crate::upstream::Upstream;
use crate::visits::{OwnConnection, ProbeArrival};
use crate::workers::Workers;

/// A running gateway. Clones are the same one.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    tls: Tls,
    addresses: Vec<ListenAddress>,
    /// Held while a configuration is put in force.
    changing: Mutex<()>,
    keeper: tokio::task::AbortHandle,
}

/// A path that a probe of ours is going to ask for; see [`Gateway::expect_probe`]. No `Debug`: its token opens the echo.
#[derive(Clone)]
pub struct ProbeVisit {
    /// The path, with the token in it.
    pub path: String,
    /// Opens the echo of the device checks, as its second protocol.
    pub token: String,
}

impl Gateway {
    /// Takes the addresses, so that a busy one is found before anything else is started. Nothing is accepted yet.
    ///
    /// # Errors
    /// The first address that cannot be listened on; none is taken then.
    pub fn bind(listen: &[ListenAddress]) -> Result<Listeners, GatewayError> {
        Listeners::bind(listen)
    }

    /// Starts to serve. Must be called on a tokio runtime.
    ///
    /// `upstream_socket` is where an HTTP/1.1 server listens while `upstream` says [`UpstreamState::Ready`].
    ///
    /// # Errors
    /// When the system gives no threads to serve with.
    pub fn start(
        listeners: Listeners,
        upstream_socket: PathBuf,
        config: Config,
        password: Arc<dyn VerifyPassword>,
        sessions: SessionStore,
        upstream: watch::Receiver<UpstreamState>,
        access_log: LogSink,
    ) -> Result<Gateway, GatewayError> {
        let timing = Timing::default();
        Gateway::start_with(
            timing,
            listeners,
            upstream_socket,
            config,
            password,
            sessions,
            upstream,
            access_log,
        )
    }

    /// As [`Gateway::start`], with other time limits for clients.
    ///
    /// # Errors
    /// As [`Gateway::start`].
    #[expect(clippy::too_many_arguments, reason = "each is a part that somebody else made")]
    pub fn start_with(
        timing: Timing,
        listeners: Listeners,
        upstream_socket: PathBuf,
        config: Config,
        password: Arc<dyn VerifyPassword>,
        sessions: SessionStore,
        upstream: watch::Receiver<UpstreamState>,
        access_log: LogSink,
    ) -> Result<Gateway, GatewayError> {
        let workers = Workers::start().map_err(GatewayError::Threads)?;
        sessions.limit(config.idle, config.absolute);
        let generation = trusted_proxy::turn_out(&sessions, None, &config);
        let tls = Tls::new();
        let live = Live::new();
        let evidence = Arc::new(Evidence::default());
        let shared = Arc::new(Shared {
            tls: ArcSwap::from_pointee(tls.choice(&config)),
            policy: ArcSwap::from_pointee(Policy::new(config, None, generation)),
            timing,
            links: Links::default(),
            checks: Checks::default(),
            password,
            verifiers: Arc::new(Semaphore::new(SLOW_VERIFIERS)),
            upstream: Upstream::new(upstream_socket),
            upstream_state: upstream,
            access: Arc::new(AccessLog::new(access_log, live.counts.clone(), evidence.clone())),
            evidence,
            visits: Arc::default(),
            open: Arc::new(Open::telling(sessions.news())),
            tunnels: Arc::new(Open::default()),
            attacks: Attacks::new(sessions.news()),
            live,
            drain: Arc::new(Drain::default()),
            workers,
            sessions,
        });
        let addresses = listeners.addresses();
        for listener in listeners.watch() {
            shared.drain.spawn(accept::run(shared.clone(), listener));
        }
        let keeper = tokio::spawn(shared.sessions.clone().keep()).abort_handle();
        Ok(Gateway {
            inner: Arc::new(Inner {
                shared,
                tls,
                addresses,
                changing: Mutex::default(),
                keeper,
            }),
        })
    }

    /// Puts another configuration in force. Open connections stay. When authentication is switched on, WebSockets and
    /// responses that were begun without it break off; when what a proxy's word is believed for has changed, those of the
    /// people it let in.
    ///
    /// Must be called on a tokio runtime.
    pub fn reconfigure(&self, config: Config) {
        let Inner {
            shared,
            tls,
            changing,
            ..
        } = &*self.inner;
        let _changing = changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = shared.policy.load_full();
        let locks = before.config.auth == AuthMode::None && config.auth != AuthMode::None;
        shared.sessions.limit(config.idle, config.absolute);
        shared.tls.store(Arc::new(tls.choice(&config)));
        let generation = trusted_proxy::turn_out(&shared.sessions, before.open_gate(), &config);
        shared
            .policy
            .store(Arc::new(Policy::new(config, Some(&before), generation)));
        if locks {
            // What is opened from now on asks who it is; what is being opened under the old policy ends at once.
            before.anyone.cancel();
        }
        shared.evidence.rules_changed();
        shared.open.limit_changed();
    }

    /// A path that signs in whoever opens it first within `ttl`, and leads to `to`, a path with or without a query; to the
    /// front page when `to` is not one.
    pub fn mint_link(&self, ttl: Duration, to: &str) -> String {
        let to = LocalPath::parse(to).unwrap_or_else(LocalPath::root);
        let code = self.inner.shared.links.mint(ttl, to);
        format!("{}?code={}", own::ENTER, code.expose())
    }

    /// Makes every one-time link that has not been used yet void.
    pub fn forget_links(&self) {
        self.inner.shared.links.clear();
    }

    /// Begins a device check of `host`, whose page can be opened once, within `ttl`.
    pub fn begin_check(&self, host: &HostName, ttl: Duration) -> BegunCheck {
        let (id, nonce, readers) = self.inner.shared.checks.begin(host, ttl);
        BegunCheck {
            id,
            path: format!("{}{}", own::CHECK, nonce.expose()),
            readers,
        }
    }

    /// What is known of a check; `None` when it is unknown, or long over.
    pub fn check(&self, id: &str) -> Option<CheckView> {
        self.inner.shared.checks.view(id)
    }

    /// Every check that passes from now on.
    pub fn passed_checks(&self) -> broadcast::Receiver<CheckView> {
        self.inner.shared.checks.passed()
    }

    /// How many client connections are open, WebSockets included.
    pub fn connections(&self) -> usize {
        self.inner.shared.open.count()
    }

    /// How many WebSockets are open.
    pub fn tunnels(&self) -> usize {
        self.inner.shared.tunnels.count()
    }

    /// Every open client connection, editors first.
    pub fn connections_list(&self) -> Vec<ConnectionView> {
        self.inner.shared.open.connections.views()
    }

    /// How fast the editor answered in the last 5 minutes.
    pub fn latency(&self) -> LatencyView {
        self.inner.shared.live.latency.view()
    }

    /// How fast the editor has answered since the gateway started.
    pub fn durations(&self) -> Durations {
        self.inner.shared.live.latency.durations()
    }

    /// How many requests are over, since the gateway started.
    pub fn requests(&self) -> RequestCounts {
        self.inner.shared.live.counts.requests()
    }

    /// What was refused since the gateway started, by code; the next refusal changes [`Gateway::refusal_news`] again.
    pub fn refusals(&self) -> Refusals {
        self.inner.shared.live.counts.refusals()
    }

    /// Changes at the first refusal after somebody asked for [`Gateway::refusals`].
    pub fn refusal_news(&self) -> watch::Receiver<()> {
        self.inner.shared.live.counts.news()
    }

    /// How often windows of the editor have connected again since the gateway started.
    pub fn reconnects(&self) -> u64 {
        self.inner.shared.live.reconnects.total()
    }

    /// Who guesses passwords, while somebody was turned away in the last 10 minutes.
    pub fn sign_in_attack(&self) -> Option<SignInAttack> {
        self.inner.shared.attacks.now()
    }

    /// Changes when connections or sessions come or go, or a password is guessed at. It may do so thousands of times a
    /// second.
    pub fn news(&self) -> watch::Receiver<()> {
        self.inner.shared.sessions.news().subscribe()
    }

    /// What was seen in the last five minutes of those who do not get through.
    pub fn evidence(&self) -> DoorEvidence {
        self.inner.shared.evidence.view()
    }

    /// Expects a request of a probe of ours, for half a minute.
    pub fn expect_probe(&self) -> ProbeVisit {
        let token = self.inner.shared.visits.expect().expose().to_owned();
        ProbeVisit {
            path: format!("{}{token}", own::CHECK),
            token,
        }
    }

    /// What has come to an expected path so far.
    pub fn probe_arrivals(&self, visit: &ProbeVisit) -> Vec<ProbeArrival> {
        self.inner.shared.visits.arrivals(&visit.token)
    }

    /// Tells that a connection of this machine from `port` is a probe of ours, which is neither logged nor counted while the
    /// answer lives. It has no other rights than anybody.
    pub fn own_probe(&self, port: u16) -> OwnConnection {
        self.inner.shared.visits.own(port)
    }

    /// The IP addresses it listens on.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.inner
            .addresses
            .iter()
            .filter_map(ListenAddress::tcp)
            .collect()
    }

    /// All addresses it listens on, unix sockets too.
    pub fn addresses(&self) -> Vec<ListenAddress> {
        self.inner.addresses.clone()
    }

    /// Stops: accepts nothing more, closes WebSockets, lets requests in flight finish, and ends what is left at
    /// `deadline`.
    pub async fn drain(&self, deadline: Duration) {
        self.inner.shared.drain.run(deadline).await;
        self.inner.keeper.abort();
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("addresses", &self.inner.addresses)
            .finish_non_exhaustive()
    }
}
