//! The trust stores of this machine: looked at, proven, filled and emptied, with the person asked before anything runs with
//! root's rights.

mod asking;

use doorcode_actions::trust::{self as actions, HostTrust};
use doorcode_settings::{HostName, Problem};
use doorcode_trust::{Secret, Selection, StoreId, TrustReport};
use tauri::{AppHandle, Runtime, State};

pub(super) use asking::Asking;
#[cfg(test)]
pub(crate) use asking::TrustEvent;

use super::{Answer, blocking};
use crate::engine_link::EngineLink;

/// What the stores hold for `host`, or the first one. `verify` also has each store's program open a page, a second or so
/// each.
#[tauri::command]
pub(crate) async fn trust_report<R: Runtime>(
    host: Option<HostName>,
    verify: bool,
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    asking: State<'_, Asking>,
) -> Answer<TrustReport> {
    if !verify {
        return report(&link, host).await;
    }
    let person = asking.begin(&app)?;
    let trust = HostTrust::of(link.paths(), host).await?;
    blocking(move || Ok(trust.verify(&Selection::all(), &person))).await
}

/// Puts the root of `host` into these stores, and proves each afterwards.
#[tauri::command]
pub(crate) async fn trust_install<R: Runtime>(
    host: HostName,
    stores: Vec<String>,
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    asking: State<'_, Asking>,
) -> Answer<TrustReport> {
    let stores = chosen(&stores)?;
    let person = asking.begin(&app)?;
    let trust = HostTrust::of(link.paths(), Some(host)).await?;
    blocking(move || Ok(trust.install(&stores, &person))).await
}

/// Takes the root of `host` out of these stores.
#[tauri::command]
pub(crate) async fn trust_remove<R: Runtime>(
    host: HostName,
    stores: Vec<String>,
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    asking: State<'_, Asking>,
) -> Answer<TrustReport> {
    let stores = chosen(&stores)?;
    let person = asking.begin(&app)?;
    let trust = HostTrust::kept(link.paths(), host).await?;
    blocking(move || Ok(trust.remove(&stores, &person))).await
}

/// Takes a root that no host has any more out of the store `id`; answers with what the stores hold for `host` then.
#[tauri::command]
pub(crate) async fn trust_remove_leftover<R: Runtime>(
    id: StoreId,
    nickname: String,
    host: Option<HostName>,
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    asking: State<'_, Asking>,
) -> Answer<TrustReport> {
    let person = asking.begin(&app)?;
    let paths = link.paths().clone();
    blocking(move || actions::remove_leftover(&paths, &id, &nickname, &person)).await?;
    report(&link, host).await
}

/// The person's answer to what the event `trust` asked: `approve` to a command, `secret` to a prompt, where none calls the
/// work off.
#[tauri::command]
pub(crate) fn trust_answer(
    approve: Option<bool>,
    secret: Option<String>,
    asking: State<'_, Asking>,
) -> Answer<()> {
    match approve {
        Some(may) => asking.approve(may),
        None => asking.tell(secret.map(Secret::new)),
    }
}

/// Takes the root of `host` out of every store, before its certificate goes.
///
/// # Errors
/// `trust_remains` names the stores that still have it.
pub(super) async fn remove_everywhere<R: Runtime>(
    host: HostName,
    app: &AppHandle<R>,
    link: &EngineLink,
    asking: &Asking,
) -> Answer<()> {
    let person = asking.begin(app)?;
    let trust = HostTrust::kept(link.paths(), host).await?;
    blocking(move || trust.remove_everywhere(&person).map(drop)).await
}

async fn report(link: &EngineLink, host: Option<HostName>) -> Answer<TrustReport> {
    let trust = HostTrust::of(link.paths(), host).await?;
    blocking(move || Ok(trust.report(&Selection::all()))).await
}

/// The stores that the person ticked. None is none, not all of them.
fn chosen(stores: &[String]) -> Answer<Selection> {
    if stores.is_empty() {
        return Err(Problem::new("stores_none", "no trust store was chosen", ""));
    }
    Selection::parse(stores)
}
