//! The trust stores of this machine.

use anstream::{eprintln, println};
use doorcode_actions::trust::{HostTrust, remove_leftover, trusts};
use doorcode_engine::ClientError;
use doorcode_settings::{HostName, Problem};
use doorcode_trust::{Leftover, Selection, State, TrustReport};

use super::{ChangeArgs, StoresArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::person::{Person, confirm};

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

/// Takes out what hosts that are gone have left behind, after saying what that is: it may be another machine's, when the
/// home folder is shared.
pub(super) async fn remove_leftovers(args: ChangeArgs, context: &Context) -> Result<u8, Failure> {
    let ChangeArgs { stores, yes } = args;
    let look = StoresArgs {
        host: None,
        store: stores.store,
        json: stores.json,
    };
    let mut leftovers = on_host(&look, context, |trust, only| trust.report(only))
        .await?
        .leftovers;
    leftovers.retain(|leftover| stores.host.as_ref().is_none_or(|host| leftover.host == *host));
    if leftovers.is_empty() {
        println!("Nothing is left over.");
        return Ok(0);
    }
    eprintln!("{}", listed(&leftovers).trim_end());
    let question = "Take these out? No certificate here belongs to them, but with a shared home folder one elsewhere may.";
    confirm(question, yes, "doorcode trust remove --leftovers --yes")?;
    let (paths, person) = (context.paths.clone(), person(yes, &look));
    let failed = blocking(move || {
        let out = |leftover: &Leftover| remove_leftover(&paths, &leftover.id, &leftover.nickname, &person);
        Ok(leftovers
            .iter()
            .filter_map(|leftover| out(leftover).err())
            .collect::<Vec<_>>())
    })
    .await?;
    failed.iter().for_each(output::warning);
    if failed.is_empty() {
        println!("They are gone.");
    }
    Ok(u8::from(!failed.is_empty()))
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
    if !report.leftovers.is_empty() {
        eprintln!(
            "Left over, from hosts that have no certificate here any more:\n{}  next: doorcode trust remove --leftovers",
            listed(&report.leftovers)
        );
    }
}

fn listed(leftovers: &[Leftover]) -> String {
    leftovers
        .iter()
        .map(|leftover| {
            format!(
                "  {}: {} ({})\n",
                leftover.title, leftover.host, leftover.nickname
            )
        })
        .collect()
}

/// 0 when nothing is left to do but to close a browser and open it again.
fn all_trust(report: &TrustReport) -> u8 {
    let lacks = |state: State| matches!(state, State::NotTrusted | State::Unknown);
    u8::from(report.stores.iter().any(|store| lacks(store.state)))
}
