//! With stand-ins for Windows' programs that note how they were called.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use doorcode_certs::CertStore;

use super::*;
use crate::work;

/// Keeps the one root in a file of the home folder. Windows' programs end their lines with a carriage return too.
const PROGRAMS: [(&str, &str); 3] = [
    (
        "certutil.exe",
        r#"#!/bin/sh
printf '%s\n' "$*" >>"$HOME/calls"
case $2 in
    -addstore) cp "${4#W:}" "$HOME/kept" ;;
    -delstore) [ "$4" = "$(openssl x509 -noout -serial -in "$HOME/kept" | cut -d= -f2 | tr A-F a-f)" ] && rm "$HOME/kept" ;;
esac
"#,
    ),
    (
        "powershell.exe",
        "#!/bin/sh\n[ -e \"$HOME/kept\" ] && printf '%s\\r\\n' \"$(grep -v -- ----- \"$HOME/kept\" | tr -d '\\n')\"\ntrue\n",
    ),
    ("wslpath", "#!/bin/sh\nprintf 'W:%s\\n' \"$2\"\n"),
];

#[test]
fn windows_programs_are_called_as_their_manuals_say() {
    let home = tempfile::tempdir().expect("a home");
    for (name, script) in PROGRAMS {
        let file = home.path().join(name);
        fs::write(&file, script).expect("written");
        fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).expect("ours");
    }
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
    let windows = Windows::find(&places).expect("its programs are there");

    work::put_in(&windows, &root, &Nobody).expect("put in");
    assert_eq!(windows.entries().expect("readable")[0].root, root);
    work::take_out(&windows, &root, &Nobody).expect("taken out");
    assert!(windows.entries().expect("readable").is_empty());

    let calls = fs::read_to_string(home.path().join("calls")).expect("called");
    let calls: Vec<&str> = calls.lines().collect();
    assert!(calls[0].starts_with("-user -addstore Root W:/"), "{calls:?}");
    assert_eq!(calls[1], format!("-user -delstore Root {}", root.serial()));
}

/// Windows asks by itself.
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
