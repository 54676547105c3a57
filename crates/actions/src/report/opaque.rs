//! Telling keys from names by their looks.

/// A run of letters, digits and what base64 adds to them, without what is more likely a key than a name.
pub(super) fn without_keys(run: &str) -> String {
    if is_base64(run) {
        return REMOVED.to_owned();
    }
    let pieces = run.split_inclusive(['/', '=']);
    pieces
        .map(|piece| {
            let name = piece.trim_end_matches(['/', '=']);
            match is_opaque(name) {
                true => format!("{REMOVED}{}", &piece[name.len()..]),
                false => piece.to_owned(),
            }
        })
        .collect()
}

const REMOVED: &str = "<removed>";

/// Standard base64 has slashes, as paths do; but a path of such length hardly ever has neither dot nor dash and all three
/// kinds of characters.
fn is_base64(run: &str) -> bool {
    run.len() >= 40 && run.contains('/') && !run.contains(['-', '_']) && Kinds::of(run).all()
}

fn is_opaque(name: &str) -> bool {
    let kinds = Kinds::of(name);
    let letters = kinds.lower || kinds.upper;
    match name.len() {
        0..20 => false,
        20..40 => kinds.digits && letters,
        40..64 => (kinds.digits && letters) || (kinds.lower && kinds.upper),
        _ => true,
    }
}

struct Kinds {
    digits: bool,
    lower: bool,
    upper: bool,
}

impl Kinds {
    fn of(text: &str) -> Kinds {
        let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
        Kinds {
            digits: has(u8::is_ascii_digit),
            lower: has(u8::is_ascii_lowercase),
            upper: has(u8::is_ascii_uppercase),
        }
    }

    fn all(&self) -> bool {
        self.digits && self.lower && self.upper
    }
}
