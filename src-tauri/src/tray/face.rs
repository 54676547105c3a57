//! What the tray shows, as a pure function of how things are.

use std::path::{Path, PathBuf};

use doorcode_engine::{HealthState, State, Status};
use doorcode_settings::{AuthMode, HostName};

use crate::engine_link::{EngineSource, Snapshot};
use crate::window::Page;

/// Everything that the tray shows, and what each of its entries does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) icon: Icon,
    pub(super) tooltip: String,
    pub(super) menu: Vec<Item>,
}

/// One picture a kind of state, told apart by shape and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    Stopped,
    Starting,
    Running,
    /// It runs, and something is wrong; or it crashed and is started again.
    Attention,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// The line above the group of this name.
    Separator(&'static str),
    Entry(Entry),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What stays the same while the entry changes; unique in a menu.
    pub(super) id: String,
    pub(super) label: String,
    pub(super) enabled: bool,
    /// For an entry with a tick: whether it has it.
    pub(super) checked: Option<bool>,
    pub(super) action: Action,
}

/// What choosing an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Nothing,
    /// Opens the editor in the browser, on this host if one is named.
    Open(Option<HostName>),
    /// Opens the editor with a folder that the person chooses.
    ChooseFolder,
    OpenFolder(PathBuf),
    CopyAddress(String),
    CopyPassword,
    SetAuth(AuthMode),
    Start,
    Stop,
    Restart,
    Show(Page),
    SetAutostart(bool),
    Quit,
}

/// What the tray shows besides the snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Surroundings {
    /// Whether the application starts at login.
    pub(super) autostart: bool,
    /// The person's home, which paths are shortened by.
    pub(super) home: Option<PathBuf>,
}

/// As many recent folders as a menu has room for.
const RECENT_FOLDERS: usize = 5;
/// A path with more characters loses its beginning.
const LONGEST_PATH: usize = 48;
/// A message with more characters loses its end.
const LONGEST_MESSAGE: usize = 72;

impl Face {
    pub(super) fn of(now: &Snapshot, around: &Surroundings) -> Face {
        Face {
            icon: icon(now),
            tooltip: tooltip(now),
            menu: menu(status_line(now), now, around),
        }
    }

    /// What choosing the entry called `id` does.
    pub(super) fn action(&self, id: &str) -> Option<&Action> {
        self.menu.iter().find_map(|item| match item {
            Item::Entry(entry) if entry.id == id => Some(&entry.action),
            _ => None,
        })
    }
}

fn icon(now: &Snapshot) -> Icon {
    match now.status.state {
        _ if now.problem.is_some() => Icon::Failed,
        State::Failed => Icon::Failed,
        State::Backoff => Icon::Attention,
        State::Running if is_unwell(&now.status) => Icon::Attention,
        State::Running => Icon::Running,
        State::Starting => Icon::Starting,
        State::Stopping | State::Stopped => Icon::Stopped,
    }
}

/// The line on top of the menu: what is wrong first of all, or where the editor is and who is there.
fn status_line(now: &Snapshot) -> String {
    match (now.status.state, now.status.problems.first()) {
        (State::Running, Some(first)) if now.problem.is_none() => {
            format!("Needs attention · {}", one_line(&first.message))
        }
        _ => state_line(now),
    }
}

/// How things are, without a word of anybody else's.
fn state_line(now: &Snapshot) -> String {
    let status = &now.status;
    let word = match status.state {
        _ if now.problem.is_some() => return "Failed · the door cannot be opened".to_owned(),
        State::Failed => return "Failed · the editor does not run".to_owned(),
        State::Backoff => return "Needs attention · the editor crashed and is started again".to_owned(),
        State::Starting => return "Starting…".to_owned(),
        State::Stopping => return "Stopping…".to_owned(),
        State::Stopped => return "Stopped".to_owned(),
        State::Running if is_unwell(status) => "Needs attention",
        State::Running => "Running",
    };
    let parts = [
        Some(word.to_owned()),
        address(status).map(str::to_owned),
        visitors(status),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Whether something is wrong with what runs, or with the way to it.
fn is_unwell(status: &Status) -> bool {
    !status.problems.is_empty() || matches!(status.health.state, HealthState::Warning | HealthState::Broken)
}

/// Who is there: sign-ins with an open editor; where nobody signs in, the connections, which is all that is known.
fn visitors(status: &Status) -> Option<String> {
    match (status.auth, status.connected, status.connections) {
        (AuthMode::Password | AuthMode::TrustedProxy, 0, _) | (AuthMode::None, _, 0) => None,
        (AuthMode::Password | AuthMode::TrustedProxy, connected, _) => Some(format!("{connected} connected")),
        (AuthMode::None, _, 1) => Some("1 connection".to_owned()),
        (AuthMode::None, _, connections) => Some(format!("{connections} connections")),
    }
}

/// No text of others: panels may take a tooltip for markup.
fn tooltip(now: &Snapshot) -> String {
    let mut lines = vec![state_line(now)];
    match now.status.problems.len() {
        0 => {}
        1 => lines.push("1 problem: Connection health… says which".to_owned()),
        more => lines.push(format!("{more} problems: Connection health… says which")),
    }
    if now.engine != EngineSource::Absent && now.status.auth == AuthMode::None {
        lines.push("Nobody is asked for a password".to_owned());
    }
    lines.join("\n")
}

fn menu(line: String, now: &Snapshot, around: &Surroundings) -> Vec<Item> {
    let mut menu = vec![entry("status", line, Action::Nothing).disabled()];
    menu.push(Item::Separator("open"));
    menu.extend(open_entries(&now.status));
    menu.push(entry("folder", "Open folder…", Action::ChooseFolder));
    menu.extend(recent_entries(&now.status, around.home.as_deref()));
    menu.push(Item::Separator("sign-in"));
    menu.extend(sign_in_entries(now));
    menu.push(Item::Separator("editor"));
    menu.extend(editor_entries(now));
    menu.push(Item::Separator("pages"));
    let page = |id, label: &str, page| entry(id, label, Action::Show(page));
    menu.extend([
        page("trust", "Trust this certificate…", Page::Trust),
        page("health", "Connection health…", Page::Health),
        page("logs", "Logs…", Page::Logs),
        page("settings", "Settings…", Page::Settings),
    ]);
    menu.push(Item::Separator("application"));
    let autostart = Action::SetAutostart(!around.autostart);
    menu.extend([
        entry("autostart", "Start at login", autostart).checked(around.autostart),
        page("about", "About", Page::About),
        entry("quit", quit_label(now), Action::Quit),
    ]);
    menu
}

/// One line, or one for each host when there are several.
fn open_entries(status: &Status) -> Vec<Item> {
    let mut hosts: Vec<HostName> = Vec::new();
    for host in status.urls.iter().filter_map(|url| host_of(url)) {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if hosts.len() < 2 {
        return vec![entry("open", "Open in browser", Action::Open(None))];
    }
    let line = |host: HostName| {
        let (id, label) = (format!("open:{host}"), format!("Open {host} in browser"));
        entry(id, label, Action::Open(Some(host)))
    };
    hosts.into_iter().map(line).collect()
}

fn recent_entries(status: &Status, home: Option<&Path>) -> Vec<Item> {
    let folders = status.recent_folders.iter().take(RECENT_FOLDERS).enumerate();
    folders
        .map(|(slot, folder)| {
            let label = format!("Open {}", shortened(folder, home));
            entry(format!("recent:{slot}"), label, Action::OpenFolder(folder.into()))
        })
        .collect()
}

fn sign_in_entries(now: &Snapshot) -> [Item; 3] {
    let status = &now.status;
    let is_there = now.engine != EngineSource::Absent;
    let copy = match address(status) {
        Some(address) => Action::CopyAddress(address.to_owned()),
        None => Action::Nothing,
    };
    [
        entry("copy-address", "Copy address", copy).enabled(address(status).is_some()),
        entry("copy-password", "Copy password", Action::CopyPassword)
            .enabled(is_there && status.auth == AuthMode::Password),
        mode_entry(status.auth).enabled(is_there),
    ]
}

/// The toggle of the password. Sign-in by proxy is nothing to be switched off by a slip: it leads to the page about it.
fn mode_entry(mode: AuthMode) -> Item {
    let toggle =
        |required, other| entry("password", "Password required", Action::SetAuth(other)).checked(required);
    match mode {
        AuthMode::Password => toggle(true, AuthMode::None),
        AuthMode::None => toggle(false, AuthMode::Password),
        AuthMode::TrustedProxy => entry("proxy", "Sign-in by proxy…", Action::Show(Page::SignIn)),
    }
}

fn editor_entries(now: &Snapshot) -> [Item; 3] {
    let (is_there, state) = (now.engine != EngineSource::Absent, now.status.state);
    let rests = matches!(state, State::Stopped | State::Failed);
    let runs = matches!(state, State::Running | State::Backoff);
    [
        entry("start", "Start", Action::Start).enabled(rests),
        entry("stop", "Stop", Action::Stop).enabled(is_there && (runs || state == State::Starting)),
        entry("restart", "Restart", Action::Restart).enabled(is_there && runs),
    ]
}

/// Says what becomes of the editor.
fn quit_label(now: &Snapshot) -> &'static str {
    match (now.engine, now.status.state) {
        (EngineSource::Absent, _) | (_, State::Stopped | State::Failed) => "Quit",
        (EngineSource::Hosted, _) => "Quit and stop the editor",
        (EngineSource::Attached, _) => "Quit (the editor keeps running)",
    }
}

/// The address to open, without the slash that people do not type.
fn address(status: &Status) -> Option<&str> {
    status.urls.first().map(|url| url.trim_end_matches('/'))
}

/// The host in an address of the engine's.
fn host_of(url: &str) -> Option<HostName> {
    let authority = url.strip_prefix("https://")?.split('/').next()?;
    let host = match authority.rsplit_once(':') {
        // The last colon of an IPv6 address without a port stands inside its brackets.
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    host.parse().ok()
}

/// A path as people know it: `~` for their home, the end of it where it is long, and nothing that could rearrange the menu.
fn shortened(folder: &str, home: Option<&Path>) -> String {
    let within = home.and_then(|home| Path::new(folder).strip_prefix(home).ok());
    let path = match within {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => folder.to_owned(),
    };
    let harmless = harmless(&path);
    let length = harmless.chars().count();
    if length <= LONGEST_PATH {
        return harmless;
    }
    let end: String = harmless.chars().skip(length + 1 - LONGEST_PATH).collect();
    format!("…{end}")
}

/// A message as one line of a menu: the beginning of it where it is long.
fn one_line(message: &str) -> String {
    let harmless = harmless(message);
    if harmless.chars().count() <= LONGEST_MESSAGE {
        return harmless;
    }
    let begin: String = harmless.chars().take(LONGEST_MESSAGE - 1).collect();
    format!("{}…", begin.trim_end())
}

/// The text without what could rearrange the menu.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if is_invisible(c) { '?' } else { c })
        .collect()
}

/// Control characters, and those that change the direction of writing (Unicode TR 9, section 2).
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn entry(id: impl Into<String>, label: impl Into<String>, action: Action) -> Item {
    Item::Entry(Entry {
        id: id.into(),
        label: label.into(),
        enabled: true,
        checked: None,
        action,
    })
}

impl Item {
    fn disabled(self) -> Item {
        self.enabled(false)
    }

    fn enabled(mut self, enabled: bool) -> Item {
        if let Item::Entry(entry) = &mut self {
            entry.enabled = enabled;
        }
        self
    }

    fn checked(mut self, checked: bool) -> Item {
        if let Item::Entry(entry) = &mut self {
            entry.checked = Some(checked);
        }
        self
    }
}

#[cfg(test)]
mod tests;
