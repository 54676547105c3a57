//! The logs, followed while somebody looks at them, and the bundle for a bug report.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorcode_actions::logs::{self, Level, Parser, Record, Which};
use doorcode_actions::{open, report};
use doorcode_logs::Follow;
use doorcode_settings::Paths;
use serde::Serialize;
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Runtime, State};
use tokio::time::{Instant, timeout_at};

use super::{Answer, Work, blocking};
use crate::dialogs::{self, Choice};
use crate::engine_link::EngineLink;
use crate::window;

/// The most lines that are read back when a log is opened.
const MOST_LINES: usize = 5000;
/// Lines are told together that come within this time: a page cannot show more than ten changes a second.
const PACE: Duration = Duration::from_millis(100);
/// The most lines told together. A log that is written faster is told later, never with gaps.
const MOST_TOGETHER: usize = 500;
/// Lines that are there already come within this time.
const READ_LIMIT: Duration = Duration::from_secs(5);

/// The event `log`: new lines.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct LogLines {
    which: Which,
    records: Vec<Record>,
}

/// The log that is followed; one, as the window shows one.
#[derive(Debug, Default)]
pub(crate) struct OpenLog(Mutex<Option<JoinHandle<()>>>);

impl OpenLog {
    fn replace(&self, follower: Option<JoinHandle<()>>) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *slot, follower) {
            before.abort();
        }
    }

    /// Follows no log any more.
    pub(crate) fn close(&self) {
        self.replace(None);
    }
}

/// The last `lines` lines of a log, 5000 at most; the event `log` tells of each new one until `log_close`.
#[tauri::command]
pub(crate) async fn log_open<R: Runtime>(
    which: Which,
    lines: usize,
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    open: State<'_, OpenLog>,
) -> Answer<Vec<Record>> {
    open.close();
    let paths = link.paths();
    let lines = lines.min(MOST_LINES);
    let there = count(paths, which, lines).await?;
    let mut log = logs::follow(paths, which, lines).await?;
    let mut parser = Parser::new(which);
    let records = read(&mut log, &mut parser, there).await;
    let follower = tell(app.clone(), which, log, parser);
    open.replace(Some(tauri::async_runtime::spawn(follower)));
    if !window::is_open(&app) {
        open.close(); // It has closed meanwhile.
    }
    Ok(records)
}

/// Follows no log any more.
#[tauri::command]
pub(crate) fn log_close(open: State<'_, OpenLog>) {
    open.close();
}

/// Shows the folder of the logs in the file manager.
#[tauri::command]
pub(crate) async fn open_log_folder(link: State<'_, EngineLink>) -> Answer<()> {
    open::open_on_desktop(&link.paths().state_dir).await
}

/// Saves a bundle for a bug report, without secrets, where the person says; `null` when they do not.
#[tauri::command]
pub(crate) async fn export_report<R: Runtime>(
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    work: State<'_, Work>,
) -> Answer<Option<PathBuf>> {
    let name = report::default_name();
    let Some(file) = dialogs::choose(&app, "Save the report", Choice::Save(name)).await else {
        return Ok(None);
    };
    let _work = work.begin();
    report::write(link.paths(), file.clone()).await?;
    Ok(Some(file))
}

/// How many lines there are to read back.
async fn count(paths: &Paths, which: Which, lines: usize) -> Answer<usize> {
    let paths = paths.clone();
    blocking(move || {
        doorcode_logs::tail(&which.path(&paths), lines)
            .map(|lines| lines.len())
            .map_err(|error| logs::unreadable(which, &paths, &error))
    })
    .await
}

/// The first `wanted` lines; fewer when they do not come, because the file they were in was removed meanwhile.
async fn read(log: &mut Follow, parser: &mut Parser, wanted: usize) -> Vec<Record> {
    let deadline = Instant::now() + READ_LIMIT;
    let mut records = Vec::with_capacity(wanted);
    while records.len() < wanted {
        match timeout_at(deadline, log.next()).await {
            Ok(Some(Ok(line))) => records.push(parser.record(&line)),
            _ => break,
        }
    }
    records
}

/// Tells the window of new lines. Sleeps while there are none.
async fn tell<R: Runtime>(app: AppHandle<R>, which: Which, mut log: Follow, mut parser: Parser) {
    while let Some(first) = log.next().await {
        let until = Instant::now() + PACE;
        let mut record = |line: std::io::Result<String>| match line {
            Ok(line) => parser.record(&line),
            Err(error) => Record {
                time: None,
                level: Level::Error,
                text: format!("this log cannot be followed any further: {error}"),
            },
        };
        let mut records = vec![record(first)];
        while records.len() < MOST_TOGETHER
            && let Ok(Some(line)) = timeout_at(until, log.next()).await
        {
            records.push(record(line));
        }
        window::tell(&app, "log", LogLines { which, records });
        tokio::time::sleep_until(until).await;
    }
}
