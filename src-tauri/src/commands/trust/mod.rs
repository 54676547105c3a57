//! The trust stores of this machine: looked at, proven, filled and emptied, with the person asked before anything runs with
//! root's rights.

mod asking;
mod subject;

use doorcode_settings::{HostName, Problem};
use doorcode_trust::{Ask, Secret, Selection, StoreId, TrustReport};
use tauri::{AppHandle, Runtime, State};

pub(super) use asking::Asking;
#[cfg(test)]
pub(crate) use asking::TrustEvent;
use subject::HostTrust;

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
    served(&link).await?;
    if !verify {
        return on_host(&link, host, HostTrust::report).await;
    }
    let person = asking.begin(&app)?;
    on_host(&link, host, move |trust| trust.verify(&person)).await
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
    served(&link).await?;
    let person = asking.begin(&app)?;
    on_host(&link, Some(host), move |trust| trust.install(&stores, &person)).await
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
    on_host(&link, Some(host), move |trust| trust.remove(&stores, &person)).await
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
    blocking(move || subject::remove_leftover(&paths, &id, &nickname, &person)).await?;
    on_host(&link, host, HostTrust::report).await
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
    let report = on_host(link, Some(host), move |trust| {
        trust.remove(&Selection::all(), &person as &dyn Ask)
    })
    .await?;
    let remaining: Vec<String> = report
        .stores
        .into_iter()
        .filter(|store| store.problem.is_some())
        .map(|store| store.title)
        .collect();
    if remaining.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        "trust_remains",
        format!(
            "the certificate stays, because these still trust it: {}",
            remaining.join(", ")
        ),
        format!("doorcode trust remove --host {}", report.host),
    ))
}

/// Whether trusting a root of ours has any effect.
async fn served(link: &EngineLink) -> Answer<()> {
    let paths = link.paths().clone();
    blocking(move || subject::refuse_custom(&paths)).await
}

async fn on_host(
    link: &EngineLink,
    host: Option<HostName>,
    work: impl FnOnce(&HostTrust) -> TrustReport + Send + 'static,
) -> Answer<TrustReport> {
    let (paths, urls) = (link.paths().clone(), link.snapshot().status.urls);
    blocking(move || Ok(work(&HostTrust::of(&paths, host, &urls)?))).await
}

/// The stores that the person ticked. None is none, not all of them.
fn chosen(stores: &[String]) -> Answer<Selection> {
    if stores.is_empty() {
        return Err(Problem::new("stores_none", "no trust store was chosen", ""));
    }
    Selection::parse(stores)
}
