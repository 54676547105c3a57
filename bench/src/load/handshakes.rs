//! New TLS 1.3 connections a second.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use crate::error::BenchError;
use crate::load::target::{Protocol, Target};
use crate::load::{join, on_every_core};

/// Connects, shakes hands, and closes in order, over and over, from [`CONNECTIONS`](crate::load::CONNECTIONS) clients
/// for `time`. Gives connections a second.
pub(crate) fn measure(target: &Target, time: Duration) -> Result<f64, BenchError> {
    let counts = on_every_core(
        "new TLS connections",
        async |share| Ok(share),
        async |share| {
            let start = Instant::now();
            let mut clients = JoinSet::new();
            for _ in 0..share {
                clients.spawn(client(target.clone(), start + time));
            }
            let count: u64 = join(clients).await?.into_iter().sum();
            Ok(count as f64 / start.elapsed().as_secs_f64())
        },
    )?;
    Ok(counts.into_iter().sum())
}

async fn client(target: Target, deadline: Instant) -> Result<u64, BenchError> {
    let mut count = 0;
    while Instant::now() < deadline {
        connection(&target).await?;
        count += 1;
    }
    Ok(count)
}

/// Ours is only half of a TLS 1.3 handshake when our side is done: waiting for the server to close has it read our
/// Finished, and send its tickets, too.
async fn connection(target: &Target) -> Result<(), BenchError> {
    let mut stream = target.handshake(Protocol::Http1).await?;
    stream
        .shutdown()
        .await
        .map_err(|e| BenchError::io("cannot close a TLS connection", e))?;
    let mut nothing = [0; 64];
    // Servers differ in how they hang up (close_notify or not): any end will do.
    while matches!(stream.read(&mut nothing).await, Ok(1..)) {}
    Ok(())
}
