//! Text that is only text, whatever shows it.

/// The text without escape sequences (ECMA-48: CSI, OSC and other strings, single ones), control characters, and those that
/// turn the direction of what follows (UAX #9), which can make a line look like another. Tabs stay.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\x1b' => skip_sequence(&mut rest),
            '\t' => plain.push('\t'),
            character if character.is_control() || turns_direction(character) => {}
            character => plain.push(character),
        }
    }
    plain
}

/// Embeddings, overrides and isolates.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn skip_sequence(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        // Parameters, then a final character.
        Some('[') => {
            rest.find(|character| ('\x40'..='\x7e').contains(character));
        }
        // A string, up to BEL or the string terminator ESC \.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            let mut previous = '\0';
            rest.find(|character| {
                let ends = *character == '\x07' || (previous == '\x1b' && *character == '\\');
                previous = *character;
                ends
            });
        }
        // Intermediate characters, then a final one.
        Some(' '..='/') => {
            rest.find(|character| !(' '..='/').contains(character));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_would_obey_is_left() {
        let cases = [
            ("\x1b[31mred\x1b[0m", "red"),
            ("\x1b]0;title\x07after", "after"),
            ("\x1b]8;;https://x\x1b\\link", "link"),
            ("\x1b(Bset", "set"),
            ("\x1bcreset", "reset"),
            ("a\x07b\x08c\u{9b}31md\te\r", "abc31md\te"),
            ("cut\x1b[3", "cut"),
            ("cut\x1b", "cut"),
            ("pay \u{202e}load\u{202c} \u{2066}x\u{2069}", "pay load x"),
            ("größe → 東京", "größe → 東京"),
        ];
        for (raw, expected) in cases {
            assert_eq!(plain(raw), expected, "{raw:?}");
        }
    }
}
