//! From a settings file's text to [`Settings`], or to the first thing wrong with it.

use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;

use toml_edit::{Document, Item, TableLike};

use crate::error::Place;
use crate::keys::{Draft, TlsMode};
use crate::trusted_proxy::Proof;
use crate::values::Wrong;
use crate::{AuthMode, Gateway, KEYS, Key, Kind, ListenAddress, Settings, SettingsError, Tls, suggest};

impl Settings {
    /// Reads settings from `text`; `file` is for messages.
    ///
    /// # Errors
    /// The first thing wrong with it, with its place, key and what is allowed.
    pub fn parse(text: &str, file: &Path) -> Result<Settings, SettingsError> {
        let document = Document::parse(text).map_err(|error| SettingsError::syntax(&error, text, file))?;
        Reader {
            text,
            file,
            root: document.as_table(),
        }
        .settings()
    }
}

struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
    root: &'a dyn TableLike,
}

impl Reader<'_> {
    fn settings(&self) -> Result<Settings, SettingsError> {
        let mut draft = Draft::default();
        for (table, item) in self.root.iter() {
            if !is_table(table) {
                return Err(self.unknown_table(table));
            }
            self.read_table(&mut draft, table, item)?;
        }
        self.check_sessions(&draft.settings)?;
        draft.settings.tls = self.tls(&draft)?;
        self.check_auth(&draft.settings)?;
        self.trusted_proxy(&mut draft.settings)?;
        Ok(draft.settings)
    }

    fn read_table(&self, draft: &mut Draft, table: &str, item: &Item) -> Result<(), SettingsError> {
        let Some(keys) = item.as_table_like() else {
            let at = self.place(item.span());
            let hint = Some(format!("it is a table: write [{table}] and its keys below"));
            return Err(self.unknown(at, table.to_owned(), hint, table_keys(table)));
        };
        for (name, item) in keys.iter() {
            let inner = format!("{table}.{name}");
            if is_table(&inner) {
                self.read_table(draft, &inner, item)?;
            } else {
                self.read_key(draft, table, keys, name, item)?;
            }
        }
        Ok(())
    }

    fn read_key(
        &self,
        draft: &mut Draft,
        table: &str,
        keys: &dyn TableLike,
        name: &str,
        item: &Item,
    ) -> Result<(), SettingsError> {
        let Some(key) = KEYS
            .iter()
            .find(|key| key.table() == table && key.short_name() == name)
        else {
            let at = self.place(keys.key(name).and_then(toml_edit::Key::span).or(item.span()));
            return Err(self.unknown(
                at,
                format!("{table}.{name}"),
                suggest::key(table, name),
                table_keys(table),
            ));
        };
        let written_as_table = || match key.kind {
            Kind::WordOrTable(_) => item.clone().into_value().ok(),
            _ => None,
        };
        let Some(value) = item.as_value().cloned().or_else(written_as_table) else {
            return Err(self.wrong(
                key,
                item,
                Wrong {
                    span: item.span(),
                    name: Some("a table".to_owned()),
                    reason: None,
                },
            ));
        };
        (key.read)(draft, &value).map_err(|wrong| self.wrong(key, item, wrong))
    }

    fn check_sessions(&self, settings: &Settings) -> Result<(), SettingsError> {
        if settings.sessions.idle <= settings.sessions.absolute {
            return Ok(());
        }
        let key = key("sessions.absolute");
        let default = key.default().unwrap_or_default();
        let found = self
            .item(key.name)
            .map_or(default, |item| self.source_of(item.span()));
        Err(SettingsError::Value {
            at: self.place_of(&["sessions.absolute", "sessions.idle"]),
            key: key.name,
            found,
            reason: Some("it is shorter than sessions.idle".into()),
            allowed: key.allowed,
        })
    }

    fn check_auth(&self, settings: &Settings) -> Result<(), SettingsError> {
        let mode = settings.auth.mode;
        let listen = &settings.gateway.listen;
        if mode != AuthMode::TrustedProxy {
            if settings.tls == Tls::Off {
                return Err(self.wrong_mode(
                    "\"off\"",
                    &format!(
                        "auth.mode is \"{}\", and a password or a session would cross the network readable",
                        mode.as_str()
                    ),
                    &["tls.mode"],
                ));
            }
            if let Some(socket) = listen.iter().find(|address| address.tcp().is_none()) {
                let reason = format!(
                    "a unix socket is for a proxy, and auth.mode is \"{}\"",
                    mode.as_str()
                );
                return Err(self.combination("gateway.listen", &socket.to_string(), reason));
            }
        }
        if mode != AuthMode::None || settings.auth.none_beyond_loopback {
            return Ok(());
        }
        match listen
            .iter()
            .filter_map(ListenAddress::tcp)
            .find(|address| !address.ip().to_canonical().is_loopback())
        {
            Some(listen) => Err(SettingsError::NoneBeyondLoopback {
                at: self.place_of(&["auth.mode"]),
                listen,
            }),
            None => Ok(()),
        }
    }

    /// What is written of the proxy may be incomplete until the mode is `trusted-proxy`.
    fn trusted_proxy(&self, settings: &mut Settings) -> Result<(), SettingsError> {
        let complete = settings.auth.trusted_proxy_keys.complete(&settings.gateway);
        if settings.auth.mode != AuthMode::TrustedProxy {
            settings.auth.trusted_proxy = complete.ok();
            return Ok(());
        }
        let proxy = complete.map_err(|missing| SettingsError::TrustedProxyIncomplete {
            at: self.place_of(&["auth.mode"]),
            missing,
        })?;
        if settings.tls == Tls::Off {
            self.check_plain(&settings.gateway, &proxy.proof)?;
        }
        settings.auth.trusted_proxy = Some(proxy);
        Ok(())
    }

    /// Plain http is for a proxy on this machine, and on a private network for one that proves itself in each request.
    fn check_plain(&self, gateway: &Gateway, proof: &Proof) -> Result<(), SettingsError> {
        let wrong = |reason: String| Err(self.wrong_mode("\"off\"", &reason, &["tls.mode"]));
        if matches!(proof, Proof::Mtls { .. }) {
            return wrong("auth.trusted_proxy.proof = \"mtls\" needs TLS".to_owned());
        }
        let Some(beyond) = gateway.listen.iter().find(|address| !address.is_local()) else {
            return Ok(());
        };
        if *proof == Proof::AddressOnly {
            return wrong(format!(
                "gateway.listen has {beyond}, and auth.trusted_proxy.proof is \"address-only\""
            ));
        }
        match gateway
            .listen
            .iter()
            .filter_map(ListenAddress::tcp)
            .find(|address| !is_private(address.ip()))
        {
            Some(public) => wrong(format!(
                "gateway.listen has {public}, which is on no private network"
            )),
            None => Ok(()),
        }
    }

    fn tls(&self, draft: &Draft) -> Result<Tls, SettingsError> {
        match (draft.tls_mode, &draft.cert, &draft.key) {
            // With the mode spelled out, a pair that is not in use may stay in the file.
            (Some(TlsMode::SelfSigned), _, _) | (None, None, None) => Ok(Tls::SelfSigned),
            (Some(TlsMode::Off), _, _) => Ok(Tls::Off),
            (Some(TlsMode::Custom), Some(cert), Some(key)) => Ok(Tls::Custom {
                cert: cert.clone(),
                key: key.clone(),
            }),
            (_, Some(_), None) => Err(SettingsError::CertKeyMissing {
                at: self.place_of(&["tls.cert"]),
            }),
            (_, None, Some(_)) => Err(SettingsError::CertMissing {
                at: self.place_of(&["tls.key"]),
            }),
            (Some(TlsMode::Custom), None, None) => {
                let reason = "tls.cert and tls.key are missing";
                Err(self.wrong_mode("\"custom\"", reason, &["tls.mode"]))
            }
            (None, Some(_), Some(_)) => {
                let reason = "tls.cert and tls.key are set and would not be used; say which you mean";
                Err(self.wrong_mode("left out", reason, &["tls.cert"]))
            }
        }
    }

    fn wrong_mode(&self, found: &str, reason: &str, keys: &[&str]) -> SettingsError {
        let key = key("tls.mode");
        SettingsError::Value {
            at: self.place_of(keys),
            key: key.name,
            found: found.to_owned(),
            reason: Some(reason.to_owned()),
            allowed: key.allowed,
        }
    }

    fn combination(&self, name: &str, found: &str, reason: String) -> SettingsError {
        let key = key(name);
        SettingsError::Value {
            at: self.place_of(&[key.name]),
            key: key.name,
            found: found.to_owned(),
            reason: Some(reason),
            allowed: key.allowed,
        }
    }

    fn wrong(&self, key: &'static Key, item: &Item, wrong: Wrong) -> SettingsError {
        let span = wrong.span.or(item.span());
        SettingsError::Value {
            at: self.place(span.clone()),
            key: key.name,
            found: wrong.name.unwrap_or_else(|| self.source_of(span)),
            reason: wrong.reason,
            allowed: key.allowed,
        }
    }

    fn unknown_table(&self, table: &str) -> SettingsError {
        let span = self.root.key(table).and_then(toml_edit::Key::span);
        let span = span.or_else(|| self.root.get(table).and_then(Item::span));
        let mut tables: Vec<_> = KEYS.iter().map(Key::table).collect();
        tables.dedup();
        let allowed = tables
            .iter()
            .map(|table| format!("[{table}]"))
            .collect::<Vec<_>>()
            .join(", ");
        self.unknown(self.place(span), table.to_owned(), suggest::table(table), allowed)
    }

    fn unknown(&self, at: Place, key: String, hint: Option<String>, allowed: String) -> SettingsError {
        SettingsError::UnknownKey {
            at,
            key,
            hint,
            allowed,
        }
    }

    fn item(&self, name: &str) -> Option<&Item> {
        let (tables, key) = name.rsplit_once('.')?;
        let mut table = self.root;
        for inner in tables.split('.') {
            table = table.get(inner)?.as_table_like()?;
        }
        table.get(key)
    }

    /// Where the first of `names` stands that is in the file.
    fn place_of(&self, names: &[&str]) -> Place {
        self.place(names.iter().find_map(|name| self.item(name)).and_then(Item::span))
    }

    fn place(&self, span: Option<Range<usize>>) -> Place {
        Place::of(span.unwrap_or_default(), self.text, self.file)
    }

    /// What stands in the file, on one line and not too long for a message.
    fn source_of(&self, span: Option<Range<usize>>) -> String {
        let source = span.and_then(|span| self.text.get(span)).unwrap_or_default();
        let line = source.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(LONGEST_SOURCE) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

const LONGEST_SOURCE: usize = 80;

fn key(name: &str) -> &'static Key {
    KEYS.iter()
        .find(|key| key.name == name)
        .expect("called with names from the table only")
}

/// Whether `name` is a table, or holds one.
fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| {
        let rest = key.table().strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// RFC 1918, RFC 6598 (carriers, Tailscale), RFC 3927, RFC 4193, RFC 4291 section 2.5.6, and this machine.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

fn table_keys(table: &str) -> String {
    let keys = KEYS
        .iter()
        .filter(|key| key.table() == table)
        .map(Key::short_name);
    keys.collect::<Vec<_>>().join(", ")
}
