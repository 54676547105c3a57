//! Names of people and folders in a text, however they are written there.

/// The forms in which a text may have `word`: as it is, and percent-encoded with digits of either case.
pub(super) fn written(word: &str) -> Vec<String> {
    let encoded = |upper: bool| -> String {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ if upper => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
        word.bytes().map(byte).collect()
    };
    // Addresses of files keep their slashes.
    let path = |encoded: &str, slash: &str| encoded.replace(slash, "/");
    let (upper, lower) = (encoded(true), encoded(false));
    let mut forms = vec![
        word.to_owned(),
        path(&upper, "%2F"),
        path(&lower, "%2f"),
        upper,
        lower,
    ];
    forms.dedup();
    forms
}

/// `text` with `word` replaced wherever it is not a part of a longer word.
pub(super) fn replace_word(text: &str, word: &str, instead: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        result.push_str(before);
        let follows = result.chars().next_back().is_some_and(is_part) && !ends_encoded(&result);
        let stands_alone = !follows && !after.chars().next().is_some_and(is_part);
        result.push_str(if stands_alone { instead } else { word });
        rest = after;
    }
    result.push_str(rest);
    result
}

/// Whether the last character is written as a percent sign and two digits, as a slash is in the address of a file; the percent
/// sign may be written so itself.
fn ends_encoded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some((rest, digits)) = bytes.split_last_chunk::<2>() else {
        return false;
    };
    let mut rest = rest;
    while let Some(shorter) = rest.strip_suffix(b"25") {
        rest = shorter;
    }
    digits.iter().all(u8::is_ascii_hexdigit) && rest.ends_with(b"%")
}
