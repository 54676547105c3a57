//! Small requests over connections that stay open.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::error::BenchError;
use crate::load::client::Client;
use crate::load::target::{Protocol, Target};
use crate::load::{alone, join, on_every_core};
use crate::statistics::Latencies;

/// Requests at a time on an h2 connection.
const STREAMS: usize = 8;

/// What a load of small requests gives.
pub(crate) struct Served {
    pub(crate) per_second: f64,
    pub(crate) latencies: Latencies,
}

/// Asks for the target's small answer over [`CONNECTIONS`](crate::load::CONNECTIONS) connections for `time`, the next
/// request as soon as the last is answered; over h2 with [`STREAMS`] at a time on each connection.
pub(crate) fn measure(target: &Target, protocol: Protocol, time: Duration) -> Result<Served, BenchError> {
    let results = on_every_core(
        "small requests",
        async |share| {
            let mut clients = Vec::new();
            for _ in 0..share {
                clients.extend(Client::open(target, protocol).await?.streams(STREAMS));
            }
            Ok(clients)
        },
        async |clients| {
            let start = Instant::now();
            let mut tasks = JoinSet::new();
            for client in clients {
                tasks.spawn(ask(client, target.clone(), protocol, start + time));
            }
            let latencies = Latencies::from(join(tasks).await?.concat());
            Ok((
                latencies.count() as f64 / start.elapsed().as_secs_f64(),
                latencies,
            ))
        },
    )?;
    let (rates, latencies): (Vec<f64>, Vec<Latencies>) = results.into_iter().unzip();
    Ok(Served {
        per_second: rates.into_iter().sum(),
        latencies: latencies.into_iter().collect(),
    })
}

/// Asks for the target's small answer on one connection, the next when the last is answered, for `time`: nobody waits for anybody else,
/// so this is what a request costs.
pub(crate) fn one_at_a_time(target: &Target, time: Duration) -> Result<Latencies, BenchError> {
    alone("single requests", async {
        let client = Client::open(target, Protocol::Http1).await?;
        let latencies = ask(client, target.clone(), Protocol::Http1, Instant::now() + time).await?;
        Ok(Latencies::from(latencies))
    })
}

async fn ask(
    mut client: Client,
    target: Target,
    protocol: Protocol,
    deadline: Instant,
) -> Result<Vec<Duration>, BenchError> {
    let request = target.ask(target.small, protocol);
    let mut latencies = Vec::new();
    let mut now = Instant::now();
    while now < deadline {
        client.fetch(request.clone()).await?;
        let answered = Instant::now();
        latencies.push(answered - now);
        now = answered;
    }
    Ok(latencies)
}
