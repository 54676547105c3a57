//! Connections to the editor's socket.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::UnixStream;
use tokio::time::Instant;
use tracing::debug;

use crate::tuning::{BUFFER_BYTES, UPSTREAM_IDLE, UPSTREAM_IDLE_MOST};

/// A pool of HTTP/1.1 connections to a unix socket.
///
/// A request is never sent twice: a connection is used again only while the other side certainly keeps it open.
#[derive(Debug)]
pub(crate) struct Upstream {
    socket: PathBuf,
    pool: Mutex<Pool>,
}

/// Why the editor did not answer.
#[derive(Debug, Error)]
pub(crate) enum UpstreamError {
    #[error("cannot connect to {}: {source}", .socket.display())]
    Connect { socket: PathBuf, source: io::Error },
    #[error("the editor did not answer: {0}")]
    Exchange(#[from] hyper::Error),
}

#[derive(Debug, Default)]
struct Pool {
    /// The one used last is at the end, and is used first.
    idle: Vec<Idle>,
    sweeping: bool,
}

#[derive(Debug)]
struct Idle {
    sender: SendRequest<Incoming>,
    since: Instant,
}

/// A connection in use. It goes back to the pool with [`Lease::finished`], and is closed when dropped before.
#[derive(Debug)]
pub(crate) struct Lease {
    sender: SendRequest<Incoming>,
    upstream: Arc<Upstream>,
}

impl Upstream {
    pub(crate) fn new(socket: PathBuf) -> Arc<Upstream> {
        Arc::new(Upstream {
            socket,
            pool: Mutex::default(),
        })
    }

    /// Sends a request; gives the response's head and, with it, the connection that its body comes on.
    pub(crate) async fn send(
        self: &Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<(Response<Incoming>, Lease), UpstreamError> {
        let mut sender = match self.take() {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let response = sender.send_request(request).await?;
        Ok((
            response,
            Lease {
                sender,
                upstream: self.clone(),
            },
        ))
    }

    /// A bare connection, for a tunnel.
    pub(crate) async fn dial(&self) -> Result<UnixStream, UpstreamError> {
        let connected = UnixStream::connect(&self.socket).await;
        connected.map_err(|source| UpstreamError::Connect {
            socket: self.socket.clone(),
            source,
        })
    }

    async fn connect(&self) -> Result<SendRequest<Incoming>, UpstreamError> {
        let stream = TokioIo::new(self.dial().await?);
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER_BYTES)
            .handshake(stream)
            .await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%error, "upstream connection ended");
            }
        });
        Ok(sender)
    }

    /// An idle connection that certainly still works. One whose last request's body is still on its way does not.
    fn take(&self) -> Option<SendRequest<Incoming>> {
        let mut pool = self.lock();
        let now = Instant::now();
        while let Some(Idle { sender, since }) = pool.idle.pop() {
            if now.duration_since(since) >= UPSTREAM_IDLE {
                // The others are older still.
                pool.idle.clear();
                return None;
            }
            if sender.is_ready() {
                return Some(sender);
            }
        }
        None
    }

    fn give_back(self: &Arc<Self>, sender: SendRequest<Incoming>) {
        if sender.is_closed() {
            return;
        }
        let mut pool = self.lock();
        if pool.idle.len() >= UPSTREAM_IDLE_MOST {
            return;
        }
        pool.idle.push(Idle {
            sender,
            since: Instant::now(),
        });
        if !pool.sweeping {
            pool.sweeping = true;
            tokio::spawn(self.clone().sweep());
        }
    }

    /// Closes idle connections in time, and ends when there are none: a quiet gateway has no timer running and holds no
    /// connection that would count as use of the editor.
    async fn sweep(self: Arc<Self>) {
        loop {
            let oldest = {
                let mut pool = self.lock();
                pool.idle
                    .retain(|idle| idle.since.elapsed() < UPSTREAM_IDLE && !idle.sender.is_closed());
                match pool.idle.first() {
                    Some(idle) => idle.since,
                    None => {
                        pool.sweeping = false;
                        return;
                    }
                }
            };
            tokio::time::sleep_until(oldest + UPSTREAM_IDLE).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// The response has been read to its end.
    pub(crate) fn finished(self) {
        let Lease { sender, upstream } = self;
        upstream.give_back(sender);
    }
}
