//! Taking out of a text what is nobody else's business: secrets, and who and where a person is.
//!
//! It errs on the side of taking out too much: a report with a gap is still a report.

use std::collections::BTreeSet;

use doorcode_logs::plain;
use regex_lite::{Captures, Regex};

use super::addresses::Addresses;
use super::named::Named;
use super::opaque::without_keys;
use super::rules::{RULES, Rule};
use super::words::{replace_word, written};

/// Takes out what does not leave the machine; addresses keep their numbers from one text to the next.
pub(super) struct Redactor {
    rules: Vec<(Regex, &'static str)>,
    named: Named,
    opaque: Regex,
    homes: Vec<String>,
    /// Other people's names, with what stands for each; the longest first, since one may be a part of another.
    people: Vec<(String, String)>,
    names: Vec<(String, &'static str)>,
    addresses: Addresses,
}

/// Who and where.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) home: Option<String>,
    pub(super) user: Option<String>,
    pub(super) machine: Option<String>,
}

impl Redactor {
    /// `person` runs this, `people` come through a proxy.
    pub(super) fn new(person: Person, people: BTreeSet<String>) -> Redactor {
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
            named: Named::new(),
            opaque: Regex::new(r"[A-Za-z0-9+/=_-]{20,}").expect("it is well-formed"),
            homes: person
                .home
                .filter(|home| home.len() > 2)
                .map_or_else(Vec::new, |home| written(&home)),
            names: names
                .into_iter()
                .filter_map(|(name, instead)| Some((name?, instead)))
                .flat_map(|(name, instead)| written(&name).into_iter().map(move |name| (name, instead)))
                .collect(),
            people: numbered(people.into_iter().filter(telling)),
            addresses: Addresses::default(),
        }
    }

    /// One line of text.
    pub(super) fn line(&mut self, line: &str) -> String {
        let mut text = plain(line);
        for home in &self.homes {
            text = replace_word(&text, home, "~");
        }
        for (name, instead) in &self.people {
            text = replace_word(&text, name, instead);
        }
        for (regex, instead) in &self.rules {
            text = regex.replace_all(&text, *instead).into_owned();
        }
        text = self.named.taken_out(&text);
        text = self
            .opaque
            .replace_all(&text, |found: &Captures<'_>| without_keys(&found[0]))
            .into_owned();
        for (name, instead) in &self.names {
            text = replace_word(&text, name, instead);
        }
        self.addresses.taken_out(&text)
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
}

/// Every form of every name, with `<person 1>` and so on; a name in two cases is one person.
fn numbered(people: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let mut persons: Vec<String> = Vec::new();
    let mut forms = Vec::new();
    for name in people {
        let lower = name.to_lowercase();
        let known = persons.iter().position(|person| *person == lower);
        let number = known.unwrap_or_else(|| {
            persons.push(lower);
            persons.len() - 1
        });
        let instead = format!("<person {}>", number + 1);
        forms.extend(written(&name).into_iter().map(|form| (form, instead.clone())));
    }
    forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
    forms
}

#[cfg(test)]
mod tests;
