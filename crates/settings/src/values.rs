//! From TOML values to the types that settings are made of, and back.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml_edit::Value;

use crate::home::home;
use crate::{HostName, ListenAddress};

/// A value, or a part of one, that its key does not take.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// The part to blame in the file.
    pub(crate) span: Option<Range<usize>>,
    /// What to call it where the part itself may hold a secret; otherwise the part is quoted.
    pub(crate) name: Option<String>,
    /// What is wrong with it, where that is more than its kind.
    pub(crate) reason: Option<String>,
}

impl Wrong {
    pub(crate) fn because(value: &Value, reason: impl Into<String>) -> Wrong {
        Wrong {
            span: value.span(),
            name: None,
            reason: Some(reason.into()),
        }
    }

    /// The same, with the part called by `name` instead of being quoted, unless it has a name already.
    pub(crate) fn called(self, name: String) -> Wrong {
        Wrong {
            name: self.name.or(Some(name)),
            ..self
        }
    }

    fn kind(value: &Value) -> Wrong {
        Wrong {
            span: value.span(),
            name: None,
            reason: None,
        }
    }
}

pub(crate) fn text(value: &Value) -> Result<&str, Wrong> {
    let text = value.as_str().ok_or_else(|| Wrong::kind(value))?;
    if text.contains('\0') {
        return Err(Wrong::because(value, "it has a zero character in it"));
    }
    Ok(text)
}

pub(crate) fn yes_no(value: &Value) -> Result<bool, Wrong> {
    value.as_bool().ok_or_else(|| Wrong::kind(value))
}

pub(crate) fn one_of<T: Copy>(value: &Value, names: &[(&str, T)]) -> Result<T, Wrong> {
    let text = text(value)?;
    let found = names.iter().find(|(name, _)| *name == text);
    found
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| Wrong::kind(value))
}

/// A whole number in `range`; what the range allows fits into `T`.
pub(crate) fn number<T: TryFrom<i64>>(value: &Value, range: RangeInclusive<i64>) -> Result<T, Wrong> {
    let number = value.as_integer().filter(|number| range.contains(number));
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| Wrong::kind(value))
}

pub(crate) fn list<T>(value: &Value, item: impl Fn(&Value) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
    value
        .as_array()
        .ok_or_else(|| Wrong::kind(value))?
        .iter()
        .map(item)
        .collect()
}

/// A list in which nothing stands twice.
pub(crate) fn distinct<T: PartialEq>(
    value: &Value,
    item: impl Fn(&Value) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let mut found = Vec::new();
    for part in value.as_array().ok_or_else(|| Wrong::kind(value))? {
        let parsed = item(part)?;
        if found.contains(&parsed) {
            return Err(Wrong::because(part, "it is in the list twice"));
        }
        found.push(parsed);
    }
    Ok(found)
}

/// A list of at least one, in which nothing stands twice.
pub(crate) fn set_of<T: PartialEq>(
    value: &Value,
    item: impl Fn(&Value) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let found = distinct(value, item)?;
    if found.is_empty() {
        Err(Wrong::because(value, "the list is empty"))
    } else {
        Ok(found)
    }
}

/// An absolute path; `~` is this user's home directory.
pub(crate) fn path(value: &Value) -> Result<PathBuf, Wrong> {
    let text = text(value)?;
    let path = match text.strip_prefix('~') {
        None => PathBuf::from(text),
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            let home = home().ok_or_else(|| Wrong::because(value, "this user has no home directory"))?;
            home.join(rest.trim_start_matches('/'))
        }
        Some(_) => {
            return Err(Wrong::because(
                value,
                "only ~ itself is known, not other people's homes",
            ));
        }
    };
    if path.is_relative() {
        return Err(Wrong::because(
            value,
            "a relative path means something else in every folder",
        ));
    }
    Ok(path)
}

/// A path as a value; None for one that TOML cannot hold, which [`path`] never gives.
pub(crate) fn from_path(path: &Path) -> Option<Value> {
    path.to_str().map(Value::from)
}

pub(crate) fn listen_address(value: &Value) -> Result<ListenAddress, Wrong> {
    text(value)?.parse().map_err(|_| Wrong::kind(value))
}

/// Hosts of which no two would share the files of one certificate.
pub(crate) fn hosts(value: &Value) -> Result<Vec<HostName>, Wrong> {
    let hosts = set_of(value, host)?;
    for (at, host) in hosts.iter().enumerate() {
        let stem = host.file_stem();
        if let Some(earlier) = hosts[..at].iter().find(|earlier| earlier.file_stem() == stem) {
            let both = format!("{earlier} and {host} would share the certificate file {stem}.crt");
            return Err(Wrong::because(value, both));
        }
    }
    Ok(hosts)
}

/// RFC 6265bis section 5.5: browsers keep no cookie longer than 400 days.
const LONGEST_SESSION: Duration = Duration::from_secs(400 * 24 * 60 * 60);

pub(crate) fn duration(value: &Value) -> Result<Duration, Wrong> {
    let duration =
        humantime::parse_duration(text(value)?).map_err(|error| Wrong::because(value, error.to_string()))?;
    if duration < Duration::from_secs(1) || duration > LONGEST_SESSION {
        return Err(Wrong::kind(value));
    }
    Ok(duration)
}

/// Whole days as `7d`, anything else as humantime writes it.
pub(crate) fn from_duration(duration: Duration) -> Value {
    let seconds = duration.as_secs();
    if duration.subsec_nanos() == 0 && seconds > 0 && seconds.is_multiple_of(86_400) {
        return format!("{}d", seconds / 86_400).into();
    }
    humantime::format_duration(duration).to_string().into()
}

fn host(value: &Value) -> Result<HostName, Wrong> {
    text(value)?
        .parse()
        .map_err(|error: crate::HostNameError| Wrong::because(value, error.reason()))
}
