//! What a check's page reports.

use serde::{Deserialize, Serialize};

/// What is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum TestId {
    /// The browser takes the page for secure, which it also does after somebody clicked past its warning.
    SecureContext,
    /// The browser trusts the certificate, which is more than having been told to accept it at one address. Chromium and
    /// Safari show it by the two tests that follow. Firefox after a click-through differs in nothing but at another name of
    /// the same host, where it refuses the certificate; where there is no other name, it does not tell.
    Certificate,
    /// A service worker starts and answers. Chromium refuses one after a click-through. The editor's previews and notebooks
    /// need them.
    ServiceWorker,
    /// A WebSocket opens and echoes. The editor is nothing without one; Safari refuses it after a click-through.
    Websocket,
    /// The page may use the clipboard.
    Clipboard,
}

const ALL: [TestId; 5] = [
    TestId::SecureContext,
    TestId::Certificate,
    TestId::ServiceWorker,
    TestId::Websocket,
    TestId::Clipboard,
];

/// How a test went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should.
    Passed,
    /// The browser does not offer at all what is tested.
    Missing,
    /// The browser offers it and refused it here.
    Refused,
}

/// A test and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Which test.
    pub id: TestId,
    /// How it went.
    pub outcome: Outcome,
    /// What the browser said when it refused; empty otherwise. One line.
    #[serde(default)]
    pub detail: String,
}

impl Test {
    /// Whether it went as it should, or at least not otherwise: that a browser does not tell is not held against it.
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed || self.id == TestId::Certificate && self.outcome == Outcome::Missing
    }
}

/// A report: the page's token, and every test once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    page: String,
    tests: Vec<Test>,
}

/// As much of a browser's explanation as is kept.
const DETAIL_CHARS: usize = 400;

impl Report {
    /// `None` when it is not one of our page's.
    pub(crate) fn parse(json: &[u8]) -> Option<Report> {
        let mut report: Report = serde_json::from_slice(json).ok()?;
        report.tests.sort_by_key(|test| test.id);
        if !report.tests.iter().map(|test| test.id).eq(ALL) {
            return None;
        }
        for test in &mut report.tests {
            test.detail = harmless(&test.detail);
        }
        Some(report)
    }

    pub(crate) fn page(&self) -> &str {
        &self.page
    }

    pub(crate) fn into_tests(self) -> Vec<Test> {
        self.tests
    }
}

/// Text that a terminal or a page can show: one line, without controls, and without marks that turn the text around.
fn harmless(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|&c| !c.is_control() && !turns(c))
        .take(DETAIL_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(tests: &str) -> Option<Report> {
        Report::parse(format!("{{\"page\":\"p\",\"tests\":[{tests}]}}").as_bytes())
    }

    const GOOD: &str = r#"{"id":"certificate","outcome":"missing"},{"id":"clipboard","outcome":"passed"},{"id":"websocket","outcome":"passed"},
        {"id":"service-worker","outcome":"refused","detail":"a\u001b[31m\u202e\u009bb\n"},{"id":"secure-context","outcome":"passed"}"#;

    #[test]
    fn every_test_once_in_order_and_fit_to_be_shown() {
        let tests = report(GOOD).expect("a report").into_tests();
        assert_eq!(tests.iter().map(|test| test.id).collect::<Vec<_>>(), ALL);
        assert_eq!((&*tests[2].detail, tests[2].passed()), ("a[31mb", false));
        assert!(tests[1].passed(), "what a browser does not tell is no failure");
    }

    #[test]
    fn a_report_that_leaves_out_repeats_or_adds_is_none() {
        let first = GOOD.split_once("},").map_or("", |(first, _)| first).to_owned() + "}";
        for bad in [
            String::new(),
            first.clone(),
            format!("{GOOD},{first}"),
            GOOD.replace("clipboard", "websocket"),
            GOOD.replace("clipboard", "invented"),
            GOOD.replace("\"detail\"", "\"more\""),
        ] {
            assert!(report(&bad).is_none(), "{bad}");
        }
        assert!(Report::parse(b"not json").is_none());
    }

    #[test]
    fn a_long_explanation_is_cut() {
        let long = GOOD.replace('b', &"é".repeat(900));
        assert!(report(&long).is_none(), "ids with it are none");
        let long = GOOD.replace("009bb", &format!("009b{}", "é".repeat(900)));
        let tests = report(&long).expect("a report").into_tests();
        assert_eq!(tests[2].detail.chars().count(), DETAIL_CHARS);
    }
}
