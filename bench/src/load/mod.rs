//! The load: one single-threaded runtime on each core, so that the clients' own bookkeeping stays out of the figures.

pub(crate) mod client;
pub(crate) mod handshakes;
pub(crate) mod requests;
pub(crate) mod stream;
pub(crate) mod target;
#[cfg(test)]
mod tests;
pub(crate) mod websocket;

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::error::BenchError;

/// Connections that carry requests or handshakes at a time.
pub(crate) const CONNECTIONS: usize = 16;
/// Beyond the time a load was given: whoever has not answered by then never will.
const PATIENCE: Duration = Duration::from_secs(30);

/// A runtime for the calling thread alone.
pub(crate) fn runtime() -> Result<Runtime, BenchError> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| BenchError::io("cannot start a runtime", e))
}

/// Runs one client by itself; used where a single connection is measured.
pub(crate) fn alone<R>(
    what: &str,
    work: impl Future<Output = Result<R, BenchError>>,
) -> Result<R, BenchError> {
    runtime()?.block_on(within(what, work))
}

/// Gives each core its share of [`CONNECTIONS`]: `prepare`s them, waits until all cores are ready, then has all `work` at once.
pub(crate) fn on_every_core<P, R: Send>(
    what: &str,
    prepare: impl AsyncFn(usize) -> Result<P, BenchError> + Sync,
    work: impl AsyncFn(P) -> Result<R, BenchError> + Sync,
) -> Result<Vec<R>, BenchError> {
    let cores = cores().min(CONNECTIONS);
    let ready = Barrier::new(cores);
    let run = |share| {
        let prepared = runtime().and_then(|runtime| {
            let prepared = runtime.block_on(within(what, prepare(share)))?;
            Ok((runtime, prepared))
        });
        ready.wait();
        let (runtime, prepared) = prepared?;
        runtime.block_on(within(what, work(prepared)))
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|core| scope.spawn(move || run(share(CONNECTIONS, core, cores))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a load thread panicked"))
            .collect()
    })
}

pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// All results, or the first error.
pub(crate) async fn join<R: 'static>(
    mut tasks: JoinSet<Result<R, BenchError>>,
) -> Result<Vec<R>, BenchError> {
    let mut results = Vec::with_capacity(tasks.len());
    while let Some(joined) = tasks.join_next().await {
        results.push(joined.expect("a load task panicked")?);
    }
    Ok(results)
}

/// `total` spread over `parts` as evenly as whole numbers go.
fn share(total: usize, part: usize, parts: usize) -> usize {
    total / parts + usize::from(part < total % parts)
}

async fn within<R>(what: &str, work: impl Future<Output = Result<R, BenchError>>) -> Result<R, BenchError> {
    match timeout(PATIENCE, work).await {
        Ok(result) => result,
        Err(_) => Err(BenchError::TimedOut {
            what: what.to_owned(),
            limit: PATIENCE,
        }),
    }
}
