//! `doorcode settings`.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{eprintln, println};
use clap::{Args, Subcommand};
use doorcode_settings::{Problem, Settings, files};

use crate::args::Json;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum SettingsCommand {
    /// Print every setting with its value and what it means.
    Show(ShowArgs),
    /// Edit the file in $VISUAL or $EDITOR; a mistake is not saved.
    #[command(after_help = "Example: EDITOR=nano doorcode settings edit")]
    Edit,
    /// Print where the file is.
    #[command(after_help = "Example: cat \"$(doorcode settings path)\"")]
    Path,
    /// Check the file without putting it in force.
    #[command(after_help = "Example: doorcode settings check")]
    Check,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode settings show --json")]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    json: Json,
}

pub(crate) async fn run(command: SettingsCommand, context: &Context) -> Result<u8, Failure> {
    let file = &context.paths.settings_file;
    match command {
        SettingsCommand::Path => println!("{}", file.display()),
        SettingsCommand::Show(ShowArgs { json }) if json.json => output::json(&context.settings()?)?,
        SettingsCommand::Show(_) => anstream::print!("{}", context.settings()?.to_toml()),
        SettingsCommand::Check if file.exists() => {
            context.settings()?;
            println!("{} is fine.", file.display());
        }
        SettingsCommand::Check => println!("There is no {}: the defaults are in force.", file.display()),
        SettingsCommand::Edit => return edit(context).await,
    }
    Ok(0)
}

/// Edits a copy and saves it only once it is valid, so that a running engine never sees a half-written file.
async fn edit(context: &Context) -> Result<u8, Failure> {
    context.create_folders()?;
    // Through a link to the file it points to, so that settings kept in a folder of dotfiles stay there.
    let file = context
        .paths
        .settings_file
        .canonicalize()
        .unwrap_or_else(|_| context.paths.settings_file.clone());
    let before = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Settings::default().to_toml(),
        Err(error) => return Err(unusable("read", &file, &error)),
    };
    let draft = Draft::new(&file, &before)?;
    loop {
        run_editor(&draft.path)?;
        let text =
            std::fs::read_to_string(&draft.path).map_err(|error| unusable("read", &draft.path, &error))?;
        if text == before {
            println!("Nothing changed.");
            return Ok(0);
        }
        match Settings::parse(&text, &file) {
            Ok(_) => {
                files::write_private(&file, text.as_bytes())
                    .map_err(|error| unusable("write", &file, &error))?;
                break;
            }
            Err(error) => {
                let problem = Problem::from(&error);
                if !asked_to_edit_again(&problem) {
                    return Err(problem.into());
                }
            }
        }
    }
    println!("Saved {}.", file.display());
    if let Some(reloaded) = context.reload().await? {
        let say = |what: &str, keys: &[String]| {
            if !keys.is_empty() {
                println!("{what}: {}", keys.join(", "));
            }
        };
        say(
            "In force once the editor is started again (doorcode restart)",
            &reloaded.restart_editor,
        );
        say(
            "In force once the engine is started again",
            &reloaded.restart_engine,
        );
    }
    Ok(0)
}

fn asked_to_edit_again(problem: &Problem) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    output::warning(problem);
    eprintln!("Nothing is saved. Enter edits again, anything else gives up: ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok_and(|read| read > 0) && answer.trim().is_empty()
}

fn run_editor(file: &Path) -> Result<(), Failure> {
    let editor = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(std::env::var_os)
        .filter(|editor| !editor.is_empty());
    let editor = editor.unwrap_or_else(|| OsString::from("vi"));
    // By the shell, because $EDITOR may carry arguments ("code --wait").
    let status = std::process::Command::new("sh")
        .args(["-c", "exec $0 \"$1\""])
        .arg(&editor)
        .arg(file)
        .status();
    let failed = |why: String| {
        let what = format!("the editor {} {why}; nothing is saved", editor.display());
        Problem::new("editor_command", what, "EDITOR=nano doorcode settings edit")
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure {
            problem: failed(format!("ended with {status}")),
            exit_code: 2,
        }),
        Err(error) => Err(Failure {
            problem: failed(format!("could not be started: {error}")),
            exit_code: 2,
        }),
    }
}

/// The copy that is edited, beside the file, gone when done.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn new(file: &Path, text: &str) -> Result<Draft, Failure> {
        let path = file.with_extension(format!("edit-{}.toml", std::process::id()));
        files::write_private(&path, text.as_bytes()).map_err(|error| unusable("write", &path, &error))?;
        Ok(Draft { path })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn unusable(verb: &str, path: &Path, error: &std::io::Error) -> Failure {
    let what = format!("cannot {verb} {}: {error}", path.display());
    Problem::new("settings_unusable", what, format!("ls -l {}", path.display())).into()
}
