//! The values of `[auth.trusted_proxy]`, each by itself.

use std::net::IpAddr;

use ipnet::IpNet;
use toml_edit::{InlineTable, Value};

use super::ProofKey;
use crate::values::{self, Wrong};

/// An address or a range of them (CIDR). Ranges that hold everything, or IPv4 in IPv6's clothes, are refused: the first trusts
/// everybody, the second is not what the gateway compares with.
pub(crate) fn address_range(value: &Value) -> Result<IpNet, Wrong> {
    let text = values::text(value)?;
    let wrong = |reason: &str| Wrong::because(value, reason);
    let range = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text
            .parse::<IpNet>()
            .map_err(|_| wrong("it is no IP address and no range such as 10.0.0.0/24"))?,
    };
    if range.prefix_len() == 0 {
        return Err(wrong("it holds every address there is"));
    }
    if matches!(range.addr(), IpAddr::V6(address) if address.to_ipv4_mapped().is_some()) {
        return Err(wrong("write an IPv4 address as IPv4"));
    }
    if range.addr().is_unspecified() || range.addr().is_multicast() {
        return Err(wrong("nothing connects from such an address"));
    }
    if range.trunc() != range {
        return Err(Wrong::because(
            value,
            format!("write the range as {}", range.trunc()),
        ));
    }
    Ok(range)
}

/// Fields whose meaning is HTTP's own.
const NOT_FOR_PROXIES: [&str; 13] = [
    "host",
    "cookie",
    "set-cookie",
    "origin",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "transfer-encoding",
    "content-length",
    "content-type",
    "content-encoding",
    "user-agent",
];

/// A header's name, lower case. With `-` and letters only: with `_` or `.`, servers disagree about which name it is.
pub(crate) fn header_name(value: &Value) -> Result<String, Wrong> {
    let name = values::text(value)?.to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) || name.starts_with('-') {
        return Err(Wrong::because(
            value,
            "it is no header name of letters, digits and -",
        ));
    }
    if NOT_FOR_PROXIES.contains(&name.as_str()) || name.starts_with("sec-") {
        return Err(Wrong::because(
            value,
            "this header has a meaning of its own in HTTP",
        ));
    }
    Ok(name)
}

/// Header names, none twice.
pub(crate) fn headers(value: &Value) -> Result<Vec<String>, Wrong> {
    values::distinct(value, header_name)
}

/// RFC 5321 section 4.5.3.1.3, less the brackets.
const LONGEST_USER: usize = 254;

/// A user as the proxy names them, ASCII lower case; `*` for everyone.
pub(crate) fn user(value: &Value) -> Result<String, Wrong> {
    let user = values::text(value)?.to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b',';
    if user.is_empty() || user.len() > LONGEST_USER || !user.bytes().all(plain) {
        return Err(Wrong::because(
            value,
            "a user is up to 254 printable ASCII characters without commas and spaces",
        ));
    }
    if user != "*" && user.contains('*') {
        return Err(Wrong::because(value, "only \"*\" alone has a meaning: everyone"));
    }
    Ok(user)
}

/// An https address, whole.
pub(crate) fn url_or_prefix(value: &Value) -> Result<String, Wrong> {
    let text = values::text(value)?;
    let rest = text.strip_prefix("https://").unwrap_or_default();
    if rest.is_empty()
        || rest.starts_with('/')
        || rest.contains(['@', '#', '\\'])
        || !rest.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(Wrong::because(value, "it is no https:// address"));
    }
    Ok(text.to_owned())
}

/// A word, or `{ header = "…", secret_file = "…" }`.
pub(crate) fn proof(value: &Value) -> Result<ProofKey, Wrong> {
    if let Some(table) = value.as_inline_table() {
        return secret_header(value, table);
    }
    let words = [
        ("assertion", ProofWord::Assertion),
        ("mtls", ProofWord::Mtls),
        ("unix-socket", ProofWord::UnixSocket),
        ("address-only", ProofWord::AddressOnly),
    ];
    Ok(match values::one_of(value, &words)? {
        ProofWord::Assertion => ProofKey::Assertion,
        ProofWord::Mtls => ProofKey::Mtls,
        ProofWord::UnixSocket => ProofKey::UnixSocket,
        ProofWord::AddressOnly => ProofKey::AddressOnly,
    })
}

#[derive(Clone, Copy)]
enum ProofWord {
    Assertion,
    Mtls,
    UnixSocket,
    AddressOnly,
}

fn secret_header(value: &Value, table: &InlineTable) -> Result<ProofKey, Wrong> {
    if let Some((other, _)) = table
        .iter()
        .find(|(key, _)| !matches!(*key, "header" | "secret_file"))
    {
        return Err(Wrong::because(
            value,
            format!("{other} is none of header and secret_file"),
        ));
    }
    let part = |key: &str| {
        table
            .get(key)
            .ok_or_else(|| Wrong::because(value, format!("{key} is missing")))
    };
    Ok(ProofKey::Header {
        header: header_name(part("header")?)?,
        secret_file: values::path(part("secret_file")?)?,
    })
}

impl ProofKey {
    /// As it is written in settings.toml.
    pub(crate) fn to_value(&self) -> Option<Value> {
        Some(match self {
            ProofKey::Assertion => "assertion".into(),
            ProofKey::Mtls => "mtls".into(),
            ProofKey::UnixSocket => "unix-socket".into(),
            ProofKey::AddressOnly => "address-only".into(),
            ProofKey::Header { header, secret_file } => {
                let mut table = InlineTable::new();
                table.insert("header", header.as_str().into());
                table.insert("secret_file", values::from_path(secret_file)?);
                table.into()
            }
        })
    }
}
