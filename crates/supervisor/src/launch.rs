//! What a start of the editor needs to know.

use std::path::PathBuf;
use std::time::Duration;

use doorcode_install::CodeServer;
use doorcode_logs::LogSink;

/// Everything about one start of the editor.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program.
    pub code_server: CodeServer,
    /// The folder it is started in, and opened where an address names none.
    pub folder: PathBuf,
    /// The person's own arguments.
    pub args: Vec<String>,
    /// Where it listens, in a folder that is made private to us.
    pub socket: PathBuf,
    /// The file that tells a later engine what we started.
    pub record: PathBuf,
    /// Its configuration file, written anew at each start.
    pub config: PathBuf,
    /// Its `--user-data-dir`.
    pub user_data_dir: PathBuf,
    /// Its `--extensions-dir`.
    pub extensions_dir: PathBuf,
    /// Whether it refuses to reach local ports for the browser.
    pub disable_proxy: bool,
    /// Where its output goes.
    pub log: LogSink,
    /// The file behind `log`, for messages.
    pub log_path: PathBuf,
    /// How long it may take, and how often it may fail.
    pub timing: Timing,
}

/// How long the editor may take, and how often it may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From its start to the first `/healthz` answered with 200. Warm it takes half a second; a cold disk many.
    pub start_limit: Duration,
    /// From SIGTERM to the hang-up. code-server's own cap for an orderly end is 5 s; what is left then has 2 s more at most.
    pub stop_limit: Duration,
    /// The span in which exits are counted.
    pub window: Duration,
    /// The exits nobody asked for within `window` after which it is not started again.
    pub give_up_after: usize,
    /// The wait after the first exit; it doubles with each further one.
    pub backoff_base: Duration,
    /// The longest wait.
    pub backoff_cap: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            start_limit: Duration::from_secs(60),
            stop_limit: Duration::from_secs(5),
            window: Duration::from_secs(120),
            give_up_after: 5,
            backoff_base: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(15),
        }
    }
}
