//! Browsers and devices that show that they trust a certificate: the check page, and the page for phones.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use doorcode_actions::{control, devices as actions, open};
use doorcode_engine::{CheckResult, Client, ClientError, Device, OnboardingReply, Reply, Request};
use doorcode_settings::{HostName, Problem};
use serde::Serialize;
use tauri::{AppHandle, Runtime, State};

use super::Answer;
use crate::engine_link::EngineLink;
use crate::window;

/// How long a check waits for its page to be opened, in seconds.
const CHECK_SECONDS: u64 = 600;

/// A device check that has begun.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct CheckBegun {
    /// For `check_result`.
    id: String,
    /// The page; a secret until it is opened.
    url: String,
    /// Why the default browser could not be opened; the page can still be opened by hand.
    problem: Option<Problem>,
}

/// The page for phones that is offered now. The engine takes it away when the connection that asked for it closes, so it
/// is gone with the window, however that goes.
#[derive(Debug, Default)]
pub(crate) struct Onboarding(Mutex<Option<Offered>>);

#[derive(Debug)]
struct Offered {
    connection: Client,
    urls: [String; 2],
}

impl Onboarding {
    /// Whether `text` is the address of the page that is offered, or of the check that it leads to.
    pub(crate) fn offers(&self, text: &str) -> bool {
        let offered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let offered = offered.as_ref();
        offered.is_some_and(|offered| offered.urls.iter().any(|url| url == text))
    }

    /// Takes the page away.
    pub(crate) fn close(&self) {
        self.replace(None);
    }

    fn replace(&self, offered: Option<Offered>) -> Option<Offered> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *slot, offered)
    }
}

/// Begins a check of `host`, the first one if none is named, and opens its page in the default browser.
#[tauri::command]
pub(crate) async fn check_begin(host: Option<HostName>, link: State<'_, EngineLink>) -> Answer<CheckBegun> {
    let request = Request::CheckBegin {
        host,
        seconds: CHECK_SECONDS,
    };
    let Reply::Check { id, url } = link.ask(request).await? else {
        return Err(control::unexpected());
    };
    let problem = open::open_in_browser(link.paths(), &url).await.err();
    Ok(CheckBegun { id, url, problem })
}

/// What a check found out so far.
#[tauri::command]
pub(crate) async fn check_result(id: String, link: State<'_, EngineLink>) -> Answer<CheckResult> {
    match link.ask(Request::CheckResult { id }).await? {
        Reply::CheckResult(result) => Ok(*result),
        _ => Err(control::unexpected()),
    }
}

/// Offers other devices the page that has them trust `host`, at `address` of this machine or the likeliest one, until
/// `onboarding_end`, or until the window closes.
#[tauri::command]
pub(crate) async fn onboarding_begin<R: Runtime>(
    host: Option<HostName>,
    address: Option<IpAddr>,
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    onboarding: State<'_, Onboarding>,
) -> Answer<OnboardingReply> {
    let connection = control::connect(link.paths()).await?;
    let mut connection = connection.ok_or_else(|| Problem::from(&ClientError::NotRunning))?;
    let request = Request::OnboardingBegin { host, address };
    let Reply::Onboarding(reply) = control::ask_over(&mut connection, &request).await? else {
        return Err(control::unexpected());
    };
    onboarding.replace(Some(Offered {
        connection,
        urls: [reply.url.clone(), reply.check_url.clone()],
    }));
    if !window::is_open(&app) {
        onboarding.close(); // It has closed meanwhile.
    }
    Ok(reply)
}

/// Takes the page away; when this answers, it is gone.
#[tauri::command]
pub(crate) async fn onboarding_end(onboarding: State<'_, Onboarding>) -> Answer<()> {
    let Some(mut offered) = onboarding.replace(None) else {
        return Ok(());
    };
    match control::ask_over(&mut offered.connection, &Request::OnboardingEnd).await? {
        Reply::Done => Ok(()),
        _ => Err(control::unexpected()),
    }
}

/// The devices that have passed a check.
#[tauri::command]
pub(crate) async fn devices(link: State<'_, EngineLink>) -> Answer<Vec<Device>> {
    actions::list(link.paths()).await
}

/// Forgets one of them.
#[tauri::command]
pub(crate) async fn forget_device(id: String, link: State<'_, EngineLink>) -> Answer<()> {
    actions::forget(link.paths(), &id).await
}
