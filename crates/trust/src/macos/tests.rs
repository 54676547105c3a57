//! With a stand-in for `security` that notes how it was called.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use doorcode_certs::CertStore;

use super::*;
use crate::work;

/// Keeps what is trusted in a file of the home folder.
const SECURITY: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$HOME/calls"
for last; do :; done
case $1 in
    add-trusted-cert) cp "$last" "$HOME/kept" ;;
    find-certificate) cat "$HOME/kept" ;;
    dump-trust-settings) [ -e "$HOME/untrusted" ] || openssl x509 -noout -subject -nameopt multiline,utf8 -in "$HOME/kept" ;;
    remove-trusted-cert) : >"$HOME/untrusted" ;;
    delete-certificate) rm "$HOME/kept" ;;
esac
"#;

#[test]
fn security_is_called_as_its_manual_says() {
    let home = tempfile::tempdir().expect("a home");
    let program = home.path().join("security");
    fs::write(&program, SECURITY).expect("written");
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("ours");
    let mut path = home.path().as_os_str().to_owned();
    path.push(":/usr/bin:/bin");
    let places = Places {
        home: home.path().to_owned(),
        config_home: home.path().join(".config"),
        data_home: home.path().join(".local/share"),
        path,
        session: Vec::new(),
    };
    let certs = CertStore::new(home.path().join("certs"));
    let host = "localhost".parse().expect("a host");
    certs.ensure(&host).expect("a certificate");
    let root = Root::of(&certs, &host).expect("its root");
    let keychain = store(&places).expect("there is a security");

    work::put_in(keychain.as_ref(), &root, &Nobody).expect("put in");
    let entries = keychain.entries().expect("readable");
    assert!(entries.len() == 1 && entries[0].trusted, "{entries:?}");
    work::take_out(keychain.as_ref(), &root, &Nobody).expect("taken out");
    assert!(keychain.entries().expect("readable").is_empty());

    let calls = fs::read_to_string(home.path().join("calls")).expect("called");
    let file = format!("{}/Library/Keychains/login.keychain-db", home.path().display());
    let called = |start: &str| calls.lines().any(|call| call.starts_with(start));
    assert!(
        called(&format!("add-trusted-cert -r trustRoot -p ssl -k {file} /")),
        "{calls}"
    );
    assert!(called("remove-trusted-cert /"), "{calls}");
    let hash = root.fingerprint.replace(':', "");
    assert!(called(&format!("delete-certificate -Z {hash} {file}")), "{calls}");
}

/// macOS asks by itself.
struct Nobody;

impl Ask for Nobody {
    fn command(&self, _command: &crate::CommandLine) -> bool {
        false
    }

    fn secret(&self, _prompt: &str) -> Option<crate::Secret> {
        None
    }

    fn output(&self, _line: &str) {}
}
