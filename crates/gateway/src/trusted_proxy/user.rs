//! A user's name: one value of a known shape, and whether it may come in.

use std::collections::HashSet;

use doorcode_settings::trusted_proxy::{AllowUsers, UserShape};

use super::refusals::{USER_AMBIGUOUS, USER_INVALID, USER_MISSING, USER_NOT_ALLOWED};
use crate::refusal::Refusal;

/// The longest address that SMTP can carry (RFC 5321 section 4.5.3.1.3, less its brackets).
const LONGEST: usize = 254;

/// Reads a name out of a header or a claim. ASCII upper and lower case are the same: the name is in lower case from here on.
///
/// Only printable ASCII, because names that look alike and are not (a Cyrillic а, the Kelvin sign) must not become each other by
/// anybody's idea of upper and lower case. No comma and no space, because lists of names are written with them. No brace in a login,
/// because Caddy writes a placeholder that it has no value for as it stands in its configuration: `{http.reverse_proxy.header.…}`
/// would be one name for everybody whom the sign-in did not name.
pub(super) fn parse(value: &[u8], shape: UserShape) -> Result<String, Refusal> {
    if value.is_empty() {
        return Err(USER_MISSING);
    }
    if value.contains(&b',') {
        return Err(USER_AMBIGUOUS);
    }
    if value.len() > LONGEST || !value.iter().all(u8::is_ascii_graphic) {
        return Err(USER_INVALID);
    }
    let name = String::from_utf8_lossy(value).to_ascii_lowercase();
    let fits = match (shape, name.split_once('@')) {
        (UserShape::Login, _) => !name.contains(['{', '}']),
        (UserShape::Email, Some((local, domain))) => {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        }
        (UserShape::Email, None) => false,
    };
    if fits { Ok(name) } else { Err(USER_INVALID) }
}

/// Who may come in.
#[derive(Debug)]
pub(super) enum Allowed {
    Everyone,
    These(HashSet<String>),
}

impl Allowed {
    pub(super) fn new(users: &AllowUsers) -> Allowed {
        match users {
            AllowUsers::Everyone => Allowed::Everyone,
            AllowUsers::These(users) => {
                Allowed::These(users.iter().map(|user| user.to_ascii_lowercase()).collect())
            }
        }
    }

    pub(super) fn contains(&self, user: &str) -> bool {
        match self {
            Allowed::Everyone => true,
            Allowed::These(users) => users.contains(user),
        }
    }

    pub(super) fn check(&self, user: &str) -> Result<(), Refusal> {
        if self.contains(user) {
            Ok(())
        } else {
            Err(USER_NOT_ALLOWED)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_and_in_lower_case() {
        let parse = |value: &str| parse(value.as_bytes(), UserShape::Email);
        assert_eq!(parse("You@Example.COM").as_deref(), Ok("you@example.com"));
        assert_eq!(parse(""), Err(USER_MISSING));
        assert_eq!(parse("a@x, b@x"), Err(USER_AMBIGUOUS));
        assert_eq!(parse("a@x,b@x"), Err(USER_AMBIGUOUS));
        let long = format!("{}@x", "a".repeat(253));
        for wrong in [
            "a@x@evil",
            "a b@x",
            "a@x ",
            "\u{430}@x",
            "\u{212a}@x",
            "a",
            "@x",
            "a@",
            "a@x\u{7f}",
            "a\t@x",
            &long,
        ] {
            assert_eq!(parse(wrong), Err(USER_INVALID), "{wrong:?}");
        }
    }

    #[test]
    fn a_login_needs_no_at() {
        let parse = |value: &str| parse(value.as_bytes(), UserShape::Login);
        assert_eq!(parse("Ada").as_deref(), Ok("ada"));
        assert_eq!(parse("DOMAIN\\ada").as_deref(), Ok("domain\\ada"));
        assert_eq!(parse("a b"), Err(USER_INVALID));
        assert_eq!(parse("a,b"), Err(USER_AMBIGUOUS));
        for placeholder in [
            "{http.reverse_proxy.header.x-auth-request-email}",
            "{http.auth.user.id}",
            "a}",
        ] {
            assert_eq!(parse(placeholder), Err(USER_INVALID), "{placeholder}");
        }
    }

    #[test]
    fn an_empty_list_lets_nobody_in() {
        let these = |users: &[&str]| {
            Allowed::new(&AllowUsers::These(
                users.iter().map(|user| user.to_string()).collect(),
            ))
        };
        assert!(these(&["You@x"]).contains("you@x") && !these(&["you@x"]).contains("you@x.evil"));
        assert!(!these(&[]).contains("you@x"));
        assert!(Allowed::new(&AllowUsers::Everyone).contains("anybody"));
    }
}
