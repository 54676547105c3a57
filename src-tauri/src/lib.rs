//! The desktop application: a tray, a window, and the engine behind them.
//!
//! It decides nothing about the editor or its door: it hosts the engine in this process, or attaches to one that runs, and
//! drives either over the control socket, as the command `doorcode` does.

mod app;
mod arguments;
mod autostart;
#[cfg(test)]
mod bindings;
mod clipboard;
mod commands;
mod dialogs;
mod engine_link;
mod environment;
mod launch;
mod notify;
mod own_address;
mod preferences;
mod quit;
#[cfg(target_os = "linux")]
mod session_bus;
mod shortcut;
#[cfg(test)]
mod testing;
mod tray;
mod welcome;
mod window;

use std::process::ExitCode;

use clap::Parser;

/// Runs the application until the person quits. To be called first thing in `main`: it prepares what has to be ready before
/// there are threads.
pub fn run() -> ExitCode {
    environment::prepare();
    app::run(&arguments::Arguments::parse()).unwrap_or_else(|problem| {
        eprintln!("doorcode-desktop: {}\n  next: {}", problem.message, problem.fix);
        ExitCode::from(2)
    })
}
