//! Who else is in a report: the people that a proxy in front vouches for.

use std::collections::BTreeSet;

use doorcode_gateway::SessionView;
use serde_json::Value as Json;

/// Their names, wherever they are written: in the settings, in the sessions, in the access log's lines.
pub(super) fn named(allow_users: &Json, sessions: &[SessionView], access_log: &[String]) -> BTreeSet<String> {
    let allowed = allow_users.as_array().into_iter().flatten();
    let allowed = allowed.filter_map(|user| user.as_str().map(str::to_owned));
    let signed_in = sessions.iter().filter_map(|session| session.user.clone());
    let logged = access_log.iter().filter_map(|line| {
        let line: Json = serde_json::from_str(line).ok()?;
        Some(line.get("user")?.as_str()?.to_owned())
    });
    allowed
        .chain(signed_in)
        .chain(logged)
        .filter(|name| name != EVERYONE)
        .flat_map(|name| [name.to_lowercase(), name])
        .collect()
}

/// What stands in `allow_users` for everybody.
const EVERYONE: &str = "*";

/// How many people the settings let in, without their names.
pub(super) fn counted(allow_users: &Json) -> Json {
    match allow_users.as_array() {
        Some(users) if users.iter().any(|user| user == EVERYONE) => serde_json::json!([EVERYONE]),
        Some(users) => serde_json::json!([format!("<{} people>", users.len())]),
        None => serde_json::json!("<removed>"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_found_wherever_they_are_written_in_either_case() {
        let log = [
            r#"{"ts":"x","user":"Bob","path":"/"}"#.to_owned(),
            r#"{"ts":"x","path":"/"}"#.to_owned(),
            "not JSON".to_owned(),
        ];
        let names = named(&json!(["carol@example.com", "*"]), &[], &log);
        assert_eq!(Vec::from_iter(names), ["Bob", "bob", "carol@example.com"]);
    }

    #[test]
    fn the_settings_tell_how_many_and_not_who() {
        assert_eq!(counted(&json!(["carol", "dave"])), json!(["<2 people>"]));
        assert_eq!(counted(&json!(["*"])), json!(["*"]));
        assert_eq!(counted(&json!("carol")), json!("<removed>"));
    }
}
