//! The application's log: what Doorcode itself does, never what people type.

use std::io::Write;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use doorcode_logs::{Limit, LogSink};
use doorcode_settings::{Paths, Problem};

/// Where this process's events go: to `doorcode.log` while it hosts an engine, to stderr otherwise. Two processes must not
/// write and rotate the same file, and whoever holds the engine's lock is the one that writes it.
#[derive(Debug, Clone)]
pub struct AppLog {
    sink: Arc<ArcSwapOption<LogSink>>,
}

impl AppLog {
    /// Takes this process's events from now on.
    ///
    /// # Panics
    /// When called twice in a process: there is one subscriber.
    pub fn install() -> AppLog {
        let log = AppLog { sink: Arc::default() };
        let sink = log.sink.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::INFO)
            .with_writer(move || LineWriter {
                sink: sink.load_full(),
                line: Vec::new(),
            })
            .init();
        log
    }

    /// Writes to the log file from now on.
    ///
    /// # Errors
    /// `log_unusable`.
    pub(crate) fn open(&self, paths: &Paths) -> Result<LogSink, Problem> {
        let path = paths.app_log();
        let sink = LogSink::open(&path, Limit::default()).map_err(|error| {
            let what = format!("cannot write the log {}: {error}", path.display());
            Problem::new(
                "log_unusable",
                what,
                format!("ls -ld {}", paths.state_dir.display()),
            )
        })?;
        self.sink.store(Some(Arc::new(sink.clone())));
        Ok(sink)
    }

    /// Leaves the log file to others, after what is waiting has been written. Blocking.
    pub(crate) fn close(&self) {
        if let Some(sink) = self.sink.swap(None) {
            sink.flush();
        }
    }
}

/// Collects what is written of one event and hands it over as a line.
struct LineWriter {
    sink: Option<Arc<LogSink>>,
    line: Vec<u8>,
}

impl Write for LineWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for LineWriter {
    fn drop(&mut self) {
        let line = std::mem::take(&mut self.line);
        match &self.sink {
            Some(sink) => sink.bytes(line),
            // Nobody may be there to read it, which is nobody's trouble.
            None => drop(std::io::stderr().write_all(&line)),
        }
    }
}
