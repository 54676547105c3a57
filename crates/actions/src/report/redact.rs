//! Taking out of a text what is nobody else's business: secrets, and who and where a person is.
//!
//! It errs on the side of taking out too much: a report with a gap is still a report.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use doorcode_logs::plain;
use regex_lite::{Captures, Regex};

use super::opaque::without_keys;
use super::rules::{RULES, Rule};

/// Takes out what does not leave the machine; addresses keep their numbers from one text to the next.
pub(super) struct Redactor {
    rules: Vec<(Regex, &'static str)>,
    opaque: Regex,
    home: Option<String>,
    names: Vec<(String, &'static str)>,
    addresses: HashMap<IpAddr, usize>,
}

/// Who and where.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) home: Option<String>,
    pub(super) user: Option<String>,
    pub(super) machine: Option<String>,
}

impl Redactor {
    pub(super) fn new(person: Person) -> Redactor {
        let compiled = |rule: &Rule| {
            let regex = Regex::new(rule.pattern).expect("the patterns above are well-formed");
            (regex, rule.instead)
        };
        // A home folder of a letter or two (`/`) is none, and these names are words of the logs themselves.
        let telling = |name: &String| name.len() > 2 && !["root", "localhost"].contains(&name.as_str());
        let names = [
            (person.user.filter(telling), "<user>"),
            (person.machine.filter(telling), "<machine>"),
        ];
        Redactor {
            rules: RULES.iter().map(compiled).collect(),
            opaque: Regex::new(r"[A-Za-z0-9+/=_-]{20,}").expect("it is well-formed"),
            home: person.home.filter(|home| home.len() > 2),
            names: names
                .into_iter()
                .filter_map(|(name, instead)| Some((name?, instead)))
                .collect(),
            addresses: HashMap::new(),
        }
    }

    /// One line of text.
    pub(super) fn line(&mut self, line: &str) -> String {
        let mut text = plain(line);
        if let Some(home) = &self.home {
            text = replace_word(&text, home, "~");
        }
        for (regex, instead) in &self.rules {
            text = regex.replace_all(&text, *instead).into_owned();
        }
        text = self
            .opaque
            .replace_all(&text, |found: &Captures<'_>| without_keys(&found[0]))
            .into_owned();
        for (name, instead) in &self.names {
            text = replace_word(&text, name, instead);
        }
        self.without_addresses(&text)
    }

    /// Each text in a value, however deep.
    pub(super) fn json(&mut self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.line(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| self.json(field)),
            _ => {}
        }
    }

    fn without_addresses(&mut self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-' | '~');
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            result.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            self.push_without_address(&mut result, word);
            rest = after;
        }
        result.push_str(rest);
        result
    }

    fn push_without_address(&mut self, result: &mut String, word: &str) {
        let bare = word.trim_end_matches(['.', ':']);
        let address = bare
            .parse::<IpAddr>()
            .or_else(|_| bare.parse::<SocketAddr>().map(|address| address.ip()));
        match address.map(|address| address.to_canonical()) {
            Ok(address) if !address.is_loopback() && !address.is_unspecified() => {
                let next = self.addresses.len() + 1;
                let number = *self.addresses.entry(address).or_insert(next);
                result.push_str(&format!("<address {number}>{}", &word[bare.len()..]));
            }
            _ => result.push_str(word),
        }
    }
}

/// `text` with `word` replaced wherever it is not a part of a longer word.
fn replace_word(text: &str, word: &str, instead: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        let stands_alone = !before
            .chars()
            .next_back()
            .or(result.chars().next_back())
            .is_some_and(is_part)
            && !after.chars().next().is_some_and(is_part);
        result.push_str(before);
        result.push_str(if stands_alone { instead } else { word });
        rest = after;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(Person {
            home: Some("/home/alice".into()),
            user: Some("alice".into()),
            machine: Some("alices-laptop".into()),
        })
    }

    /// What must not be there, with the line it stands in and what is left of that.
    const LINES: &[(&str, &str, &str)] = &[
        (
            "s3cret",
            "Cookie: __Host-doorcode=s3cret; other=s3cret",
            "Cookie: <removed>",
        ),
        (
            "s3cret",
            r#"{"set-cookie":"a=s3cret","b":1}"#,
            r#"{"set-cookie": <removed>"#,
        ),
        (
            "s3cret",
            "authorization: Basic s3cret",
            "authorization: <removed>",
        ),
        (
            "s3cret",
            "sent Bearer s3cret.s3cret to it",
            "sent Bearer <removed> to it",
        ),
        (
            "s3cret",
            "https://me:s3cret@h.example/x",
            "https://<removed>@h.example/x",
        ),
        (
            "s3cret",
            "GET /.doorcode/enter?code=s3cret&to=/ done",
            "GET /.doorcode/enter?<removed> done",
        ),
        (
            "s3cret",
            "https://h.example/#access=s3cret",
            "https://h.example/#<removed>",
        ),
        (
            "s3cret",
            "/proxy/3000/reset/s3cret and /absproxy/80/s3cret",
            "/proxy/3000/<removed> and /absproxy/80/<removed>",
        ),
        ("s3cret", "DB_PASSWORD=s3cret x", "DB_PASSWORD=<removed> x"),
        (
            "s3cret",
            r#"{"githubToken": "a s3cret b", "x": 1}"#,
            r#"{"githubToken": <removed>, "x": 1}"#,
        ),
        ("s3cret", "secret: 's3cret s3cret'.", "secret: <removed>."),
        (
            "s3cret",
            "run --api-key s3cret --x",
            "run --api-key <removed> --x",
        ),
        (
            "k3v9",
            "the password is k3v9-0abc-defg-hjkm-npqr-stvw now",
            "the password is <removed> now",
        ),
        ("alice@", "mail alice@example.com today", "mail <e-mail> today"),
        ("3f9a", "/x/3f9a8b7c6d5e4f3a2b1c0d9e/y", "/x/<removed>/y"),
        (
            "hZ3k",
            "code hZ3k_q9-LmN0pQ2rStU4vW6xY8zA1bC3dE5fG7hI9jK",
            "code <removed>",
        ),
        (
            "MIIB",
            "MIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8/AgEAAkEAq7BFUpkGp3+LQmlQ",
            "<removed>",
        ),
        (
            "alice",
            "/home/alice/work and alice on alices-laptop",
            "~/work and <user> on <machine>",
        ),
        (
            "203.0",
            "from 203.0.113.9:4711, [2001:db8::7]:80.",
            "from <address 1>, [<address 2>]:80.",
        ),
    ];

    #[test]
    fn what_is_secret_or_personal_is_taken_out_and_the_rest_stays() {
        for (planted, line, left) in LINES {
            let result = redactor().line(line);
            assert!(!result.contains(planted), "{result}");
            assert_eq!(result, *left);
        }
    }

    #[test]
    fn every_rule_has_a_line_above() {
        for rule in RULES {
            let regex = Regex::new(rule.pattern).expect("well-formed");
            assert!(
                LINES.iter().any(|(_, line, _)| regex.is_match(line)),
                "{}",
                rule.what
            );
        }
    }

    #[test]
    fn what_a_helper_needs_stays() {
        for line in [
            "2026-11-21T11:44:51.421728Z  INFO doorcode_engine::engine: the engine runs version=\"0.1.0\"",
            "[11:45:13] [127.0.0.1][ManagementConnection] New connection established.",
            "HTTP server listening on /run/user/1000/doorcode/editor/editor.sock",
            "[reconnection-grace-time] Parsed CLI argument: 10800s -> 10800000ms",
            "listening on 127.0.0.1:8443 [::1]:8443 0.0.0.0:443",
            "gateway.hosts = [\"my.dev.local\"]",
            "wrong_password is the code, auth.mode = \"password\"",
            "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99",
            "alicesomething is somebody else",
        ] {
            assert_eq!(redactor().line(line), line);
        }
    }

    #[test]
    fn an_address_has_one_number_in_all_texts() {
        let mut redactor = redactor();
        assert_eq!(redactor.line("10.0.0.1 10.0.0.2"), "<address 1> <address 2>");
        assert_eq!(redactor.line("::ffff:10.0.0.2"), "<address 2>");
    }

    #[test]
    fn words_of_the_logs_are_no_names() {
        let mut redactor = Redactor::new(Person {
            home: Some("/".into()),
            user: Some("root".into()),
            machine: Some("localhost".into()),
        });
        let line = "the root of localhost is at /a/b";
        assert_eq!(redactor.line(line), line);
    }
}
