//! Values that are secret because of the name before them.

use regex_lite::Regex;

/// What a value is written as: quoted, with what a shell would take for a part of it; quoted inside of a quoted text, where
/// nobody can tell how often, and so to the end; or up to whitespace.
const VALUE: &str = r#"(?:(?:"(?:\\.|[^"\\])*(?:"|\\?$)|'(?:\\.|[^'\\])*(?:'|\\?$))+(?:[,;:.)\]}]*[^\s,;:.)\]}"'{\[]\S*)?|\\+["'].*|\S+)"#;

/// The same after an option, where two dashes begin the next one.
const ARGUMENT: &str =
    r#"(?:"(?:\\.|[^"\\])*(?:"|\\?$)|'(?:\\.|[^'\\])*(?:'|\\?$)|\\+["'].*|-?[^\s"'\\-]\S*)"#;

/// Parts of names that say it wherever they stand, and [`WEAK`] ones, which words like `author` have in them too.
const STRONG: &str = "passw(?:or)?d|passphrase|pwd|secret|token|tkn|credential|api[_-]?key|access[_-]?key|private[_-]?key\
    |nonce|assertion|cookie";
const WEAK: &str = "pass|auth|key|sess(?:ion)?(?:[_-]?id)?";
/// What may follow a weak part in a name: `KEY_FILE`, `pass2`, `authHeader`.
const WEAK_TAIL: &str = r"(?:[_-][\w-]*|\d+|(?-i:[A-Z])\w*)?";
/// Short names that say it as a whole word only.
const SHORT: &str = "sid|jwt|otp|pin";

/// What is in every line with one of these names, or with an option in question. Most lines have none of it, and looking
/// for it is far faster than looking for a name.
const HINTS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "tkn",
    "credential",
    "key",
    "nonce",
    "assertion",
    "cookie",
    "auth",
    "sess",
    "sid",
    "jwt",
    "otp",
    "pin",
    "-p",
    "-u",
];

/// Words after `password` and the like in a sentence, which are none.
const WORDS: &str = " a about accepted after again an and another any anything are as asked at be because been before being but \
    by can cannot changed changes code correct could created custom differs do does ended expired expires failed field file files \
    first for form found from had has have here how if in instead into invalid is it its kept last length less long made many \
    match matches may missing mode more must needs new no none not nothing now of off old on once one only or other out over page \
    prompt read refused removed required right same set should so stays store stored sets taken than that the their them then \
    there these they this those to too twice type under unless until up used was were what when where which while who will with \
    without works would wrong yet you your ";

/// How a name and its value are put together.
struct Form {
    regex: Regex,
    /// Whether the value may be a word of a sentence instead.
    in_sentences: bool,
    /// Whether it is one as soon as it looks like one.
    weak: bool,
}

/// Takes values out by their names.
pub(super) struct Named {
    forms: Vec<Form>,
    head: Regex,
}

impl Named {
    pub(super) fn new() -> Named {
        let name =
            format!(r"(?:[\w-]*(?:{STRONG})[\w-]*|[\w-]*(?:{WEAK}){WEAK_TAIL}|(?:[\w-]*[_-])?(?:{SHORT}))");
        let sign = r"(?:[:=]+>?|->|%3[ad])";
        let start = r"(?:^|[^\w-])";
        let linked = r"\s+(?:(?:is|was|are|be|to|of|for|as|now|set|changed)\s+)*";
        let form = |pattern: String, in_sentences, weak| Form {
            regex: Regex::new(&format!("(?i){pattern}")).expect("it is put together from well-formed parts"),
            in_sentences,
            weak,
        };
        let forms = vec![
            form(
                format!(r#"({start}{name}(?:%5D|[\\"'`\])])*\s*{sign}\s*)({VALUE})"#),
                true,
                false,
            ),
            form(
                format!(r#"(--?[\w-]*(?:{STRONG}|{WEAK})[\w-]*(?:\s+|\\*["']\s*,\s*))({ARGUMENT})"#),
                true,
                false,
            ),
            form(
                format!(r#"((?:^|[\s"'])-p(?:\\*["']\s*,\s*|\s*=?))({ARGUMENT})"#),
                false,
                false,
            ),
            form(
                format!(r#"((?:^|[\s"'])(?:-u|--user)(?:\\*["']\s*,\s*|[\s=]*)["']?[^\s:"']*:)({VALUE})"#),
                false,
                false,
            ),
            form(
                format!(r#"({start}[\w-]*(?:{STRONG})[\w-]*["'`]?{linked})({VALUE})"#),
                true,
                false,
            ),
            form(
                format!(r#"({start}(?:[\w-]*(?:{WEAK})|(?:[\w-]*[_-])?(?:{SHORT}))["'`]?{linked})({VALUE})"#),
                true,
                true,
            ),
        ];
        // Where a line of a log comes from, such as `doorcode_engine::session: `.
        let head = r"^[0-9TZ:.-]+\s+(?:TRACE|DEBUG|INFO|WARN|ERROR)\s+[a-z_]+(?:::[a-z_]+)*:";
        Named {
            forms,
            head: Regex::new(head).expect("it is well-formed"),
        }
    }

    pub(super) fn taken_out(&self, text: &str) -> String {
        let lower = text.to_ascii_lowercase();
        if !HINTS.iter().any(|hint| lower.contains(hint)) {
            return text.to_owned();
        }
        let head = self.head.find(text).map_or(0, |head| head.end());
        let mut text = text.to_owned();
        for form in &self.forms {
            text = form.taken_out(&text, head);
        }
        text
    }
}

impl Form {
    /// `text` without the values that stand behind its first `head` bytes.
    fn taken_out(&self, text: &str, head: usize) -> String {
        let mut result = text[..head].to_owned();
        let mut done = head;
        while let Some(found) = self.regex.captures_at(text, done) {
            let (Some(name), Some(value)) = (found.get(1), found.get(2)) else {
                break;
            };
            result.push_str(&text[done..name.end()]);
            done = name.end();
            if !self.is_sentence(name.as_str(), value.as_str()) {
                result.push_str("<removed>");
                done = value.end();
            }
        }
        result.push_str(&text[done..]);
        result
    }

    /// Whether what stands where a value would is the next word of a sentence, or the next option.
    fn is_sentence(&self, name: &str, value: &str) -> bool {
        if !self.in_sentences || !name.ends_with(char::is_whitespace) {
            return false;
        }
        let is_mark = value.len() == 1 && value.bytes().all(|byte| byte.is_ascii_punctuation());
        let word = value.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '`', '"', '\'']);
        let is_plain = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        is_mark
            || value.starts_with("--")
            || (is_plain && (self.weak || WORDS.contains(&format!(" {word} "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_value_is_left() {
        for line in [
            "DB_PASSWORD=S3C,RET",
            "password: ab;S3C",
            "password=S3C}RET&S3C",
            r#"{"password":"a\"S3C"}"#,
            r#"{"password":"a\\\"S3C RET"}"#,
            r#"{"m":"{\"password\":\"a \\\"S3C\"}"}"#,
            r#"PASSWORD="a"S3C b"#,
            r#"PASSWORD="a",S3C b"#,
            r#"PASSWORD="a"'S3C RET' b"#,
            r#"PASSWORD="a S3C RET"#,
            r#"PASSWORD='a\'S3C'"#,
            "SSH_KEY=S3C",
            "PGPASS=S3C",
            "AUTH=S3C",
            "KEY=S3C",
            "KEY_2=S3C",
            "authHeader: S3C",
            "sessionid=S3C",
            "PHPSESSID=S3C",
            "connect.sid=S3C",
            "session_cookie=S3C",
            "user[password]=S3C",
            "user%5Bpassword%5D%3DS3C",
            "password => S3C",
            "password S3C",
            "the password is now S3C",
            "password was set to S3C",
            "the token S3C",
            "session S3C",
            "AUTH S3C",
            "x -p S3C",
            "x -pS3C",
            "x -p 'S3C RET'",
            r#"["-p", "S3C"]"#,
            "curl -u me:S3C",
            r#"["--token", "a S3C"]"#,
            "--password -S3C",
            "--auth-key 'a S3C'",
            "--token --password S3C",
            "the password is password=S3C",
            "2026-11-21T11:44:51Z  INFO doorcode_engine::token: token=S3C",
        ] {
            let result = Named::new().taken_out(line);
            assert!(
                !result.contains("S3C") && !result.contains("RET"),
                "{line}\n{result}"
            );
            assert!(result.contains("<removed>"), "{result}");
        }
    }

    #[test]
    fn what_follows_a_value_stays() {
        for (line, left) in [
            (
                r#"{"token":"a b","status":200,"key":"c"}"#,
                r#"{"token":<removed>,"status":200,"key":<removed>}"#,
            ),
            ("PASSWORD='a b' run", "PASSWORD=<removed> run"),
            ("password=a,b c", "password=<removed> c"),
            ("run --token abc --x", "run --token <removed> --x"),
            ("x -p abc -v", "x -p <removed> -v"),
        ] {
            assert_eq!(Named::new().taken_out(line), left);
        }
    }

    #[test]
    fn ordinary_lines_stay() {
        for line in [
            "2026-11-21T11:44:51.421728Z  INFO doorcode_gateway::session: it ended after 7d",
            "2026-11-21T11:44:51.421728Z  WARN doorcode_auth::password::hash: is slow",
            "no TLS session tickets: every connection is a full handshake",
            "without a session bus there is no tray",
            "the copied password was taken out of the clipboard",
            "the password is wrong. The password has been changed; run `doorcode password set`",
            "--cert-key is missing: tls.cert is set and tls.key is not; a custom certificate needs both",
            "editor.args cannot be --password: it is Doorcode's: people sign in at the gateway; see auth.mode",
            "auth.mode = \"password\"  # the default",
            "sessions.idle = \"7d\"",
            "the author=x passed=3 keyboard=y sessions=2 keyring=none",
            "run `doorcode password --stdin` to set one",
            "ls --port 80 and mkdir x/-p",
        ] {
            assert_eq!(Named::new().taken_out(line), line);
        }
    }

    #[test]
    fn every_name_counts() {
        let names = "password passwd passphrase pwd secret token tkn credential api_key access-key privateKey nonce assertion cookie \
            pass auth key sess session sess_id sessionid sid jwt otp pin";
        for name in names.split_whitespace() {
            for line in [
                format!("{name}=S3C"),
                format!("X_{}: S3C", name.to_ascii_uppercase()),
                format!("{name} S3C"),
            ] {
                let result = Named::new().taken_out(&line);
                assert!(
                    result.ends_with("<removed>") && !result.contains("S3C"),
                    "{line}: {result}"
                );
            }
        }
    }
}
