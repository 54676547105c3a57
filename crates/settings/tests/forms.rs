//! What a form has to know of each key agrees with what the parser takes.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::Path;

use doorcode_settings::{KEYS, Kind, Settings};
use toml_edit::Value;

fn takes(name: &str, value: &Value) -> bool {
    let (table, key) = name.rsplit_once('.').unwrap();
    // A pair in place, so that the one key tried is the only thing that can be wrong.
    let pair = match name {
        "tls.cert" => "key = \"/k\"\nmode = \"custom\"\n",
        "tls.key" => "cert = \"/c\"\nmode = \"custom\"\n",
        "tls.mode" => "cert = \"/c\"\nkey = \"/k\"\n",
        _ => "",
    };
    // Likewise a proxy, for the choices that belong to one.
    const PROXY: &str = "[auth.trusted_proxy]\npreset = \"pomerium\"\npublic_url = \"https://code.example.com\"\nproxies = [\"10.0.0.1\"]\n\
                         allow_users = [\"*\"]\n";
    let around = match (name, value.as_str()) {
        ("tls.mode", Some("off")) => format!("[auth]\nmode = \"trusted-proxy\"\n{PROXY}"),
        ("auth.mode", _) => PROXY.to_owned(),
        _ => String::new(),
    };
    let text = format!("[{table}]\n{pair}{key} = {value}\n{around}");
    Settings::parse(&text, Path::new("/form.toml")).is_ok()
}

#[test]
fn every_choice_offered_is_taken_and_nothing_else() {
    let mut choices_seen = 0;
    for key in KEYS {
        let Kind::Choice(choices) = key.kind else { continue };
        for choice in choices {
            assert!(takes(key.name, &Value::from(*choice)), "{} = {choice}", key.name);
            assert!(key.allowed.contains(choice), "{} names {choice}", key.name);
            choices_seen += 1;
        }
        assert!(!takes(key.name, &Value::from("something else")), "{}", key.name);
    }
    assert!(choices_seen >= 6);
}

#[test]
fn every_default_is_of_the_kind_that_the_form_offers() {
    let defaults = Settings::default();
    for key in KEYS {
        assert!(!key.label.is_empty());
        let Some(value) = key.value(&defaults) else {
            let from_preset = key.table().starts_with("auth.trusted_proxy");
            assert!(
                key.kind == Kind::Path || from_preset,
                "{} has no default",
                key.name
            );
            continue;
        };
        let fits = match key.kind {
            Kind::Text | Kind::Path | Kind::Choice(_) => value.is_str(),
            Kind::Number => value.is_integer(),
            Kind::Boolean => value.is_bool(),
            Kind::List => value.is_array(),
            Kind::WordOrTable(_) => value.is_str() || value.is_inline_table(),
        };
        assert!(fits, "{} = {value}", key.name);
        assert!(takes(key.name, &value), "{} = {value}", key.name);
    }
}
