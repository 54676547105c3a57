//! A name or address that browsers reach the gateway by.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Problem;

/// A validated host: what can stand in a certificate's subject alternative names and in a `Host` header, without a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(try_from = "String", into = "String")]
pub enum HostName {
    /// A DNS name by RFC 1123 section 2.1: lower case, without a trailing dot; international names in their `xn--` form.
    Dns(String),
    /// An IPv4 or IPv6 address without a zone.
    Ip(IpAddr),
}

impl HostName {
    /// The name's part of file names, as code-server builds it: dots and colons become underscores.
    ///
    /// Two hosts can share one (`a.b.c.d.e.f.1.f` and `a:b:c:d:e:f:1:f`); settings refuse that.
    pub fn file_stem(&self) -> String {
        self.to_string().replace(['.', ':'], "_")
    }

    /// The host as it stands in a URL or a `Host` header, without a port: IPv6 in brackets (RFC 3986 section 3.2.2).
    pub fn authority(&self) -> String {
        match self {
            HostName::Ip(IpAddr::V6(address)) => format!("[{address}]"),
            other => other.to_string(),
        }
    }

    /// Whether it always means this machine: `localhost`, `*.localhost` (RFC 6761 section 6.3), 127.0.0.0/8, ::1.
    pub fn is_loopback(&self) -> bool {
        match self {
            HostName::Dns(name) => name == "localhost" || name.ends_with(".localhost"),
            HostName::Ip(address) => address.is_loopback(),
        }
    }
}

impl fmt::Display for HostName {
    /// IPv6 without brackets; see [`HostName::authority`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostName::Dns(name) => f.write_str(name),
            HostName::Ip(address) => write!(f, "{address}"),
        }
    }
}

impl FromStr for HostName {
    type Err = HostNameError;

    /// Takes a DNS name, an IPv4 address, or an IPv6 address with or without brackets.
    fn from_str(text: &str) -> Result<Self, HostNameError> {
        parse(text).map_err(|reason| HostNameError {
            text: text.to_owned(),
            reason,
        })
    }
}

impl TryFrom<String> for HostName {
    type Error = HostNameError;

    fn try_from(text: String) -> Result<Self, HostNameError> {
        text.parse()
    }
}

impl From<HostName> for String {
    fn from(host: HostName) -> String {
        host.to_string()
    }
}

/// Why a text is not a host name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a host name: {reason}")]
pub struct HostNameError {
    text: String,
    reason: &'static str,
}

impl HostNameError {
    /// The reason alone, without the text.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl From<&HostNameError> for Problem {
    fn from(error: &HostNameError) -> Problem {
        Problem::new(
            "host_name",
            error.to_string(),
            "name a host such as localhost, my.dev.local, 10.0.0.7 or ::1",
        )
    }
}

const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

fn parse(text: &str) -> Result<HostName, &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.contains('%') {
        return Err("an address with a zone means something else on every machine; leave the zone out");
    }
    if let Some(inner) = text.strip_prefix('[') {
        let inner = inner
            .strip_suffix(']')
            .ok_or("the bracket is not closed, or a port follows it")?;
        return ipv6(
            inner
                .parse()
                .map_err(|_| "only an IPv6 address stands in brackets")?,
        );
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return match address {
            IpAddr::V6(address) => ipv6(address),
            IpAddr::V4(address) if address.is_unspecified() => Err(UNSPECIFIED),
            IpAddr::V4(address) if address.is_multicast() || address.is_broadcast() => Err(MULTICAST),
            IpAddr::V4(_) => Ok(HostName::Ip(address)),
        };
    }
    dns(text)
}

const UNSPECIFIED: &str = "the unspecified address is not one that a browser can open";
const MULTICAST: &str = "a multicast or broadcast address does not belong to one host";

fn ipv6(address: Ipv6Addr) -> Result<HostName, &'static str> {
    if address.is_unspecified() {
        return Err(UNSPECIFIED);
    }
    if address.is_multicast() {
        return Err(MULTICAST);
    }
    if address.to_ipv4_mapped().is_some() {
        return Err("write an IPv4-mapped address as the IPv4 address");
    }
    Ok(HostName::Ip(address.into()))
}

fn dns(text: &str) -> Result<HostName, &'static str> {
    if !text.is_ascii() {
        return Err("write an international name in its ASCII form, which begins with xn--");
    }
    if text.contains([':', '/']) {
        return Err("give the name alone, without a scheme, port or path");
    }
    if text.contains('*') {
        return Err("wildcards are not supported; name each host");
    }
    if text.ends_with('.') {
        return Err("leave out the dot at its end");
    }
    if text.len() > LONGEST_NAME {
        return Err("it is longer than 253 characters");
    }
    let name = text.to_ascii_lowercase();
    for label in name.split('.') {
        check_label(label)?;
    }
    let last = name.rsplit('.').next().unwrap_or(&name);
    if looks_numeric(last) {
        // Browsers read such a name as an IPv4 address in one of its old spellings (WHATWG URL, "ends in a number").
        return Err("its last part is a number, and it is not a complete IPv4 address");
    }
    Ok(HostName::Dns(name))
}

fn check_label(label: &str) -> Result<(), &'static str> {
    if label.is_empty() {
        return Err("two dots in a row, or one at the beginning");
    }
    if label.len() > LONGEST_LABEL {
        return Err("a part between dots is longer than 63 characters");
    }
    if !label
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err("only letters, digits, dots and hyphens can be in it");
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err("a part between dots begins or ends with a hyphen");
    }
    Ok(())
}

fn looks_numeric(label: &str) -> bool {
    let hex = label
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hex || label.bytes().all(|byte| byte.is_ascii_digit())
}
