//! What is taken out of a report: the rules, and the promise they keep.

/// One thing that is taken out.
pub(super) struct Rule {
    /// What, for the person who reads the report before sending it.
    pub(super) what: &'static str,
    pub(super) pattern: &'static str,
    /// What stands there instead; `$1` is what the pattern keeps.
    pub(super) instead: &'static str,
}

/// In the order in which they are applied: a rule sees what those before it have left.
pub(super) const RULES: &[Rule] = &[
    Rule {
        what: "the values of headers that sign in (Cookie, Set-Cookie, Authorization)",
        pattern: r#"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=]).*"#,
        instead: "$1$2 <removed>",
    },
    Rule {
        what: "credentials of the Bearer and Basic kind",
        pattern: r#"(?i)\b(bearer|basic)\s+"?[^\s"]+"#,
        instead: "$1 <removed>",
    },
    Rule {
        what: "names and passwords in addresses",
        // Up to the last @: a password may have slashes and an @ in it.
        pattern: r"(?i)(//|%2F%2F)\S*(?:@|%40)",
        instead: "$1<removed>@",
    },
    Rule {
        what: "the queries of addresses",
        pattern: r#"\?[^\s"<>?]*=[^\s"<>]*"#,
        instead: "?<removed>",
    },
    Rule {
        what: "the fragments of addresses that hold values",
        pattern: r##"#[^\s"<>#]*=[^\s"<>]*"##,
        instead: "#<removed>",
    },
    Rule {
        what: "whatever is asked of a port behind /proxy",
        pattern: r#"(/(?:abs)?proxy/\d+)/[^\s"]*"#,
        instead: "$1/<removed>",
    },
    Rule {
        what: "passwords that Doorcode has generated",
        pattern: r"\b[0-9a-hj-km-np-tv-z]{4}(?:-[0-9a-hj-km-np-tv-z]{4}){5}\b",
        instead: "<removed>",
    },
    Rule {
        what: "e-mail addresses",
        pattern: r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        instead: "<e-mail>",
    },
    Rule {
        what: "the names of people in the addresses of their home folders (/home/NAME, /Users/NAME)",
        pattern: r#"(?i)((?:^|[^\w])(?:(?:/|%2F)var)?(?:/|%2F)(?:home|Users)(?:/|%2F))(?:[^/%\s"'<>:,;)\]}]|%[013-9A-F][0-9A-F]|%2[0-9A-E])+"#,
        instead: "$1<user>",
    },
    Rule {
        what: "the values of fields called user, login, identity, e-mail and the like",
        // What stands for a person already begins with a `<`.
        pattern: r#"(?i)\b((?:user(?:[_-]?(?:name|id))?|login|identity|e-?mail)["']?\s*[:=]\s*)(?:"(?:[^"\\<]|\\.)(?:[^"\\]|\\.)*"|[^\s,;"'<}\])][^\s,;"'}\])]*)"#,
        instead: "$1<person>",
    },
];

/// What else is taken out, by code.
const OTHERS: &[&str] = &[
    "the values of options, variables, fields and words that are called a password, secret, token, key, session or the like",
    "what follows -p, and the password in -u NAME:PASSWORD",
    "anything that looks like a key: long runs of letters and digits",
    "the home folder (written as ~), the user's name and the machine's",
    "the names of the people that a proxy in front vouches for (numbered: the same number is the same person)",
    "IP addresses other than this machine's own (numbered: the same number is the same address)",
    "escape sequences and control characters",
];

/// What is taken out, a sentence each.
pub(super) fn promises() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.what).chain(OTHERS.iter().copied())
}
