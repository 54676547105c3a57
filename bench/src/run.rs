//! The run: everybody in turns, A B C A B C, so that what disturbs the machine disturbs neighbours alike.

use std::time::{Duration, Instant};

use crate::contenders::upstream::Upstream;
use crate::contenders::{self, Contender, Running};
use crate::error::BenchError;
use crate::interrupt;
use crate::load::target::Protocol;
use crate::load::{self, client, handshakes, requests, stream, websocket};
use crate::measures::{Group, Measure};
use crate::memory::resident;
use crate::report::sheet::Sheet;
use crate::site::Site;

/// The median of five shrugs off two bad ones.
const ROUNDS: usize = 5;
/// What a connection to a contender in use would ask first.
const HEALTH: &str = "/healthz";
const STREAM_BYTES: u64 = 500_000_000;
const HELD_WEBSOCKETS: usize = 1_000;

/// Measures `groups`, each contender for `time` per round.
pub(crate) fn run(site: &Site, groups: &[Group], time: Duration) -> Result<Sheet, BenchError> {
    let mut sheet = Sheet::default();
    let (fresh, standing): (Vec<Group>, Vec<Group>) = groups.iter().partition(|group| group.is_fresh());
    if !standing.is_empty() {
        measure_standing(site, &standing, time, &mut sheet)?;
    }
    if !fresh.is_empty() && site.code_server.is_some() {
        measure_fresh(site, &fresh, time, &mut sheet)?;
    }
    Ok(sheet)
}

/// Everybody runs all the time, before a stub; whoever is not being measured idles.
fn measure_standing(
    site: &Site,
    groups: &[Group],
    time: Duration,
    sheet: &mut Sheet,
) -> Result<(), BenchError> {
    progress("starting everybody before the stub");
    let contenders = contenders::prepare(site, Upstream::Stub)?;
    let mut running = Vec::new();
    for contender in contenders {
        let mut started = Running::launch(contender.as_ref(), site)?;
        started.wait_until_ready(HEALTH)?;
        running.push(started);
    }
    // First of all, while everybody's memory is that of a new process.
    if groups.contains(&Group::Memory) {
        progress("memory");
        for contender in running
            .iter()
            .filter(|contender| Group::Memory.concerns(contender.column))
        {
            interrupt::check()?;
            measure_memory(contender, sheet);
        }
    }
    for &group in groups.iter().filter(|group| **group != Group::Memory) {
        progress(&format!("{group:?}"));
        for _ in 0..ROUNDS {
            for contender in running
                .iter()
                .filter(|contender| group.concerns(contender.column))
            {
                interrupt::check()?;
                let figures = load(contender, group, time);
                sheet.record_all(contender.column, group, figures);
            }
        }
    }
    Ok(())
}

type Figures = Result<Vec<(Measure, f64)>, BenchError>;

fn load(contender: &Running, group: Group, time: Duration) -> Figures {
    let target = &contender.target;
    match group {
        Group::Handshakes => Ok(vec![(Measure::Handshakes, handshakes::measure(target, time)?)]),
        Group::Single => {
            let latencies = requests::one_at_a_time(target, time)?;
            Ok(vec![
                (Measure::SingleP50, latencies.percentile(50)),
                (Measure::SingleP99, latencies.percentile(99)),
            ])
        }
        Group::Requests => {
            let served = requests::measure(target, Protocol::Http1, time)?;
            Ok(vec![
                (Measure::Requests, served.per_second),
                (Measure::RequestP50, served.latencies.percentile(50)),
                (Measure::RequestP99, served.latencies.percentile(99)),
            ])
        }
        Group::RequestsH2 => {
            let served = requests::measure(target, Protocol::Http2, time)?;
            Ok(vec![
                (Measure::RequestsH2, served.per_second),
                (Measure::RequestH2P50, served.latencies.percentile(50)),
                (Measure::RequestH2P99, served.latencies.percentile(99)),
            ])
        }
        Group::Stream => Ok(vec![(
            Measure::Stream,
            stream::stub(target, Protocol::Http1, STREAM_BYTES)?.rate(),
        )]),
        Group::StreamH2 => Ok(vec![(
            Measure::StreamH2,
            stream::stub(target, Protocol::Http2, STREAM_BYTES)?.rate(),
        )]),
        Group::Websocket => {
            let echoes = websocket::measure(target, time)?;
            Ok(vec![
                (Measure::EchoP50, echoes.percentile(50)),
                (Measure::EchoP99, echoes.percentile(99)),
            ])
        }
        Group::Memory | Group::Workbench | Group::Start => unreachable!("measured elsewhere"),
    }
}

fn measure_memory(contender: &Running, sheet: &mut Sheet) {
    let megabytes = || Ok(resident(contender.id(), contender.extent)? as f64 / 1e6);
    let figures = megabytes().and_then(|idle| {
        let held = websocket::hold(&contender.target, HELD_WEBSOCKETS, megabytes)?;
        Ok(vec![(Measure::MemoryIdle, idle), (Measure::MemoryHeld, held)])
    });
    sheet.record_all(contender.column, Group::Memory, figures);
}

/// Each contender in turn is started with a real editor, measured and stopped.
fn measure_fresh(site: &Site, groups: &[Group], time: Duration, sheet: &mut Sheet) -> Result<(), BenchError> {
    progress("starts and workbench.js, with real editors");
    let contenders = contenders::prepare(site, Upstream::Editor)?;
    let folder = site.folder("opened")?;
    let page = format!("/?folder={}", folder.display());
    // Round 0 warms the disk's cache and has everybody write what they write once.
    for round in 0..=ROUNDS {
        for contender in &contenders {
            interrupt::check()?;
            let figures = start_and_load(contender.as_ref(), site, groups, &page, time);
            if round > 0 || figures.is_err() {
                sheet.record_all(contender.column(), Group::Start, figures);
            }
        }
    }
    Ok(())
}

fn start_and_load(
    contender: &dyn Contender,
    site: &Site,
    groups: &[Group],
    page: &str,
    time: Duration,
) -> Figures {
    let mut figures = Vec::new();
    let start = Instant::now();
    let mut running = Running::launch(contender, site)?;
    running.wait_until_ready(page)?;
    if groups.contains(&Group::Start) {
        figures.push((Measure::Start, start.elapsed().as_secs_f64() * 1e3));
    }
    if groups.contains(&Group::Workbench) {
        let html = load::alone(page, client::once(&running.target, page))?.body;
        let path = workbench(&String::from_utf8_lossy(&html))?;
        let download = stream::repeated(&running.target, Protocol::Http1, &path, time)?;
        figures.push((Measure::WorkbenchTime, download.millis()));
        figures.push((Measure::WorkbenchRate, download.rate()));
    }
    Ok(figures)
}

/// The path of workbench.js, which carries the build's commit, from the editor's page.
fn workbench(html: &str) -> Result<String, BenchError> {
    const FILE: &str = "/workbench/workbench.js";
    let end = html.find(FILE).map(|start| start + FILE.len());
    let path = end.and_then(|end| html[..end].rsplit(['"', '\'']).next());
    path.map(|path| format!("/{}", path.trim_start_matches(['.', '/'])))
        .ok_or_else(|| BenchError::Unexpected("the editor's page does not name workbench.js".to_owned()))
}

fn progress(what: &str) {
    eprintln!("doorcode-bench: {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_workbench_is_found_in_the_page() {
        let html = r#"<link href="stable-0/static/workbench.css"><script src="./stable-0/static/out/workbench/workbench.js"></script>"#;
        assert_eq!(
            workbench(html).expect("it is there"),
            "/stable-0/static/out/workbench/workbench.js"
        );
        assert!(workbench("<p>starting…</p>").is_err());
    }
}
