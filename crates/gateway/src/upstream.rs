//! Connections to the editor's socket.

use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::UnixStream;
use tokio::time::Instant;
use tracing::debug;

use crate::live::Upload;
use crate::tuning::{BUFFER_BYTES, UPSTREAM_IDLE, UPSTREAM_IDLE_MOST};
use crate::workers;

/// A pool of HTTP/1.1 connections to a unix socket.
///
/// A request is never sent twice: a connection is used again only while the other side certainly keeps it open.
///
/// A connection has no task of its own: whoever sends a request on it, and then reads the response, drives it. So a
/// request crosses from one thread to another nowhere on its way.
#[derive(Debug)]
pub(crate) struct Upstream {
    socket: PathBuf,
    /// One for each of the [`workers`]: a connection is watched by the event loop that made it.
    pools: Vec<Mutex<Pool>>,
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
    line: Box<Line>,
    since: Instant,
}

/// A connection: hyper's two ends of it.
#[derive(Debug)]
struct Line {
    sender: SendRequest<Upload>,
    connection: Connection<TokioIo<UnixStream>, Upload>,
    ended: bool,
}

/// A connection in use. It goes back to the pool with [`Lease::finished`], and is closed when dropped before.
#[derive(Debug)]
pub(crate) struct Lease {
    line: Box<Line>,
    upstream: Arc<Upstream>,
}

impl Upstream {
    pub(crate) fn new(socket: PathBuf) -> Arc<Upstream> {
        Arc::new(Upstream {
            socket,
            pools: (0..workers::count()).map(|_| Mutex::default()).collect(),
        })
    }

    /// Sends a request; gives the response's head and, with it, the connection that its body comes on.
    pub(crate) async fn send(
        self: &Arc<Self>,
        request: Request<Upload>,
    ) -> Result<(Response<Incoming>, Lease), UpstreamError> {
        let mut line = match poll_fn(|cx| Poll::Ready(self.take(cx))).await {
            Some(line) => line,
            None => self.connect().await?,
        };
        let response = line.send(request).await?;
        let lease = Lease {
            line,
            upstream: self.clone(),
        };
        Ok((response, lease))
    }

    /// A bare connection, for a tunnel.
    pub(crate) async fn dial(&self) -> Result<UnixStream, UpstreamError> {
        let connected = UnixStream::connect(&self.socket).await;
        connected.map_err(|source| UpstreamError::Connect {
            socket: self.socket.clone(),
            source,
        })
    }

    async fn connect(&self) -> Result<Box<Line>, UpstreamError> {
        let stream = TokioIo::new(self.dial().await?);
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER_BYTES)
            .handshake(stream)
            .await?;
        Ok(Box::new(Line {
            sender,
            connection,
            ended: false,
        }))
    }

    /// An idle connection that certainly still works. One whose last request's body is still on its way does not.
    fn take(&self, cx: &mut Context<'_>) -> Option<Box<Line>> {
        let now = Instant::now();
        loop {
            let Idle { mut line, since } = self.lock().idle.pop()?;
            if now.duration_since(since) >= UPSTREAM_IDLE {
                // The others are older still.
                self.lock().idle.clear();
                return None;
            }
            if line.drive(cx).is_pending() && line.sender.is_ready() {
                return Some(line);
            }
        }
    }

    fn give_back(self: &Arc<Self>, line: Box<Line>) {
        if line.sender.is_closed() {
            return;
        }
        let mut pool = self.lock();
        if pool.idle.len() >= UPSTREAM_IDLE_MOST {
            return;
        }
        pool.idle.push(Idle {
            line,
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
                pool.idle.retain(|idle| idle.since.elapsed() < UPSTREAM_IDLE);
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

    /// This thread's pool.
    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pools[workers::current()]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    async fn send(&mut self, request: Request<Upload>) -> hyper::Result<Response<Incoming>> {
        let mut response = pin!(self.sender.send_request(request));
        poll_fn(|cx| {
            // That the connection has ended is told to the response as well, as its error.
            let _ = self.drive(cx);
            response.as_mut().poll(cx)
        })
        .await
    }

    /// Moves bytes; ready when the connection has ended.
    fn drive(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ended {
            return Poll::Ready(());
        }
        let end = ready!(Pin::new(&mut self.connection).poll(cx));
        self.ended = true;
        if let Err(error) = end {
            debug!(%error, "upstream connection ended");
        }
        Poll::Ready(())
    }
}

impl Lease {
    /// Moves bytes of the request's and the response's bodies; to be polled by whoever waits for either. Ready when the
    /// connection has ended.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.line.drive(cx)
    }

    /// The response has been read to its end.
    pub(crate) fn finished(self) {
        let Lease { line, upstream } = self;
        upstream.give_back(line);
    }
}
