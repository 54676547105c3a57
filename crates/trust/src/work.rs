//! Going over the stores: looking, proving, putting in, taking out.

use doorcode_settings::Problem;
use rustls_pki_types::CertificateDer;

use crate::ask::{Ask, CommandLine};
use crate::error::TrustError;
use crate::handshake::{self, Page};
use crate::places::Places;
use crate::report::{Leftover, State, StoreReport, TrustReport};
use crate::root::Root;
use crate::store::{Entry, Selection, Store, StoreId, Verdict, stores};

/// What the work is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The root of the host.
    pub root: &'a Root,
    /// The roots of all current hosts; others of our shape are leftovers.
    pub known: &'a [Root],
    /// A page of the host that answers without signing in, such as `https://localhost:8443/.doorcode/sign-in`.
    pub url: &'a str,
}

/// Looks into the stores; starts no browser, changes nothing.
pub fn report(places: &Places, subject: &Subject<'_>, only: &Selection) -> TrustReport {
    each(places, subject, only, |store| look(store, subject.root))
}

/// As [`report()`], and has the programs that read each store open the page: a second or two each.
pub fn verify(places: &Places, subject: &Subject<'_>, only: &Selection, ask: &dyn Ask) -> TrustReport {
    let door = Door::knock(subject);
    each(places, subject, only, |store| {
        let report = prove(store, subject.root, &door);
        ask.progress(&report);
        report
    })
}

/// Puts the root into the stores that lack it and whose program is here, or that exist; proves each afterwards.
pub fn install(places: &Places, subject: &Subject<'_>, only: &Selection, ask: &dyn Ask) -> TrustReport {
    let door = Door::knock(subject);
    each(places, subject, only, |store| {
        let report = match put_in(store, subject.root, ask) {
            Ok(()) => prove(store, subject.root, &door),
            Err(error) => with_problem(look(store, subject.root), &error),
        };
        ask.progress(&report);
        report
    })
}

/// Takes the root out of the stores; the report is as after [`report()`].
pub fn remove(places: &Places, subject: &Subject<'_>, only: &Selection, ask: &dyn Ask) -> TrustReport {
    let again = again(&["--host", &subject.root.host.to_string()]);
    each(places, subject, only, |store| {
        let problem = take_out(store, subject.root, ask).err();
        let looked = look(store, subject.root);
        let report = StoreReport {
            problem: problem.map(|error| error.problem(&again)).or(looked.problem),
            ..looked
        };
        ask.progress(&report);
        report
    })
}

/// Takes one leftover out.
///
/// # Errors
/// It is not there, a current host has it, or the store cannot be changed.
pub fn remove_leftover(
    places: &Places,
    known: &[Root],
    id: &StoreId,
    nickname: &str,
    ask: &dyn Ask,
) -> Result<(), Problem> {
    let missing = || {
        Problem::new(
            "leftover_missing",
            format!("there is no root of ours called {nickname} in {id}"),
            "doorcode trust status",
        )
    };
    let stores = stores(places);
    let store = stores
        .iter()
        .find(|store| store.id() == *id)
        .ok_or_else(missing)?;
    let entries = store.entries().map_err(|error| Problem::from(&error))?;
    let entry = entries
        .iter()
        .find(|entry| entry.nickname == nickname)
        .ok_or_else(missing)?;
    if known.iter().any(|root| root.der == entry.root.der) {
        return Err(Problem::new(
            "leftover_in_use",
            format!(
                "{nickname} is the root of {}, which is a host of yours",
                entry.root.host
            ),
            format!("doorcode trust remove --host {}", entry.root.host),
        ));
    }
    let (store_id, host) = (id.to_string(), entry.root.host.to_string());
    let again = again(&["--leftovers", "--store", &store_id, "--host", &host]);
    delete(store.as_ref(), entry, ask).map_err(|error| error.problem(&again))
}

/// The command that takes out what could not be taken out.
fn again(words: &[&str]) -> String {
    let all = ["doorcode", "trust", "remove"].iter().chain(words);
    CommandLine(all.map(|word| (*word).to_owned()).collect()).to_string()
}

/// The page, if the door answers there with a certificate that this root vouches for: only then does a browser's verdict say
/// anything about the root.
struct Door(Result<Page, TrustError>);

impl Door {
    fn knock(subject: &Subject<'_>) -> Door {
        let root = CertificateDer::from(subject.root.der.clone());
        Door(Page::parse(subject.url).and_then(|page| {
            handshake::served_by(&page, [root])?;
            Ok(page)
        }))
    }
}

fn each(
    places: &Places,
    subject: &Subject<'_>,
    only: &Selection,
    mut turn: impl FnMut(&dyn Store) -> StoreReport,
) -> TrustReport {
    let mut report = TrustReport {
        host: subject.root.host.clone(),
        fingerprint: subject.root.fingerprint.clone(),
        stores: Vec::new(),
        leftovers: Vec::new(),
    };
    for store in stores(places) {
        if only.contains(&store.id()) {
            report.stores.push(turn(store.as_ref()));
            report.leftovers.extend(leftovers(store.as_ref(), subject.known));
        }
    }
    report
}

/// Nothing where the store cannot be read: its own report says so.
fn leftovers(store: &dyn Store, known: &[Root]) -> Vec<Leftover> {
    let entries = store.entries().unwrap_or_default().into_iter();
    entries
        .filter(|entry| known.iter().all(|root| root.der != entry.root.der))
        .map(|entry| Leftover {
            store: store.id().kind,
            id: store.id(),
            title: store.title(),
            nickname: entry.nickname,
            host: entry.root.host,
            fingerprint: entry.root.fingerprint,
        })
        .collect()
}

fn entry(store: &dyn Store, root: &Root) -> Result<Option<Entry>, TrustError> {
    let entries = store.entries()?;
    Ok(entries.into_iter().find(|entry| entry.root.der == root.der))
}

/// Puts the root in where it is lacking and somebody would see it, and looks whether it is there.
pub(crate) fn put_in(store: &dyn Store, root: &Root, ask: &dyn Ask) -> Result<(), TrustError> {
    if store.clients().is_empty() && !store.exists() {
        return Ok(());
    }
    let is_in = |entry: &Entry| entry.trusted && entry.kept;
    if entry(store, root)?.as_ref().is_some_and(is_in) {
        return Ok(());
    }
    store.install(root, ask)?;
    match &entry(store, root)? {
        Some(entry) if is_in(entry) => Ok(()),
        _ => Err(TrustError::NotTaken { place: store.place() }),
    }
}

/// Takes the root out where it is, and looks whether it is gone.
pub(crate) fn take_out(store: &dyn Store, root: &Root, ask: &dyn Ask) -> Result<(), TrustError> {
    match entry(store, root)? {
        Some(entry) => delete(store, &entry, ask),
        None => Ok(()),
    }
}

fn delete(store: &dyn Store, entry: &Entry, ask: &dyn Ask) -> Result<(), TrustError> {
    store.remove(entry, ask)?;
    match self::entry(store, &entry.root)? {
        None => Ok(()),
        Some(_) => Err(TrustError::Stays {
            nickname: entry.nickname.clone(),
            place: store.place(),
        }),
    }
}

/// What the store says by itself.
fn look(store: &dyn Store, root: &Root) -> StoreReport {
    let found = match entry(store, root) {
        Ok(found) => found,
        Err(error) => return with_problem(blank(store, State::Unknown), &error),
    };
    let (state, detail) = match found {
        _ if store.clients().is_empty() => (State::NotInstalled, "no browser here reads it".to_owned()),
        Some(entry) if entry.trusted && entry.kept => in_effect(store, "the root is in it".to_owned()),
        Some(entry) if entry.trusted => in_effect(
            store,
            "the root is not in it any more, but programs still read it".to_owned(),
        ),
        Some(_) => (
            State::NotTrusted,
            "the root is in it, but not marked as trusted".to_owned(),
        ),
        None => (State::NotTrusted, absent(store)),
    };
    StoreReport {
        detail,
        ..blank(store, state)
    }
}

fn absent(store: &dyn Store) -> String {
    match store.outdated_client() {
        Some(client) => format!("the root is not in it; {client} may know it until it is closed"),
        None => "the root is not in it".to_owned(),
    }
}

/// What the programs say that read the store.
fn prove(store: &dyn Store, root: &Root, door: &Door) -> StoreReport {
    let looked = look(store, root);
    if store.clients().is_empty() || looked.problem.is_some() {
        return looked;
    }
    let verdict = match &door.0 {
        Ok(page) => store.verify(page),
        Err(error) => return unproven(looked, error),
    };
    let (state, detail) = match verdict {
        Ok(Verdict::Trusted(by)) => in_effect(store, format!("accepted by {by}")),
        Ok(Verdict::NotTrusted(error)) => (State::NotTrusted, error),
        Ok(Verdict::NotInstalled) => return looked,
        Err(error) => return unproven(looked, &error),
    };
    StoreReport {
        detail,
        ..blank(store, state)
    }
}

/// What the store says stays told; whether it holds is not known.
fn unproven(looked: StoreReport, error: &TrustError) -> StoreReport {
    let unknown = StoreReport {
        state: State::Unknown,
        ..looked
    };
    with_problem(unknown, error)
}

/// Trusted as of the program's next start; now, unless it runs since before.
fn in_effect(store: &dyn Store, detail: String) -> (State, String) {
    match store.outdated_client() {
        None => (State::Trusted, detail),
        Some(client) => (
            State::RestartNeeded,
            format!("{detail}; {client} runs since before: close all its windows and start it again"),
        ),
    }
}

fn blank(store: &dyn Store, state: State) -> StoreReport {
    StoreReport {
        store: store.id().kind,
        id: store.id(),
        title: store.title(),
        place: store.place(),
        state,
        detail: String::new(),
        problem: None,
    }
}

fn with_problem(report: StoreReport, error: &TrustError) -> StoreReport {
    let state = match error {
        TrustError::NeverStarted { .. } => State::NotTrusted,
        _ => report.state,
    };
    StoreReport {
        state,
        problem: Some(Problem::from(error)),
        ..report
    }
}
