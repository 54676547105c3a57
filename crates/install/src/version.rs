//! A version of code-server.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Three numbers, compared in their order. Serialised as text, `"4.139.1"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    /// Takes exactly three numbers with dots between them, such as `4.139.1`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let malformed = || VersionError {
            text: text.to_owned(),
        };
        let mut numbers = text.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .then(|| part.parse::<u32>().ok())
                .flatten()
                .ok_or_else(malformed)
        });
        let mut next = || numbers.next().unwrap_or_else(|| Err(malformed()));
        let version = Version {
            major: next()?,
            minor: next()?,
            patch: next()?,
        };
        match numbers.next() {
            None => Ok(version),
            Some(_) => Err(malformed()),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

/// A text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is not a version: three numbers with dots between them are, such as 4.139.1")]
pub struct VersionError {
    text: String,
}

/// The version that `code-server --version` printed: the first word of a line (`4.139.1 <commit> with Code
/// 1.139.1`), after any lines of its log. What follows the three numbers (`-rc.1`) does not count.
pub(crate) fn printed(output: &str) -> Option<Version> {
    output.lines().find_map(|line| {
        let word = line.split_whitespace().next()?;
        word.split(['-', '+']).next()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number_not_by_text() {
        let parse = |text: &str| text.parse::<Version>().expect("three numbers");
        assert!(parse("4.99.4") < parse("4.113.0"));
        assert!(parse("4.113.0") < parse("4.139.1"));
        assert_eq!(parse("4.139.1").to_string(), "4.139.1");
    }

    #[test]
    fn what_is_not_three_numbers_is_refused() {
        for text in [
            "",
            "4",
            "4.1",
            "4.1.",
            "4.1.2.3",
            "v4.1.2",
            "4.1.-2",
            "4.1.+2",
            "4. 1.2",
            "4.1.99999999999",
            "latest",
        ] {
            let error = text.parse::<Version>().expect_err(text);
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn the_version_is_found_after_lines_of_the_log() {
        let output = "[2026-11-20T20:49:45.839Z] info  Wrote default config file to /home/x/config.yaml\n\
                      4.139.1 53c2f3253bcf32886706fc023e794bbeb253c90f with Code 1.139.1\n";
        assert_eq!(
            printed(output),
            Some(Version {
                major: 4,
                minor: 139,
                patch: 1
            })
        );
        assert_eq!(
            printed("4.140.0-rc.2 abc with Code 1.140.0"),
            Some(Version {
                major: 4,
                minor: 140,
                patch: 0
            })
        );
        assert_eq!(printed("usage: something else\n1.2\n"), None);
    }
}
