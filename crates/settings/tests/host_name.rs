//! What is a host, and what is not.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::HashSet;

use doorcode_settings::HostName;

fn host(text: &str) -> HostName {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn names_and_addresses_are_taken_in_one_form() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    assert_eq!(longest.len(), 253);
    for (text, shown) in [
        ("localhost", "localhost"),
        ("My.Dev.LOCAL", "my.dev.local"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("3com.com", "3com.com"),
        ("a", "a"),
        ("1a", "1a"),
        ("0.example", "0.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[2001:DB8:0:0:0:0:0:1]", "2001:db8::1"),
        (&longest, &longest),
    ] {
        assert_eq!(host(text).to_string(), shown, "{text}");
        assert_eq!(host(shown), host(text), "{shown} is itself a host");
    }
}

#[test]
fn everything_else_is_refused_with_its_own_reason() {
    let long_label = format!("{}.example", "a".repeat(64));
    let long_name = format!("{}example", "a.".repeat(125));
    for (text, reason) in [
        ("", "empty"),
        (" localhost", "only letters"),
        ("my_host", "only letters"),
        ("a\nb", "only letters"),
        ("a b", "only letters"),
        ("*.example.com", "wildcards"),
        ("example.com.", "dot at its end"),
        (".", "dot at its end"),
        (".example.com", "two dots"),
        ("a..b", "two dots"),
        ("-a.example", "hyphen"),
        ("a-.example", "hyphen"),
        (&long_label, "63"),
        (&long_name, "253"),
        ("bücher.example", "xn--"),
        ("localhost:8443", "without a scheme, port or path"),
        ("https://localhost", "without a scheme, port or path"),
        ("localhost/", "without a scheme, port or path"),
        ("1.2.3", "number"),
        ("1.2.3.256", "number"),
        ("1.2.3.04", "number"),
        ("127.1", "number"),
        ("2130706433", "number"),
        ("0x7f000001", "number"),
        ("a.0x", "number"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("[::]", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("ff02::1", "multicast"),
        ("fe80::1%eth0", "zone"),
        ("[fe80::1%25eth0]", "zone"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("[::1", "bracket"),
        ("[::1]:8443", "bracket"),
        ("[127.0.0.1]", "only an IPv6 address"),
        ("[localhost]", "only an IPv6 address"),
    ] {
        let error = text.parse::<HostName>().expect_err(text).to_string();
        assert!(
            error.contains(reason) && error.contains(&format!("`{text}`")),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn file_names_and_urls_have_their_own_forms() {
    assert_eq!(host("my.dev.local").file_stem(), "my_dev_local");
    assert_eq!(host("::1").file_stem(), "__1");
    assert_eq!(host("127.0.0.1").file_stem(), "127_0_0_1");
    assert_eq!(host("::1").authority(), "[::1]");
    assert_eq!(host("127.0.0.1").authority(), "127.0.0.1");
    assert_eq!(
        host("a.b.c.d.e.f.1.f").file_stem(),
        host("a:b:c:d:e:f:1:f").file_stem(),
        "settings refuse the two"
    );
}

#[test]
fn loopback_hosts_are_known() {
    for text in [
        "localhost",
        "LOCALHOST",
        "code.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "::1",
    ] {
        assert!(host(text).is_loopback(), "{text}");
    }
    for text in ["localhost.example", "notlocalhost", "10.0.0.1", "fe80::1", "::2"] {
        assert!(!host(text).is_loopback(), "{text}");
    }
}

#[test]
fn json_holds_the_text_and_is_checked_when_read() {
    let hosts = [host("localhost"), host("::1")];
    let json = serde_json::to_string(&hosts).unwrap();
    assert_eq!(json, r#"["localhost","::1"]"#);
    assert_eq!(serde_json::from_str::<Vec<HostName>>(&json).unwrap(), hosts);
    assert!(serde_json::from_str::<HostName>(r#""a_b""#).is_err());
    assert_eq!(HashSet::from([host("A.example"), host("a.EXAMPLE")]).len(), 1);
}
