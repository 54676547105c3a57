//! Text in lines as wide as the terminal, each under the first letter of the text.

use terminal_size::{Width, terminal_size_of};

/// Where nobody says how wide the lines may be: a file, a pipe.
const USUAL_WIDTH: usize = 100;
/// With less room than this, a terminal breaks lines better by itself.
const LEAST_ROOM: usize = 24;
/// Stands for a blank within a command while lines are broken.
const GLUE: char = '\u{1f}';

/// The width of the lines on standard output.
pub(crate) fn width() -> usize {
    if let Some((Width(columns), _)) = terminal_size_of(std::io::stdout()) {
        return columns.into();
    }
    let columns = std::env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse().ok());
    columns.unwrap_or(USUAL_WIDTH)
}

/// `text`, which begins at column `indent`, in lines of `width` columns; all but the first begin with that many blanks.
///
/// What stands between backticks is a command, and is not torn apart: copied from two lines it would be two commands. Where it
/// has several lines itself, they are lines of a configuration, and stand apart as they are, without the backticks.
pub(crate) fn paragraph(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent);
    let mut lines: Vec<String> = Vec::new();
    for (position, run) in text.split('`').enumerate() {
        let verbatim = position % 2 == 1;
        match (verbatim, run.contains('\n')) {
            (true, true) => {
                lines.pop_if(|line| line.is_empty());
                lines.extend(run.lines().map(|line| format!("  {line}")));
                lines.push(String::new());
            }
            (true, false) => append(&mut lines, &format!("`{}`", run.replace(' ', &GLUE.to_string()))),
            // Around lines that stand apart, the break is there already.
            (false, _) => append(&mut lines, run.strip_prefix('\n').unwrap_or(run)),
        }
    }
    let broken: Vec<String> = lines.iter().flat_map(|line| broken(line, room)).collect();
    let text = broken.join(&format!("\n{:indent$}", ""));
    text.trim_end().replace(GLUE, " ")
}

/// Goes on in the last line, as far as `text` has no breaks of its own.
fn append(lines: &mut Vec<String>, text: &str) {
    for (position, part) in text.split('\n').enumerate() {
        match lines.last_mut() {
            Some(last) if position == 0 => last.push_str(part),
            _ => lines.push(part.to_owned()),
        }
    }
}

fn broken(line: &str, room: usize) -> Vec<String> {
    let apart = line.starts_with("  ");
    if apart || room < LEAST_ROOM {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.last_mut().expect("there is one from the beginning");
        let wanted = last.chars().count() + 1 + word.chars().count();
        match last.is_empty() {
            true => last.push_str(word),
            false if wanted <= room => {
                last.push(' ');
                last.push_str(word);
            }
            false => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hang_under_the_first_and_are_no_wider_than_allowed() {
        let text = paragraph("one two three four five six seven eight nine ten", 4, 30);
        assert_eq!(text, "one two three four five\n    six seven eight nine ten");
        let narrow = "no line is broken where there is no room for it";
        assert_eq!(paragraph(narrow, 20, 30), narrow);
    }

    #[test]
    fn a_command_stays_in_one_line() {
        let text = paragraph("end it: `kill 12 345 6789`, then `doorcode up`", 0, 25);
        assert_eq!(text, "end it:\n`kill 12 345 6789`, then\n`doorcode up`");
    }

    #[test]
    fn lines_of_a_configuration_stand_apart() {
        let text = paragraph("in the location, add\n`one a;\ntwo b;`\nthen `reload`", 2, 40);
        assert_eq!(
            text,
            "in the location, add\n    one a;\n    two b;\n  then `reload`"
        );
    }
}
