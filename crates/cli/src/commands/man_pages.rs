//! `doorcode man-pages FOLDER`: for packages, so hidden. The same definitions as parsing and help.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use doorcode_settings::Problem;

use crate::args::Cli;
use crate::failure::Failure;

#[derive(Args)]
#[command(after_help = "Example: doorcode man-pages ~/.local/share/man/man1")]
pub(crate) struct ManPagesArgs {
    /// The folder to write to; made if it is not there.
    folder: PathBuf,
}

/// Writes a page for the command and one for each subcommand.
pub(crate) fn run(args: &ManPagesArgs) -> Result<u8, Failure> {
    write_all(&args.folder).map_err(|error| {
        let what = format!("cannot write man pages to {}: {error}", args.folder.display());
        Problem::new(
            "man_pages_failed",
            what,
            format!("ls -ld {}", args.folder.display()),
        )
    })?;
    Ok(0)
}

fn write_all(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut queue = vec![&root];
    while let Some(command) = queue.pop() {
        let name = command.get_display_name().unwrap_or("doorcode");
        std::fs::write(folder.join(format!("{name}.1")), page(command, name)?)?;
        queue.extend(command.get_subcommands().filter(|sub| !sub.is_hide_set()));
    }
    Ok(())
}

fn page(command: &clap::Command, name: &str) -> io::Result<Vec<u8>> {
    let source = concat!("doorcode ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source).manual("Doorcode");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    if command.get_long_about().is_some() {
        man.render_description_section(&mut text)?;
    }
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut end = Roff::new();
    if let Some(help) = command.get_after_help() {
        examples_and_notes(&mut end, &help.to_string());
    }
    if name == "doorcode" {
        about_the_whole(&mut end);
    } else {
        end.control("SH", ["SEE ALSO"]);
        end.text([bold("doorcode"), roman("(1)")]);
    }
    end.to_writer(&mut text)?;
    Ok(text)
}

/// What `--help` says below the options. Further examples are indented to stand below the first.
fn examples_and_notes(page: &mut Roff, help: &str) {
    let (examples, notes): (Vec<&str>, Vec<&str>) = help
        .lines()
        .partition(|line| line.starts_with("Example: ") || line.starts_with(' '));
    if !examples.is_empty() {
        page.control("SH", ["EXAMPLES"]).control("nf", []);
        for line in examples {
            page.text([roman(line.trim_start_matches("Example: ").trim_start())]);
        }
        page.control("fi", []);
    }
    if !notes.is_empty() {
        page.control("SH", ["NOTES"]);
        for line in notes {
            page.text([roman(line)]);
        }
    }
}

fn about_the_whole(page: &mut Roff) {
    let entry = |page: &mut Roff, tag: &str, text: &str| {
        page.control("TP", []).text([bold(tag)]).text([roman(text)]);
    };
    page.control("SH", ["EXIT STATUS"]);
    entry(page, "0", "done, or running");
    entry(page, "1", "refused");
    entry(page, "2", "wrong usage, or broken");
    entry(page, "3", "no engine runs, or the editor is stopped");
    entry(page, "4", "the editor fails");
    page.control("SH", ["FILES"]);
    entry(
        page,
        "$XDG_CONFIG_HOME/doorcode/settings.toml",
        "settings (~/.config)",
    );
    entry(
        page,
        "$XDG_DATA_HOME/doorcode/",
        "certificates, code-server, sessions (~/.local/share)",
    );
    entry(page, "$XDG_STATE_HOME/doorcode/", "logs (~/.local/state)");
    entry(page, "$XDG_RUNTIME_DIR/doorcode/", "sockets");
    page.control("SH", ["SEE ALSO"]);
    page.text([bold("doorcode-desktop"), roman("(1)")]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_help_names_has_a_page() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write_all(folder.path()).expect("written");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name));
        let mut root = Cli::command();
        root.build();
        for command in root.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let page = read(&format!("doorcode-{}.1", command.get_name()));
            assert_eq!(page.is_ok(), !command.is_hide_set(), "{}", command.get_name());
        }
        let issue = read("doorcode-cert-issue.1").expect("a page for a subcommand's subcommand");
        assert!(issue.contains("doorcode cert issue my.dev.local"), "{issue}");
        assert!(issue.contains("\\-\\-settings"), "{issue}");
    }

    #[test]
    fn further_examples_and_remarks_are_told_apart() {
        let mut page = Roff::new();
        examples_and_notes(&mut page, "Example: one\n         two\nMind the gap.");
        let text = page.to_roff();
        let expected = ".SH EXAMPLES\n.nf\none\ntwo\n.fi\n.SH NOTES\nMind the gap.\n";
        assert!(text.ends_with(expected), "{text}");
    }
}
