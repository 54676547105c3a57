use doorcode_engine::{EditorStatus, EngineStatus};
use time::OffsetDateTime;

use super::*;

fn snapshot(status: Status) -> Snapshot {
    Snapshot {
        engine: EngineSource::Hosted,
        status,
        ..Snapshot::first()
    }
}

fn in_state(state: State, problems: &[&Problem]) -> Snapshot {
    snapshot(Status {
        state,
        problems: problems.iter().map(|problem| (*problem).clone()).collect(),
        ..Status::not_running()
    })
}

fn said(code: &str) -> Problem {
    Problem::new(code, format!("what happened: {code}"), "doorcode status")
}

#[test]
fn a_crash_is_told_once_until_the_editor_runs_again() {
    let exited = said("editor_exited");
    let crashed = in_state(State::Backoff, &[&exited]);
    let running = in_state(State::Running, &[]);
    let starting = in_state(State::Starting, &[]);
    assert_eq!(between(&running, &crashed), [News::Crash(Some(exited))]);
    assert_eq!(between(&crashed, &crashed), []);
    assert_eq!(between(&crashed, &starting), []);
    assert_eq!(between(&starting, &crashed), [], "it had not come back");
}

#[test]
fn a_crash_between_two_looks_shows_in_the_restarts() {
    let after = |restarts, pid| {
        snapshot(Status {
            state: State::Running,
            editor: EditorStatus {
                restarts,
                ..EditorStatus::default()
            },
            engine: EngineStatus {
                version: String::new(),
                pid: Some(pid),
            },
            ..Status::not_running()
        })
    };
    assert_eq!(between(&after(0, 1), &after(1, 1)), [News::Crash(None)]);
    assert_eq!(between(&after(1, 1), &after(1, 1)), []);
    assert_eq!(between(&after(0, 1), &after(2, 7)), [], "another engine's past");
}

#[test]
fn giving_up_is_told_and_a_start_that_fails_is_not() {
    let given_up = said("editor_gave_up");
    let failed = in_state(State::Failed, &[&given_up]);
    let gave_up = [News::GivenUp(Some(given_up.clone()))];
    assert_eq!(between(&in_state(State::Backoff, &[]), &failed), gave_up);
    assert_eq!(between(&in_state(State::Starting, &[]), &failed), gave_up);
    assert_eq!(between(&failed, &failed), []);
    let missing = in_state(State::Failed, &[&said("folder_missing")]);
    assert_eq!(
        between(&in_state(State::Starting, &[]), &missing),
        [],
        "whoever started it sees it"
    );
}

#[test]
fn a_certificate_is_told_when_it_becomes_more_pressing() {
    let with = |days_left, fingerprint: &str| {
        snapshot(Status {
            certificates: vec![CertificateStatus {
                host: "localhost".parse().expect("a host"),
                not_after: OffsetDateTime::UNIX_EPOCH,
                days_left,
                fingerprint: fingerprint.to_owned(),
            }],
            ..Status::not_running()
        })
    };
    let told = |before, now| between(&with(before, "AA"), &with(now, "AA")).len();
    assert_eq!(told(31, 30), 1);
    assert_eq!(told(30, 29), 0, "the same news a day later");
    assert_eq!(told(8, 7), 1);
    assert_eq!(told(0, -1), 1);
    assert_eq!(between(&with(5, "AA"), &with(90, "BB")), [], "a new one");
    let news = between(&Snapshot::first(), &with(12, "AA"));
    let host = "localhost".parse().expect("a host");
    assert_eq!(news, [News::Certificate { host, days_left: 12 }], "at the start");
}

#[test]
fn an_attack_is_told_when_it_begins() {
    let attack = said("sign_in_attack");
    let calm = in_state(State::Running, &[]);
    let attacked = in_state(State::Running, &[&attack]);
    assert_eq!(between(&calm, &attacked), [News::Attack(attack)]);
    let more = Problem::new("sign_in_attack", "even more", "doorcode logs --access");
    assert_eq!(between(&attacked, &in_state(State::Running, &[&more])), []);
}

#[test]
fn an_editor_that_runs_and_cannot_be_reached_is_told_once() {
    let with = |state, health, problems: &[&Problem]| {
        let mut now = in_state(state, problems);
        now.status.health.state = health;
        now
    };
    let (due, expired) = (said("certificate_due"), said("certificate_expired"));
    let calm = with(State::Running, HealthState::Warning, &[&due]);
    let broken = with(State::Running, HealthState::Broken, &[&due, &expired]);
    assert_eq!(
        between(&calm, &broken),
        [News::Unreachable(expired)],
        "what is new"
    );
    assert_eq!(between(&broken, &broken), []);
    assert_eq!(between(&broken, &calm), [], "mended");
    let crashed = said("editor_exited");
    let gone = with(State::Backoff, HealthState::Broken, &[&crashed]);
    let running = with(State::Running, HealthState::Healthy, &[]);
    assert_eq!(
        between(&running, &gone),
        [News::Crash(Some(crashed))],
        "the crash says it"
    );
}

#[test]
fn each_can_be_turned_off() {
    let all = Notifications::default();
    let host: HostName = "localhost".parse().expect("a host");
    let device = News::NewDevice {
        client: String::new(),
        user_agent: None,
        method: SignInMethod::Password,
        user: None,
    };
    let cases = [
        (
            News::Crash(None),
            Notifications {
                crash: false,
                ..all.clone()
            },
        ),
        (
            News::GivenUp(None),
            Notifications {
                given_up: false,
                ..all.clone()
            },
        ),
        (
            News::Unreachable(said("x")),
            Notifications {
                given_up: false,
                ..all.clone()
            },
        ),
        (
            News::Certificate { host, days_left: 1 },
            Notifications {
                certificate: false,
                ..all.clone()
            },
        ),
        (
            device,
            Notifications {
                new_device: false,
                ..all.clone()
            },
        ),
        (
            News::Attack(said("x")),
            Notifications {
                sign_in_attack: false,
                ..all.clone()
            },
        ),
    ];
    for (news, without) in cases {
        assert!(news.is_wanted(&all) && !news.is_wanted(&without), "{news:?}");
    }
}

fn session(id: &str, client: &str, method: SignInMethod) -> SessionView {
    SessionView {
        id: id.to_owned(),
        created: OffsetDateTime::UNIX_EPOCH,
        last_seen: OffsetDateTime::UNIX_EPOCH,
        expires: OffsetDateTime::UNIX_EPOCH,
        client: client.to_owned(),
        user_agent: None,
        method,
        tunnels: 0,
        user: None,
    }
}

#[test]
fn whoever_was_there_before_is_not_new() {
    let mut devices = Devices::default();
    let old = session("a", "10.0.0.1", SignInMethod::Password);
    devices.know(std::slice::from_ref(&old));
    assert_eq!(devices.new_among(std::slice::from_ref(&old)), []);
    let new = session("b", "10.0.0.2", SignInMethod::Password);
    assert_eq!(devices.new_among(&[old.clone(), new.clone()]).len(), 1);
    assert_eq!(devices.new_among(&[old, new]), [], "told already");
}

#[test]
fn our_own_link_in_this_machines_browser_is_not_news_once() {
    let here = |id: &str| session(id, "127.0.0.1", SignInMethod::Link);
    let mut devices = Devices::default();
    devices.expect_own();
    assert_eq!(devices.new_among(&[here("a")]), []);
    assert_eq!(
        devices.new_among(&[here("a"), here("b")]).len(),
        1,
        "nobody opened that one here"
    );

    devices.expect_own();
    let elsewhere = session("c", "10.0.0.1", SignInMethod::Link);
    let with_password = session("d", "::1", SignInMethod::Password);
    assert_eq!(devices.new_among(&[elsewhere, with_password]).len(), 2);
}

#[test]
fn sign_ins_are_looked_at_when_there_were_any_or_the_engine_is_another() {
    let seen = |pid, sessions_seen| {
        snapshot(Status {
            sessions_seen,
            engine: EngineStatus {
                version: String::new(),
                pid: Some(pid),
            },
            ..Status::not_running()
        })
    };
    assert_eq!(sign_ins(&seen(1, 2), &seen(1, 2)), (false, false));
    assert_eq!(sign_ins(&seen(1, 2), &seen(1, 3)), (false, true));
    assert_eq!(sign_ins(&seen(1, 2), &seen(9, 0)), (true, true));
    assert_eq!(sign_ins(&seen(1, 2), &Snapshot::first()), (false, false));
}
