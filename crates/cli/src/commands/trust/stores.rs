//! The trust stores of this machine.

mod leftovers;

use anstream::{eprint, eprintln, println};
use doorcode_actions::trust::{HostTrust, trusts};
use doorcode_engine::ClientError;
use doorcode_settings::{HostName, Problem};
use doorcode_trust::{Selection, State, TrustReport};

use super::{ChangeArgs, StoresArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::person::Person;

pub(super) use leftovers::remove_leftovers;

/// What the stores hold.
pub(super) async fn status(args: StoresArgs, context: &Context) -> Result<u8, Failure> {
    let report = on_host(&args, context, move |trust, only| trust.report(only)).await?;
    print(&report, args.json.json)?;
    Ok(all_trust(&report))
}

/// What their programs say.
pub(super) async fn verify(args: StoresArgs, context: &Context) -> Result<u8, Failure> {
    if context.engine().await?.is_none() {
        return Err(Problem::from(&ClientError::NotRunning).into());
    }
    let person = person(false, &args);
    let report = on_host(&args, context, move |trust, only| trust.verify(only, &person)).await?;
    finish(&report, args.json.json)?;
    Ok(all_trust(&report))
}

/// Puts the root in.
pub(super) async fn install(args: ChangeArgs, context: &Context) -> Result<u8, Failure> {
    let person = person(args.yes, &args.stores);
    let report = on_host(&args.stores, context, move |trust, only| {
        trust.install(only, &person)
    })
    .await?;
    finish(&report, args.stores.json.json)?;
    Ok(all_trust(&report))
}

/// Takes the root out.
pub(super) async fn remove(args: ChangeArgs, context: &Context) -> Result<u8, Failure> {
    let person = person(args.yes, &args.stores);
    let report = on_host(&args.stores, context, move |trust, only| {
        trust.remove(only, &person)
    })
    .await?;
    finish(&report, args.stores.json.json)?;
    let remains = |store: &doorcode_trust::StoreReport| store.problem.is_some() || trusts(store);
    Ok(u8::from(report.stores.iter().any(remains)))
}

/// Has the stores that trusted a host's old root trust its new one; the old one is taken out.
pub(crate) async fn redo(
    host: &HostName,
    old: HostTrust,
    stores: &[String],
    yes: bool,
    context: &Context,
) -> Result<u8, Failure> {
    let args = StoresArgs {
        host: Some(host.clone()),
        store: stores.to_vec(),
        json: crate::args::Json { json: false },
    };
    let (person, silent) = (
        person(yes, &args),
        Person {
            yes,
            wants_progress: false,
        },
    );
    let (report, problems) = on_host(&args, context, move |new, only| {
        // The old one first: its private key is gone, and nothing it signed is served any more.
        let removed = old.remove(only, &silent);
        let problems: Vec<Problem> = removed
            .stores
            .into_iter()
            .filter_map(|store| store.problem)
            .collect();
        (new.install(only, &person), problems)
    })
    .await?;
    problems.iter().for_each(output::warning);
    finish(&report, false)?;
    Ok(all_trust(&report))
}

fn person(yes: bool, args: &StoresArgs) -> Person {
    Person {
        yes,
        wants_progress: !args.json.json,
    }
}

async fn on_host<T: Send + 'static>(
    args: &StoresArgs,
    context: &Context,
    work: impl FnOnce(&HostTrust, &Selection) -> T + Send + 'static,
) -> Result<T, Failure> {
    let only = Selection::parse(&args.store)?;
    let trust = HostTrust::of(&context.paths, args.host.clone()).await?;
    blocking(move || Ok(work(&trust, &only))).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Problem::new("internal", format!("a part of Doorcode failed: {error}"), "").into()),
    }
}

/// The stores have been told of one by one; what else there is to say.
fn finish(report: &TrustReport, json: bool) -> Result<(), Failure> {
    if json {
        return output::json(report);
    }
    problems(report);
    Ok(())
}

fn print(report: &TrustReport, json: bool) -> Result<(), Failure> {
    if json {
        return output::json(report);
    }
    println!("{}  SHA-256 {}", report.host, report.fingerprint);
    report.stores.iter().for_each(output::store);
    problems(report);
    Ok(())
}

fn problems(report: &TrustReport) {
    report
        .stores
        .iter()
        .filter_map(|store| store.problem.as_ref())
        .for_each(output::warning);
    if report.stores.is_empty() {
        eprintln!("There is no trust store here, and no browser that would read one.");
    }
    eprint!("{}", leftovers::told(&report.leftovers));
}

/// 0 when nothing is left to do but to close a browser and open it again.
fn all_trust(report: &TrustReport) -> u8 {
    let lacks = |state: State| matches!(state, State::NotTrusted | State::Unknown);
    u8::from(report.stores.iter().any(|store| lacks(store.state)))
}
