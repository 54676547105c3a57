//! Values in the syntax of the file they go into, so that none breaks out of its place.
//!
//! What a format has no way of writing is refused, not mangled.

use std::path::Path;

use doorcode_settings::Problem;

/// The text of a path, if it is one that can stand in a configuration file and in its comments.
///
/// # Errors
/// It is not UTF-8, or has a character that ends a line or that a terminal acts upon.
pub(crate) fn path(path: &Path) -> Result<&str, Problem> {
    let unsafe_char = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    match path.to_str() {
        Some(text) if !text.contains(unsafe_char) => Ok(text),
        Some(_) => Err(refused(path, "has a control character")),
        None => Err(refused(path, "is not UTF-8")),
    }
}

/// A double-quoted scalar (YAML 1.2 section 7.3.1; JSON, and YAML 1.1 reads it the same way).
pub(crate) fn yaml(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            '\u{0}'..='\u{ffff}' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

/// As [`yaml`], in a Compose file, which puts variables where a `$` stands and writes one as `$$`.
pub(crate) fn compose(text: &str) -> String {
    yaml(&text.replace('$', "$$"))
}

/// A word of an nginx configuration.
///
/// # Errors
/// It has a `$`: nginx would put a variable there, and knows no way to write the character itself.
pub(crate) fn nginx(text: &str) -> Result<String, Problem> {
    if text.contains('$') {
        return Err(refused(Path::new(text), "has a $, which nginx cannot write"));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// A word of a Caddyfile.
///
/// # Errors
/// It has a brace, in which Caddy would put a placeholder, or a backslash before a quote or at the end, which Caddy reads as
/// part of the quoting.
pub(crate) fn caddy(text: &str) -> Result<String, Problem> {
    if text.contains(['{', '}']) {
        return Err(refused(Path::new(text), "has a brace, which Caddy cannot write"));
    }
    if text.contains("\\\"") || text.ends_with('\\') {
        return Err(refused(
            Path::new(text),
            "has a backslash where Caddy cannot write it",
        ));
    }
    Ok(format!("\"{}\"", text.replace('"', "\\\"")))
}

/// A word of a shell's command line (POSIX 2.2.2); as it is where nothing in it means anything to a shell.
pub(crate) fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%=,".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn refused(path: &Path, why: &str) -> Problem {
    Problem::new(
        "recipe_value_refused",
        format!("{path:?} {why}, so it cannot stand in the recipe"),
        "doorcode settings edit",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_escapes_whatever_could_end_the_scalar() {
        assert_eq!(yaml("a\"b\\c\nd: #{"), r##""a\"b\\c\u000ad: #{""##);
        assert_eq!(yaml("\u{2028}\u{7f}é"), r#""\u2028\u007f\u00e9""#);
        assert_eq!(yaml("\u{1f600}"), r#""\U0001f600""#);
    }

    #[test]
    fn nginx_quotes_and_refuses_variables() {
        assert_eq!(nginx("/a b;}\"\\").expect("quoted"), r#""/a b;}\"\\""#);
        assert!(nginx("/a$host").is_err());
    }

    #[test]
    fn caddy_quotes_and_refuses_placeholders() {
        assert_eq!(caddy("/a b\"#").expect("quoted"), "\"/a b\\\"#\"");
        for hostile in ["/{env.HOME}", "/a}", "/a\\", "/a\\\"b"] {
            assert!(caddy(hostile).is_err(), "{hostile}");
        }
    }

    #[test]
    fn a_shell_sees_one_word() {
        for (text, expected) in [
            ("/etc/x.pem", "/etc/x.pem"),
            ("", "''"),
            ("-rf", "'-rf'"),
            ("a'b $(c)", r"'a'\''b $(c)'"),
            ("[::1]", "'[::1]'"),
        ] {
            assert_eq!(shell(text), expected);
        }
    }

    #[test]
    fn paths_that_break_lines_are_refused() {
        for hostile in ["/a\nb", "/a\rb", "/a\u{85}b", "/a\u{2028}b", "/a\u{1b}[2J"] {
            let problem = path(Path::new(hostile)).expect_err(hostile);
            assert_eq!(problem.code, "recipe_value_refused");
            assert!(!problem.message.contains('\n') && !problem.message.contains('\u{1b}'));
        }
        assert_eq!(path(Path::new("/a b")).expect("fine"), "/a b");
    }
}
