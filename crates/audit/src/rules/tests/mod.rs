//! Each rule fires on what it is about, and is silent on what is nearly that.
//!
//! One table an area. A case begins with [`sound`] facts, in which no rule fires, and changes them.

mod doors;
mod files;
mod machine;
mod proxies;

use std::collections::BTreeSet;

use doorcode_settings::trusted_proxy::{AllowUsers, Preset, Proof, UserShape};
use doorcode_settings::{AuthMode, Settings, TrustedProxy};
use time::macros::datetime;

use super::RULES;
use crate::{Deep, Environment, EnvironmentOf, Facts, Severity, audit};

/// Facts changed so that a rule fires, and so that it just does not.
struct Case {
    id: &'static str,
    fires: fn(&mut Facts),
    silent: fn(&mut Facts),
    /// What the finding has to say.
    says: &'static str,
}

const TABLES: [&[Case]; 4] = [doors::CASES, files::CASES, machine::CASES, proxies::CASES];

fn cases() -> impl Iterator<Item = &'static Case> {
    TABLES.into_iter().flatten()
}

#[test]
fn nothing_is_found_where_all_is_well() {
    let found: Vec<_> = audit(&sound()).findings.iter().map(|one| one.check_id).collect();
    assert_eq!(found, [] as [&str; 0]);
    assert_eq!(audit(&sound()).exit_code(), 0);
}

#[test]
fn every_rule_fires_and_is_silent() {
    for case in cases() {
        let mut facts = sound();
        (case.fires)(&mut facts);
        let report = audit(&facts);
        let found = report.findings.iter().find(|one| one.check_id == case.id);
        let found = found.unwrap_or_else(|| panic!("{} did not fire: {:?}", case.id, report.findings));
        assert!(found.detail.contains(case.says), "{}: {}", case.id, found.detail);

        let mut facts = sound();
        (case.silent)(&mut facts);
        let found = audit(&facts).findings;
        assert!(
            found.iter().all(|one| one.check_id != case.id),
            "{} fired: {found:?}",
            case.id
        );
    }
}

#[test]
fn every_rule_has_a_case() {
    let tried: BTreeSet<&str> = cases().map(|case| case.id).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.id()).collect();
    assert_eq!(tried, rules);
    assert_eq!(rules.len(), RULES.len(), "no id is given twice");
}

#[test]
fn every_rule_explains_itself() {
    for rule in RULES {
        let told = rule.explanation;
        assert!(
            told.code.contains('.') && !told.title.is_empty() && !told.cause.is_empty(),
            "{told:?}"
        );
        assert!(
            rule.severity == Severity::Info || !told.remedy.is_empty(),
            "{} is to be acted upon, and does not say how",
            told.code
        );
    }
}

#[test]
fn the_exit_status_is_that_of_the_worst_finding() {
    let mut facts = sound();
    facts.deep = Deep::NoEngine;
    assert_eq!(audit(&facts).exit_code(), 0, "an info");
    facts.environment.names.push("NODE_OPTIONS".to_owned());
    assert_eq!(audit(&facts).exit_code(), 1, "a warning");
    let settings = facts.settings.as_mut().expect("valid");
    settings.auth.mode = AuthMode::None;
    settings.gateway.listen = vec!["0.0.0.0:8443".parse().expect("an address")];
    let report = audit(&facts);
    assert_eq!(report.exit_code(), 2, "something critical");
    let severities: Vec<Severity> = report.findings.iter().map(|one| one.severity).collect();
    assert!(
        severities.is_sorted_by(|one, next| one >= next),
        "the worst come first: {severities:?}"
    );
}

#[test]
fn the_json_has_its_shape() {
    let mut facts = sound();
    facts.environment.names.push("NODE_OPTIONS".to_owned());
    let json = serde_json::to_value(audit(&facts)).expect("JSON");
    assert_eq!(
        json,
        serde_json::json!({
            "ts": "2026-11-21T12:00:00Z",
            "summary": {"critical": 0, "warn": 1, "info": 0},
            "findings": [{
                "checkId": "environment.node_options",
                "severity": "warn",
                "title": "A variable changes every Node",
                "detail": "NODE_OPTIONS is set in the engine's environment (process 4711)",
                "remediation": json["findings"][0]["remediation"],
                "fixable": false,
            }],
        })
    );
    assert!(
        json["findings"][0]["remediation"]
            .as_str()
            .is_some_and(|text| text.contains("environment.d"))
    );
}

/// Facts in which all is well.
fn sound() -> Facts {
    Facts {
        now: datetime!(2026-11-21 12:00 UTC),
        us: (1000, 1000),
        settings: Ok(Settings::default()),
        engine: None,
        own_addresses: Vec::new(),
        places: Vec::new(),
        listen_sockets: Vec::new(),
        proxy_secret: None,
        keys: None,
        password_hash: None,
        certificates: Vec::new(),
        trust_leftovers: Vec::new(),
        code_server: None,
        sessions: Vec::new(),
        environment: Environment {
            of: EnvironmentOf::Engine(4711),
            names: vec!["PATH".to_owned(), "HOME".to_owned()],
        },
        deep: Deep::NotAsked,
    }
}

fn settings(facts: &mut Facts) -> &mut Settings {
    facts.settings.as_mut().expect("sound facts have valid settings")
}

fn listen(facts: &mut Facts, addresses: &[&str]) {
    settings(facts).gateway.listen = { addresses.iter() }
        .map(|address| address.parse().expect("an address"))
        .collect();
}

/// Switches trusted-proxy on, with everything as it should be, and hands it out to be made worse.
fn proxy(facts: &mut Facts) -> &mut TrustedProxy {
    let auth = &mut settings(facts).auth;
    auth.mode = AuthMode::TrustedProxy;
    auth.trusted_proxy.insert(TrustedProxy {
        preset: Preset::Caddy,
        public_url: "https://code.example.com".parse().expect("an address"),
        proxies: vec!["127.0.0.1/32".parse().expect("a range")],
        user_header: Some("x-forwarded-user".to_owned()),
        required_headers: Vec::new(),
        refused_headers: &[],
        allow_users: AllowUsers::These(vec!["you@example.com".to_owned()]),
        user_shape: UserShape::Login,
        proof: Proof::Header {
            header: "x-doorcode-proof".to_owned(),
            secret_file: "/secret".into(),
        },
        websocket_hours: 12,
    })
}
