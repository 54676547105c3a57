//! The Node that runs a code-server which comes as JavaScript.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::probe::{Question, ask};
use crate::rejected::Reason;

/// The major versions of Node that are acceptable: the first number of each alternative of `engines.node`.
/// Empty: any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Majors(Vec<u32>);

impl Majors {
    /// Reads `engines.node`: `24`, `^24.1.0`, `>=22 <23`, `22 || 24`. code-server names the one major version
    /// its native modules are built for.
    pub(crate) fn parse(range: &str) -> Majors {
        let first_number = |alternative: &str| {
            let digits = alternative.trim_start_matches(|c: char| !c.is_ascii_digit());
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits[..end].parse().ok()
        };
        Majors(range.split("||").filter_map(first_number).collect())
    }

    pub(crate) fn accept(&self, major: u32) -> bool {
        self.0.is_empty() || self.0.contains(&major)
    }

    /// The newest of them.
    pub(crate) fn newest(&self) -> Option<u32> {
        self.0.iter().copied().max()
    }
}

impl fmt::Display for Majors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(
            if numbers.is_empty() {
                "(any version)".to_owned()
            } else {
                numbers.join(" or ")
            }
            .as_str(),
        )
    }
}

/// The Node that the code-server in `root` asks for in its package.json.
///
/// # Errors
/// [`Reason::NotCodeServer`] when `root` is not a code-server's folder.
pub(crate) fn required(root: &Path) -> Result<Majors, Reason> {
    #[derive(Deserialize)]
    struct Manifest {
        name: String,
        #[serde(default)]
        engines: Engines,
    }
    #[derive(Deserialize, Default)]
    struct Engines {
        node: Option<String>,
    }
    let file = root.join("package.json");
    let refuse = |why: String| Reason::NotCodeServer(format!("{}: {why}", file.display()));
    let text = std::fs::read(&file).map_err(|error| refuse(error.to_string()))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| refuse(error.to_string()))?;
    if manifest.name != "code-server" {
        return Err(refuse(format!("the package is {:?}", manifest.name)));
    }
    Ok(Majors::parse(
        manifest.engines.node.as_deref().unwrap_or_default(),
    ))
}

/// The first of these Nodes whose major version is acceptable.
pub(crate) fn choose(candidates: &[PathBuf], needed: &Majors) -> Result<PathBuf, Reason> {
    let mut found = Vec::new();
    for node in candidates {
        match major(node) {
            Ok(major) if needed.accept(major) => return Ok(node.clone()),
            Ok(major) => found.push(format!("{major} ({})", node.display())),
            Err(why) => found.push(format!("{} ({why})", node.display())),
        }
    }
    let needed = needed.to_string();
    if found.is_empty() {
        return Err(Reason::NodeMissing { needed });
    }
    Err(Reason::NodeWrongVersion {
        needed,
        found: found.join(", "),
    })
}

/// The major version of this Node, by asking it.
pub(crate) fn major(node: &Path) -> Result<u32, String> {
    let answer = ask(&Question::new(node, ["--version"]), || false).map_err(|why| why.to_string())?;
    let number = answer
        .stdout
        .trim()
        .strip_prefix('v')
        .and_then(|version| version.split('.').next());
    number
        .and_then(|major| major.parse().ok())
        .ok_or_else(|| "it prints no version".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_usual_form() {
        for (range, majors) in [
            ("24", vec![24]),
            ("^24.1.0", vec![24]),
            (">=22 <23", vec![22]),
            ("22.x || 24.x", vec![22, 24]),
            ("*", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(Majors::parse(range), Majors(majors), "{range}");
        }
    }
}
