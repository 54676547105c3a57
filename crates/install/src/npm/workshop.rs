//! Runs the commands of a build: into one log, with progress, and not for ever.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use super::meter::Meter;
use crate::InstallError;
use crate::install_error::Trouble;
use crate::probe::command_line;
use crate::progress::{Phase, Run};
use crate::terminal::{self, Tool};

/// A command that prints nothing and brings nothing for so long is ended.
const STALL_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Where the commands run.
pub(super) struct Workshop<'a> {
    run: &'a Run,
    log: File,
}

impl<'a> Workshop<'a> {
    pub(super) fn new(run: &'a Run, log: &Path) -> Result<Self, InstallError> {
        Ok(Workshop {
            run,
            log: File::create(log).trouble("create", log)?,
        })
    }

    /// Runs one command; its progress is the growth of the folder that `meter` measures.
    pub(super) fn execute(
        &mut self,
        phase: Phase,
        tool: &Tool<'_>,
        mut meter: Meter,
    ) -> Result<(), InstallError> {
        let mut alive = Instant::now();
        let run = self.run;
        run.report(phase, meter.bytes(), Some(meter.expected), None);
        terminal::run(tool, &mut self.log, |line| {
            run.go_on()?;
            let before = meter.bytes();
            let measured = meter.measure();
            if line.is_some() || measured.is_some_and(|bytes| bytes != before) {
                alive = Instant::now();
            }
            if alive.elapsed() > STALL_LIMIT {
                return Err(InstallError::Command {
                    command: command_line(tool.program.as_os_str(), &tool.args),
                    what: format!("nothing happened for {} minutes", STALL_LIMIT.as_secs() / 60),
                    output: String::new(),
                });
            }
            if line.is_some() || measured.is_some() {
                run.report(
                    phase,
                    meter.bytes(),
                    Some(meter.expected),
                    line.map(str::to_owned),
                );
            }
            Ok(())
        })
    }
}
