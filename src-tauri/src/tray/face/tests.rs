use doorcode_engine::HealthBrief;
use doorcode_settings::Problem;

use super::*;

const ADDRESS: &str = "https://localhost:8443/";

fn status(state: State) -> Status {
    Status {
        state,
        urls: vec![ADDRESS.to_owned()],
        ..Status::not_running()
    }
}

fn hosted(status: Status) -> Snapshot {
    Snapshot {
        engine: EngineSource::Hosted,
        status,
        ..Snapshot::first()
    }
}

fn face(now: &Snapshot) -> Face {
    Face::of(now, &Surroundings::default())
}

fn disturbed(state: State) -> Snapshot {
    let problem = Problem::new("settings_syntax", "a line", "doorcode settings edit");
    hosted(Status {
        problems: vec![problem],
        ..status(state)
    })
}

fn without_engine(problem: Option<Problem>) -> Snapshot {
    Snapshot {
        status: Status::not_running(),
        problem,
        ..Snapshot::first()
    }
}

/// The line of the menu with this id.
fn line(face: &Face, id: &str) -> Entry {
    let found = face.menu.iter().find_map(|item| match item {
        Item::Entry(entry) if entry.id == id => Some(entry.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no entry {id} in {:?}", face.menu))
}

fn enabled(now: &Snapshot) -> [bool; 3] {
    ["start", "stop", "restart"].map(|id| line(&face(now), id).enabled)
}

#[test]
fn a_running_editor_with_visitors() {
    let plain = |id: &str, label: &str, action| {
        Item::Entry(Entry {
            id: id.to_owned(),
            label: label.to_owned(),
            enabled: true,
            checked: None,
            action,
        })
    };
    let off = |item| match item {
        Item::Entry(entry) => Item::Entry(Entry {
            enabled: false,
            ..entry
        }),
        separator => separator,
    };
    let ticked = |item, ticked| match item {
        Item::Entry(entry) => Item::Entry(Entry {
            checked: Some(ticked),
            ..entry
        }),
        separator => separator,
    };
    let now = hosted(Status {
        sessions: 3,
        connected: 2,
        connections: 9,
        recent_folders: vec!["/home/me/code/a".to_owned(), "/srv/b".to_owned()],
        ..status(State::Running)
    });
    let around = Surroundings {
        autostart: true,
        home: Some("/home/me".into()),
    };
    let said = "Running · https://localhost:8443 · 2 connected";
    let expected = Face {
        icon: Icon::Running,
        tooltip: said.to_owned(),
        menu: vec![
            off(plain("status", said, Action::Nothing)),
            Item::Separator("open"),
            plain("open", "Open in browser", Action::Open(None)),
            plain("folder", "Open folder…", Action::ChooseFolder),
            plain(
                "recent:0",
                "Open ~/code/a",
                Action::OpenFolder("/home/me/code/a".into()),
            ),
            plain("recent:1", "Open /srv/b", Action::OpenFolder("/srv/b".into())),
            Item::Separator("sign-in"),
            plain(
                "copy-address",
                "Copy address",
                Action::CopyAddress("https://localhost:8443".to_owned()),
            ),
            plain("copy-password", "Copy password", Action::CopyPassword),
            ticked(
                plain("password", "Password required", Action::SetAuth(AuthMode::None)),
                true,
            ),
            Item::Separator("editor"),
            off(plain("start", "Start", Action::Start)),
            plain("stop", "Stop", Action::Stop),
            plain("restart", "Restart", Action::Restart),
            Item::Separator("pages"),
            plain("trust", "Trust this certificate…", Action::Show(Page::Trust)),
            plain("health", "Connection health…", Action::Show(Page::Health)),
            plain("logs", "Logs…", Action::Show(Page::Logs)),
            plain("settings", "Settings…", Action::Show(Page::Settings)),
            Item::Separator("application"),
            ticked(
                plain("autostart", "Start at login", Action::SetAutostart(false)),
                true,
            ),
            plain("about", "About", Action::Show(Page::About)),
            plain("quit", "Quit and stop the editor", Action::Quit),
        ],
    };
    assert_eq!(Face::of(&now, &around), expected);
}

#[test]
fn each_state_has_its_icon_and_says_so() {
    let door = Problem::new("port_busy", "127.0.0.1:8443 is taken", "doorcode settings edit");
    let cases = [
        (Snapshot::first(), Icon::Starting, "Starting…"),
        (without_engine(None), Icon::Stopped, "Stopped"),
        (
            without_engine(Some(door)),
            Icon::Failed,
            "Failed · the door cannot be opened",
        ),
        (hosted(status(State::Stopped)), Icon::Stopped, "Stopped"),
        (hosted(status(State::Starting)), Icon::Starting, "Starting…"),
        (
            hosted(status(State::Running)),
            Icon::Running,
            "Running · https://localhost:8443",
        ),
        (hosted(status(State::Stopping)), Icon::Stopped, "Stopping…"),
        (
            disturbed(State::Backoff),
            Icon::Attention,
            "Needs attention · the editor crashed and is started again",
        ),
        (
            disturbed(State::Failed),
            Icon::Failed,
            "Failed · the editor does not run",
        ),
    ];
    for (now, icon, said) in cases {
        let face = face(&now);
        assert_eq!((face.icon, line(&face, "status").label.as_str()), (icon, said));
        assert_eq!(face.tooltip.lines().next(), Some(said));
    }
}

#[test]
fn what_is_wrong_is_named_in_the_menu_and_not_in_the_tooltip() {
    let face = face(&disturbed(State::Running));
    assert_eq!(face.icon, Icon::Attention);
    assert_eq!(line(&face, "status").label, "Needs attention · a line");
    assert_eq!(
        face.tooltip,
        "Needs attention · https://localhost:8443\n1 problem: Connection health… says which"
    );
}

#[test]
fn a_message_cannot_rearrange_the_menu() {
    let saying = |message: &str| {
        let problem = Problem::new("editor_crashed", message, "doorcode logs --editor");
        let now = hosted(Status {
            problems: vec![problem],
            ..status(State::Running)
        });
        line(&face(&now), "status").label
    };
    assert_eq!(saying("a\nb\u{202e}c"), "Needs attention · a?b?c");
    let long = saying(&"word ".repeat(40));
    let message = long.strip_prefix("Needs attention · ").expect("as ever");
    assert!(message.chars().count() <= LONGEST_MESSAGE, "{message}");
    assert!(
        message.starts_with("word word") && message.ends_with('…'),
        "{message}"
    );
}

#[test]
fn a_way_that_is_broken_asks_for_attention_before_its_problem_is_listed() {
    let with = |health| {
        let now = hosted(Status {
            health: HealthBrief {
                state: health,
                ..HealthBrief::default()
            },
            ..status(State::Running)
        });
        face(&now)
    };
    for state in [HealthState::Warning, HealthState::Broken] {
        let face = with(state);
        assert_eq!(face.icon, Icon::Attention, "{state:?}");
        let said = line(&face, "status").label;
        assert_eq!(said, "Needs attention · https://localhost:8443");
    }
    for state in [HealthState::Unknown, HealthState::Healthy] {
        assert_eq!(with(state).icon, Icon::Running, "{state:?}");
    }
}

#[test]
fn sign_in_by_proxy_is_not_switched_off_by_a_slip() {
    let face = face(&hosted(Status {
        auth: AuthMode::TrustedProxy,
        connected: 1,
        connections: 5,
        ..status(State::Running)
    }));
    let entry = line(&face, "proxy");
    assert_eq!(
        (entry.label.as_str(), entry.checked, entry.action),
        ("Sign-in by proxy…", None, Action::Show(Page::SignIn))
    );
    assert_eq!(face.action("password"), None);
    assert!(!line(&face, "copy-password").enabled);
    assert!(line(&face, "status").label.ends_with(" · 1 connected"));
}

#[test]
fn only_what_is_possible_can_be_chosen() {
    assert_eq!(enabled(&without_engine(None)), [true, false, false]);
    for (state, possible) in [
        (State::Stopped, [true, false, false]),
        (State::Starting, [false, true, false]),
        (State::Running, [false, true, true]),
        (State::Stopping, [false, false, false]),
        (State::Backoff, [false, true, true]),
        (State::Failed, [true, false, false]),
    ] {
        assert_eq!(enabled(&hosted(status(state))), possible, "{state:?}");
    }
    let absent = face(&without_engine(None));
    for id in ["copy-address", "copy-password", "password"] {
        assert!(!line(&absent, id).enabled, "{id}");
    }
}

#[test]
fn without_a_password_it_says_so_and_counts_connections() {
    let open = |connections| {
        face(&hosted(Status {
            auth: AuthMode::None,
            connections,
            ..status(State::Running)
        }))
    };
    let face = open(3);
    assert_eq!(
        line(&face, "status").label,
        "Running · https://localhost:8443 · 3 connections"
    );
    assert!(face.tooltip.ends_with("\nNobody is asked for a password"));
    let toggle = line(&face, "password");
    assert_eq!(
        (toggle.checked, toggle.action),
        (Some(false), Action::SetAuth(AuthMode::Password))
    );
    assert!(!line(&face, "copy-password").enabled);
    assert!(line(&open(1), "status").label.ends_with(" · 1 connection"));
}

#[test]
fn each_of_several_hosts_can_be_opened_once() {
    let urls = [
        "https://localhost:8443/",
        "https://localhost/",
        "https://[::1]:8443/",
        "https://my.dev.local/",
    ];
    let face = face(&hosted(Status {
        urls: urls.map(str::to_owned).to_vec(),
        ..status(State::Running)
    }));
    for host in ["localhost", "::1", "my.dev.local"] {
        let id = format!("open:{host}");
        assert_eq!(line(&face, &id).label, format!("Open {host} in browser"));
        let host = host.parse().expect("a host");
        assert_eq!(face.action(&id), Some(&Action::Open(Some(host))));
    }
    assert_eq!(face.action("open"), None);
}

#[test]
fn quit_says_what_becomes_of_the_editor() {
    let quit = |engine, state| {
        let now = Snapshot {
            engine,
            ..hosted(status(state))
        };
        line(&face(&now), "quit").label
    };
    assert_eq!(
        quit(EngineSource::Hosted, State::Running),
        "Quit and stop the editor"
    );
    assert_eq!(quit(EngineSource::Hosted, State::Stopped), "Quit");
    assert_eq!(
        quit(EngineSource::Attached, State::Running),
        "Quit (the editor keeps running)"
    );
    assert_eq!(quit(EngineSource::Absent, State::Stopped), "Quit");
}

#[test]
fn a_folder_cannot_rearrange_the_menu() {
    let shown = |folder: &str| shortened(folder, Some(Path::new("/home/me")));
    assert_eq!(shown("/home/me"), "~");
    assert_eq!(shown("/home/meadow"), "/home/meadow");
    assert_eq!(shown("/a\nb\u{202e}c"), "/a?b?c");
    let long = shown(&format!("/{}/end", "x".repeat(80)));
    assert_eq!(long.chars().count(), LONGEST_PATH);
    assert!(long.starts_with('…') && long.ends_with("xx/end"));
}

#[test]
fn at_most_five_folders_are_offered() {
    let face = face(&hosted(Status {
        recent_folders: (0..8).map(|n| format!("/srv/{n}")).collect(),
        ..status(State::Running)
    }));
    let offered = face
        .menu
        .iter()
        .filter(|item| matches!(item, Item::Entry(entry) if entry.id.starts_with("recent:")));
    assert_eq!(offered.count(), 5);
}
