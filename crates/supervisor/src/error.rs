//! What can go wrong with the editor.

use std::io;
use std::path::PathBuf;

use doorcode_settings::Problem;

use crate::state::ExitReason;

/// Why the editor does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SupervisorError {
    /// The folder to open is not there.
    #[error("the folder to open, {}, does not exist or is not a folder", .folder.display())]
    FolderMissing {
        /// From the settings or the command line.
        folder: PathBuf,
    },
    /// A socket's path has a limit of about a hundred bytes in every Unix.
    #[error("the path of the editor's socket, {}, is longer than the {limit} bytes a socket may have", .path.display())]
    SocketPathTooLong {
        /// The path.
        path: PathBuf,
        /// The most bytes it may have.
        limit: usize,
    },
    /// A folder or file of ours cannot be prepared.
    #[error("cannot prepare {}: {source}", .path.display())]
    Prepare {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The program cannot be started.
    #[error("cannot start {program}: {reason}")]
    Spawn {
        /// The program.
        program: String,
        /// What the system says.
        reason: String,
    },
    /// It ended too often.
    #[error(
        "the editor ended {exits} times without being asked, the last time because {last}; it is not started again"
    )]
    GaveUp {
        /// How often.
        exits: usize,
        /// The last reason.
        last: ExitReason,
        /// Where it says more.
        log: PathBuf,
    },
    /// It was started often enough, and never became ready.
    #[error("the editor was started {exits} times and did not become ready, the last time because {last}; its log is {}", .log.display())]
    NotReady {
        /// How often.
        exits: usize,
        /// The last reason.
        last: ExitReason,
        /// Where it says more.
        log: PathBuf,
    },
    /// Somebody stopped it while somebody else waited for it.
    #[error("the editor was stopped before it was ready")]
    StoppedMeanwhile,
    /// Some of its processes did not end, even by SIGKILL.
    #[error("{} of the editor's processes did not end: {}", .pids.len(), list(.pids))]
    Survivors {
        /// Their process ids.
        pids: Vec<u32>,
    },
    /// The record of an earlier editor cannot be used.
    #[error("cannot read {}, the record of an earlier editor: {source}", .path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The supervisor has been shut down.
    #[error("the editor's supervisor has ended")]
    ShutDown,
}

impl SupervisorError {
    fn code(&self) -> &'static str {
        match self {
            SupervisorError::FolderMissing { .. } => "folder_missing",
            SupervisorError::SocketPathTooLong { .. } => "editor_socket_path_too_long",
            SupervisorError::Prepare { .. } => "editor_files_unusable",
            SupervisorError::Spawn { .. } => "editor_not_started",
            SupervisorError::GaveUp { .. } => "editor_gave_up",
            SupervisorError::NotReady { .. } => "editor_not_ready",
            SupervisorError::StoppedMeanwhile => "editor_stopped",
            SupervisorError::Survivors { .. } => "editor_not_ended",
            SupervisorError::Record { .. } => "editor_record_unusable",
            SupervisorError::ShutDown => "engine_ending",
        }
    }

    fn fix(&self) -> String {
        match self {
            SupervisorError::FolderMissing { .. } => "doorcode settings edit".into(),
            SupervisorError::SocketPathTooLong { .. } => {
                "XDG_RUNTIME_DIR=/run/user/$(id -u) doorcode up".into()
            }
            SupervisorError::Prepare { path, .. } | SupervisorError::Record { path, .. } => {
                format!("ls -ld {}", path.display())
            }
            SupervisorError::Spawn { .. } => "doorcode install".into(),
            SupervisorError::GaveUp { .. } | SupervisorError::NotReady { .. } => {
                "`doorcode logs --editor` shows why; mend that, then `doorcode restart`".into()
            }
            SupervisorError::StoppedMeanwhile => "doorcode start".into(),
            SupervisorError::Survivors { pids } => format!("ps -o pid,stat,wchan,args -p {}", list(pids)),
            SupervisorError::ShutDown => "doorcode up".into(),
        }
    }
}

impl From<&SupervisorError> for Problem {
    fn from(error: &SupervisorError) -> Self {
        Problem::new(error.code(), error.to_string(), error.fix())
    }
}

fn list(pids: &[u32]) -> String {
    pids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}
