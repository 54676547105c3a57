//! Settings files, good and bad.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorcode_settings::{
    AuthMode, KEYS, Notifications, OnQuit, Problem, Program, Settings, SettingsError, Tls,
};

const FILE: &str = "/etc/doorcode.toml";

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(text, Path::new(FILE))
}

fn home() -> PathBuf {
    directories::BaseDirs::new().unwrap().home_dir().to_owned()
}

#[test]
fn every_key_is_read() {
    let settings = parse(include_str!("released/0.1.0-tray.toml")).unwrap();
    assert_eq!(settings.editor.folder, home().join("code"));
    assert_eq!(
        settings.editor.program,
        Program::Path("/opt/code-server/bin/code-server".into())
    );
    assert_eq!(settings.editor.args, ["--disable-telemetry", "--locale", "de"]);
    assert_eq!(
        settings.gateway.listen,
        ["0.0.0.0:443".parse().unwrap(), "[::1]:0".parse().unwrap()]
    );
    let hosts: Vec<_> = settings.gateway.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["my.dev.local", "10.0.0.7", "fd00::7"]);
    assert_eq!(
        settings.tls,
        Tls::Custom {
            cert: "/etc/tls/cert.pem".into(),
            key: home().join("key.pem")
        }
    );
    assert_eq!(
        (settings.auth.mode, settings.auth.none_beyond_loopback),
        (AuthMode::None, true)
    );
    assert_eq!(settings.ports.allow, [3000, 65_535]);
    assert_eq!(settings.sessions.idle, Duration::from_secs(90 * 60));
    assert_eq!(settings.sessions.absolute, Duration::from_secs(400 * 86_400));
    assert_eq!(
        (settings.limits.connections, settings.limits.sign_in_per_minute),
        (1, 10_000)
    );
    assert_eq!(
        (settings.desktop.on_quit, settings.desktop.shortcut.as_str()),
        (OnQuit::Keep, "Ctrl+Alt+D")
    );
    let none = Notifications {
        crash: false,
        given_up: false,
        certificate: false,
        new_device: false,
        sign_in_attack: false,
    };
    assert_eq!(settings.notifications, none);
}

#[test]
fn what_is_shown_reads_back_as_the_same_settings() {
    for settings in [
        Settings::default(),
        parse(include_str!("released/0.1.0-tray.toml")).unwrap(),
        parse(include_str!("released/0.1.0-trusted-proxy.toml")).unwrap(),
    ] {
        let shown = settings.to_toml();
        assert_eq!(
            parse(&shown).unwrap_or_else(|error| panic!("{error}\n{shown}")),
            settings
        );
        for key in KEYS {
            assert!(
                shown.contains(key.doc) && shown.contains(key.allowed),
                "{} is explained",
                key.name
            );
        }
    }
}

#[test]
fn every_setting_is_a_key_and_every_key_a_setting() {
    let settings = parse(include_str!("released/0.1.0-tray.toml")).unwrap();
    let json = serde_json::to_value(&settings).unwrap();
    let mut fields = BTreeSet::new();
    collect_fields("", &json, &mut fields);
    assert_eq!(fields, KEYS.iter().map(|key| key.name.to_owned()).collect());
}

fn collect_fields(path: &str, json: &serde_json::Value, fields: &mut BTreeSet<String>) {
    for (name, value) in json.as_object().unwrap() {
        let field = format!("{path}{name}");
        if value.is_object() && KEYS.iter().all(|key| key.name != field) {
            collect_fields(&format!("{field}."), value, fields);
        } else {
            fields.insert(field);
        }
    }
}

#[test]
fn other_ways_to_write_it_mean_the_same() {
    assert_eq!(parse("auth.mode = \"none\"").unwrap().auth.mode, AuthMode::None);
    assert_eq!(
        parse("auth = { mode = \"none\" }").unwrap().auth.mode,
        AuthMode::None
    );
    assert_eq!(
        parse("\u{feff}[auth]\r\nmode = 'none' # why\r\n")
            .unwrap()
            .auth
            .mode,
        AuthMode::None
    );
    let spare = "[tls]\nmode = \"self-signed\"\ncert = \"/a\"";
    assert_eq!(
        parse(spare).unwrap().tls,
        Tls::SelfSigned,
        "a spare certificate may stay in the file"
    );
}

/// The file, the place to blame, the key, and what the message says besides.
type Mistake = (
    &'static str,
    (usize, usize),
    &'static str,
    &'static [&'static str],
);

#[rustfmt::skip]
const BAD: &[Mistake] = &[
    // Unknown names
    ("[gateway]\nlistn = []", (2, 1), "gateway.listn", &["did you mean listen?", "allowed here: listen, hosts"]),
    ("[gatway]\n", (1, 2), "gatway", &["did you mean [gateway]?", "[editor], [gateway], [tls], [auth]"]),
    ("[editor]\n  hosts = []", (2, 3), "editor.hosts", &["it belongs under [gateway]"]),
    ("listen = []", (1, 1), "listen", &["it belongs under [gateway]"]),
    ("[auth]\npassword = \"hunter22\"", (2, 1), "auth.password", &["allowed here: mode, none_beyond_loopback"]),
    ("[auth.trusted_proxy]\npreset = \"nobody\"", (2, 10), "auth.trusted_proxy.preset", &["\"nobody\"", "\"pomerium\""]),
    ("[auth.trusted_proxi]\npreset = \"pomerium\"", (1, 7), "auth.trusted_proxi", &["allowed here: mode"]),
    ("[auth.trusted_proxy.assertion]\nisuer = \"x\"", (2, 1), "auth.trusted_proxy.assertion.isuer", &["did you mean issuer?"]),
    ("gateway = 3", (1, 11), "gateway", &["write [gateway]"]),
    ("[[auth]]\nmode = \"none\"", (1, 1), "auth", &["write [auth]"]),
    // Wrong kinds
    ("[editor]\nfolder = 3", (2, 10), "editor.folder", &["cannot be 3", "absolute path"]),
    ("[editor]\nargs = \"--verbose\"", (2, 8), "editor.args", &["a list"]),
    ("[gateway]\nlisten = \"127.0.0.1:8443\"", (2, 10), "gateway.listen", &["a list of at least one"]),
    ("[auth]\nnone_beyond_loopback = \"yes\"", (2, 24), "auth.none_beyond_loopback", &["true or false"]),
    ("[auth.mode]\nx = 1", (1, 1), "auth.mode", &["\"password\", \"none\" or"]),
    // Wrong values
    ("[editor]\nfolder = \"code\"", (2, 10), "editor.folder", &["relative"]),
    ("[editor]\nfolder = \"~root/code\"", (2, 10), "editor.folder", &["other people's homes"]),
    ("[editor]\nfolder = \"/a\\u0000b\"", (2, 10), "editor.folder", &["zero character"]),
    ("[editor]\nprogram = \"code-server\"", (2, 11), "editor.program", &["relative", "\"auto\""]),
    ("[editor]\nargs = [\"--verbose\", 3]", (2, 22), "editor.args", &["cannot be of the kind integer"]),
    ("[gateway]\nlisten = []", (2, 10), "gateway.listen", &["the list is empty"]),
    ("[gateway]\nlisten = [\"localhost:8443\"]", (2, 11), "gateway.listen", &["\"localhost:8443\"", "IP address"]),
    ("[gateway]\nlisten = [\"127.0.0.1\"]", (2, 11), "gateway.listen", &["with its port"]),
    ("[gateway]\nlisten = [\"127.0.0.1:65536\"]", (2, 11), "gateway.listen", &["with its port"]),
    ("[gateway]\nlisten = [\n\"[::1]:1\",\n\"[::1]:1\"]", (4, 1), "gateway.listen", &["twice"]),
    ("[gateway]\nlisten = [\"unix:/run/d.sock\"]", (2, 10), "gateway.listen", &["is for a proxy"]),
    ("[gateway]\nhosts = []", (2, 9), "gateway.hosts", &["the list is empty"]),
    ("[gateway]\nhosts = [\"ok\", \"my_host\"]", (2, 16), "gateway.hosts", &["\"my_host\"", "only letters"]),
    ("[gateway]\nhosts = [\"a.b\", \"A.B\"]", (2, 17), "gateway.hosts", &["twice"]),
    ("[gateway]\nhosts = [\"a.b.c.d.e.f.1.f\", \"a:b:c:d:e:f:1:f\"]", (2, 9), "gateway.hosts", &["a.b.c.d.e.f.1.f and a:b:c:d:e:f:1:f would share", "a_b_c_d_e_f_1_f"]),
    ("[tls]\nmode = \"off\"", (2, 8), "tls.mode", &["auth.mode is \"password\""]),
    ("[tls]\nmode = \"custom\"", (2, 8), "tls.mode", &["tls.cert and tls.key are missing"]),
    ("[tls]\ncert = \"/c\"\nkey = \"/k\"", (2, 8), "tls.mode", &["would not be used"]),
    ("[ports]\nallow = [0]", (2, 10), "ports.allow", &["from 1 to 65535"]),
    ("[ports]\nallow = [3000, 70000]", (2, 16), "ports.allow", &["70000"]),
    ("[ports]\nallow = [1, 1]", (2, 13), "ports.allow", &["twice"]),
    ("[sessions]\nidle = \"0s\"", (2, 8), "sessions.idle", &["at least 1s"]),
    ("[sessions]\nidle = 7", (2, 8), "sessions.idle", &["such as \"7d\""]),
    ("[sessions]\nidle = \"-7d\"", (2, 8), "sessions.idle", &["\"-7d\""]),
    ("[sessions]\nidle = \"a week\"", (2, 8), "sessions.idle", &["\"a week\""]),
    ("[sessions]\nabsolute = \"500000000y\"", (2, 12), "sessions.absolute", &["at most 400d"]),
    ("[sessions]\nidle = \"99999999999999999999d\"", (2, 8), "sessions.idle", &["at most 400d"]),
    ("[sessions]\nidle = \"31d\"", (2, 8), "sessions.absolute", &["\"30d\"", "shorter than sessions.idle"]),
    ("[sessions]\nabsolute = \"1h\"", (2, 12), "sessions.absolute", &["\"1h\"", "shorter than sessions.idle"]),
    ("[limits]\nconnections = 0", (2, 15), "limits.connections", &["from 1 to 1000000"]),
    ("[limits]\nsign_in_per_minute = 1.5", (2, 22), "limits.sign_in_per_minute", &["1.5"]),
];

#[test]
fn each_mistake_names_its_place_its_key_the_value_and_what_is_allowed() {
    for (text, (line, column), key, parts) in BAD {
        let error = parse(text).expect_err(text);
        let message = error.to_string();
        assert!(
            message.starts_with(&format!("{FILE}:{line}:{column}: ")),
            "{text}\n{message}"
        );
        assert_eq!(error.line(), Some(*line));
        assert_eq!(error.key(), Some(*key), "{text}\n{message}");
        assert!(
            error.allowed().is_some_and(|allowed| message.contains(allowed)),
            "{message}"
        );
        for part in *parts {
            assert!(message.contains(part), "{text}\n{message}\ndoes not say {part}");
        }
        let problem = Problem::from(&error);
        assert!(
            problem.code.starts_with("settings_") && problem.fix.contains("doorcode settings"),
            "{problem:?}"
        );
        assert!(
            !message.contains("hunter22"),
            "what stands behind an unknown key may be a secret"
        );
    }
}

#[test]
fn what_is_no_toml_names_the_place() {
    for (text, place) in [
        ("[auth]\nmode = none", "2:8"),
        ("[auth]\nmode = \"none\n", "2:13"),
        ("[auth]\nmode = \"none\"\nmode = \"none\"", "3:1"),
        ("[auth\n", "1:6"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(
            error
                .to_string()
                .starts_with(&format!("{FILE}:{place}: this is not TOML: ")),
            "{text}\n{error}"
        );
        assert_eq!(Problem::from(&error).code, "settings_syntax");
    }
}

#[test]
fn half_a_certificate_is_the_error_that_code_server_gives() {
    for (text, code, says) in [
        (
            "[tls]\nmode = \"custom\"\ncert = \"/c\"",
            "cert_key_missing",
            "--cert-key is missing",
        ),
        (
            "[tls]\ncert = \"/c\"",
            "cert_key_missing",
            "--cert-key is missing",
        ),
        (
            "[tls]\nmode = \"custom\"\nkey = \"/k\"",
            "cert_missing",
            "--cert is missing",
        ),
    ] {
        let problem = Problem::from(&parse(text).expect_err(text));
        assert_eq!(problem.code, code, "{text}");
        assert!(problem.message.contains(says), "{problem}");
    }
}

#[test]
fn nobody_is_let_in_without_a_password_from_other_machines_by_accident() {
    let none = |listen: &str, more: &str| {
        parse(&format!(
            "[gateway]\nlisten = [{listen}]\n[auth]\nmode = \"none\"\n{more}"
        ))
    };
    for listen in [
        "\"0.0.0.0:1\"",
        "\"[::]:1\"",
        "\"127.0.0.1:1\", \"10.0.0.1:1\"",
        "\"[fe80::1]:1\"",
    ] {
        let error = none(listen, "").expect_err(listen);
        assert!(
            error
                .to_string()
                .starts_with(&format!("{FILE}:4:8: auth.mode cannot be \"none\"")),
            "{error}"
        );
        assert!(
            error.to_string().contains("none_beyond_loopback = true"),
            "{error}"
        );
        assert_eq!(Problem::from(&error).code, "none_beyond_loopback");
        assert!(
            none(listen, "none_beyond_loopback = true").is_ok(),
            "{listen}, in so many words"
        );
    }
    for listen in [
        "\"127.0.0.1:1\"",
        "\"127.8.8.8:1\", \"[::1]:1\"",
        "\"[::ffff:127.0.0.1]:1\"",
    ] {
        assert!(none(listen, "").is_ok(), "{listen}");
    }
}

#[test]
fn a_refused_argument_is_named_without_its_value() {
    for (args, named) in [
        ("[\"--bind-addr=hunter22\"]", "--bind-addr"),
        ("[\"--password=hunter22\"]", "--password"),
        ("[\"-v=hunter22\"]", "-v"),
        ("[\"--x=hunter22\\u0000\"]", "of the kind string"),
        ("[[\"hunter22\"]]", "of the kind array"),
        ("\"--password=hunter22\"", "of the kind string"),
        ("{ hunter22 = \"hunter22\" }", "of the kind inline table"),
    ] {
        let error = parse(&format!("[editor]\nargs = {args}")).expect_err(args);
        let problem = Problem::from(&error);
        assert!(
            !format!("{error:?} {problem:?}").contains("hunter22"),
            "{error:?}"
        );
        assert!(
            problem
                .message
                .contains(&format!("editor.args cannot be {named}")),
            "{problem}"
        );
    }
    let error = parse("[editor]\nargs.password = \"hunter22\"").expect_err("a table");
    assert!(!format!("{error:?}").contains("hunter22"), "{error:?}");
}

#[test]
fn arguments_that_would_open_a_second_door_are_refused_with_the_reason() {
    for arg in [
        "--auth",
        "--auth=none",
        "--bind-addr=0.0.0.0:80",
        "--host",
        "--port=1",
        "--socket",
        "--socket-mode=777",
        "--config=/x",
        "--cert",
        "--cert=x",
        "--cert-key",
        "--password=hunter22",
        "--hashed-password",
        "--user-data-dir",
        "--extensions-dir",
        "--disable-proxy",
        "--link",
        "--trusted-origins=*",
        "--socket-fd=3",
        "--",
        "-v",
        "--version",
    ] {
        let error = parse(&format!("[editor]\nargs = [\"--verbose\", \"{arg}\"]"))
            .expect_err(arg)
            .to_string();
        assert!(
            error.starts_with(&format!("{FILE}:2:22: editor.args cannot be")),
            "{error}"
        );
        assert!(error.contains("Doorcode") || error.contains("editor"), "{error}");
    }
    for arg in [
        "--disable-telemetry",
        "--log=debug",
        "--app-name=x",
        "--reconnection-grace-time=20",
        "de",
    ] {
        assert!(parse(&format!("[editor]\nargs = [\"{arg}\"]")).is_ok(), "{arg}");
    }
}
