use super::*;

fn redactor() -> Redactor {
    Redactor::new(
        Person {
            home: Some("/home/alice".into()),
            user: Some("alice".into()),
            machine: Some("alices-laptop".into()),
        },
        BTreeSet::from(["Bob", "bob", "carol@example.com"].map(str::to_owned)),
    )
}

/// What must not be there, with the line it stands in and what is left of that.
const LINES: &[(&str, &str, &str)] = &[
    (
        "s3cret",
        "Cookie: __Host-doorcode=s3cret; other=s3cret",
        "Cookie: <removed>",
    ),
    (
        "s3cret",
        r#"{"set-cookie":"a=s3cret","b":1}"#,
        r#"{"set-cookie": <removed>"#,
    ),
    (
        "s3cret",
        "authorization: Basic s3cret",
        "authorization: <removed>",
    ),
    (
        "s3cret",
        "sent Bearer s3cret.s3cret to it",
        "sent Bearer <removed> to it",
    ),
    (
        "s3cret",
        "https://me:s3cret@h.example/x",
        "https://<removed>@h.example/x",
    ),
    (
        "s3cret",
        "GET /.doorcode/enter?code=s3cret&to=/ done",
        "GET /.doorcode/enter?<removed> done",
    ),
    (
        "s3cret",
        "https://h.example/#access=s3cret",
        "https://h.example/#<removed>",
    ),
    (
        "s3cret",
        "/proxy/3000/reset/s3cret and /absproxy/80/s3cret",
        "/proxy/3000/<removed> and /absproxy/80/<removed>",
    ),
    ("s3cret", "DB_PASSWORD=s3cret x", "DB_PASSWORD=<removed> x"),
    (
        "s3cret",
        r#"{"githubToken": "a s3cret b", "x": 1}"#,
        r#"{"githubToken": <removed>, "x": 1}"#,
    ),
    ("s3cret", "secret: 's3cret s3cret'.", "secret: <removed>."),
    (
        "s3cret",
        "run --api-key s3cret --x",
        "run --api-key <removed> --x",
    ),
    (
        "k3v9",
        "the password is k3v9-0abc-defg-hjkm-npqr-stvw now",
        "the password is <removed> now",
    ),
    ("alice@", "mail alice@example.com today", "mail <e-mail> today"),
    (
        "dave",
        "/home/dave/work, /Users/dave and /var/home/dave.",
        "/home/<user>/work, /Users/<user> and /var/home/<user>",
    ),
    (
        "dave",
        "file:///home/d%C3%A4ve/x %2Fhome%2Fdave%2Fx",
        "file:///home/<user>/x %2Fhome%2F<user>%2Fx",
    ),
    (
        "dave",
        r#"{"user":"dave","status":200}"#,
        r#"{"user":<person>,"status":200}"#,
    ),
    (
        "dave",
        "x-forwarded-user: dave, login=dave identity=\"a dave\"",
        "x-forwarded-user: <person>, login=<person> identity=<person>",
    ),
    (
        "bob",
        r#"{"user":"bob"} Bob and bob, not Bobby"#,
        r#"{"user":"<person 1>"} <person 1> and <person 1>, not Bobby"#,
    ),
    (
        "carol",
        "carol@example.com is not allowed",
        "<person 2> is not allowed",
    ),
    ("carol", "carol%40example.com", "<person 2>"),
    ("3f9a", "/x/3f9a8b7c6d5e4f3a2b1c0d9e/y", "/x/<removed>/y"),
    (
        "hZ3k",
        "code hZ3k_q9-LmN0pQ2rStU4vW6xY8zA1bC3dE5fG7hI9jK",
        "code <removed>",
    ),
    (
        "MIIB",
        "MIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8/AgEAAkEAq7BFUpkGp3+LQmlQ",
        "<removed>",
    ),
    (
        "alice",
        "/home/alice/work and alice on alices-laptop",
        "~/work and <user> on <machine>",
    ),
    (
        "203.0",
        "from 203.0.113.9:4711, [2001:db8::7]:80.",
        "from <address 1>, [<address 2>]:80.",
    ),
];

#[test]
fn what_is_secret_or_personal_is_taken_out_and_the_rest_stays() {
    for (planted, line, left) in LINES {
        let result = redactor().line(line);
        assert!(!result.contains(planted), "{result}");
        assert_eq!(result, *left);
    }
}

#[test]
fn every_rule_has_a_line_above() {
    for rule in RULES {
        let regex = Regex::new(rule.pattern).expect("well-formed");
        assert!(
            LINES.iter().any(|(_, line, _)| regex.is_match(line)),
            "{}",
            rule.what
        );
    }
}

#[test]
fn what_a_helper_needs_stays() {
    for line in [
        "2026-11-21T11:44:51.421728Z  INFO doorcode_engine::engine: the engine runs version=\"0.1.0\"",
        "[11:45:13] [127.0.0.1][ManagementConnection] New connection established.",
        "HTTP server listening on /run/user/1000/doorcode/editor/editor.sock",
        "[reconnection-grace-time] Parsed CLI argument: 10800s -> 10800000ms",
        "listening on 127.0.0.1:8443 [::1]:8443 0.0.0.0:443",
        "gateway.hosts = [\"my.dev.local\"]",
        "wrong_password is the code, auth.mode = \"password\"",
        "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99",
        "alicesomething is somebody else",
    ] {
        assert_eq!(redactor().line(line), line);
    }
}

#[test]
fn a_name_is_found_in_the_addresses_of_files_too() {
    for (line, left) in [
        ("?x /%2Fhome%2Falice%2Fwork", "?x /~%2Fwork"),
        ("%2fhome%2falice and %2Fmnt%2Falice", "~ and %2Fmnt%2F<user>"),
        ("%252Fmnt%252Falice%252Fx", "%252Fmnt%252F<user>%252Fx"),
    ] {
        assert_eq!(redactor().line(line), left);
    }
    let mut redactor = Redactor::new(
        Person {
            home: Some("/home/zoë k".into()),
            user: Some("zoë".into()),
            machine: None,
        },
        BTreeSet::new(),
    );
    for line in [
        "/home/zo%C3%AB%20k/x",
        "/home/zo%c3%ab%20k/x",
        "%2Fhome%2Fzo%C3%AB%20k/x",
        "/home/zoë k/x",
    ] {
        assert_eq!(redactor.line(line), "~/x");
    }
    assert_eq!(redactor.line("/srv/zo%C3%AB"), "/srv/<user>");
}

#[test]
fn what_signs_in_to_an_address_goes_with_all_its_characters() {
    for (line, left) in [
        ("redis://:p4ss/S3C@h", "redis://<removed>@h"),
        ("postgres://u:p/S3C@h/db", "postgres://<removed>@h/db"),
        ("amqp://u:p@S3C@h", "amqp://<removed>@h"),
        (
            "to=postgres%3A%2F%2Fu%3AS3C%40h",
            "to=postgres%3A%2F%2F<removed>@h",
        ),
        ("Bearer S3C,S3C x", "Bearer <removed> x"),
        ("/enter?code=a'S3C x", "/enter?<removed> x"),
    ] {
        assert_eq!(redactor().line(line), left);
    }
}

#[test]
fn words_of_the_logs_are_no_names() {
    let mut redactor = Redactor::new(
        Person {
            home: Some("/".into()),
            user: Some("root".into()),
            machine: Some("localhost".into()),
        },
        BTreeSet::new(),
    );
    let line = "the root of localhost is at /a/b";
    assert_eq!(redactor.line(line), line);
}
