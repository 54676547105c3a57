//! The last 24 hours, a point every 5 minutes, in a small file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use doorcode_settings::files;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tracing::warn;

use crate::status::{State, Status};

/// From the engine's start to the first point: by then the editor runs, if it does.
pub(super) const FIRST: std::time::Duration = std::time::Duration::from_secs(10);
/// Between two points.
pub(super) const EVERY: std::time::Duration = std::time::Duration::from_secs(5 * 60);
/// How far back it goes.
const SPAN: Duration = Duration::hours(24);
/// Points kept.
const MOST: usize = 288;

/// How things were at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HistoryPoint {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: OffsetDateTime,
    /// The editor's state.
    pub state: State,
    /// The median time of the editor's answers in the 5 minutes before, microseconds.
    pub p50_micros: Option<u32>,
    /// What 19 of 20 of them stayed below.
    pub p95_micros: Option<u32>,
    /// Open client connections.
    pub connections: u32,
    /// Resident memory of the editor with all it started.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub rss_bytes: Option<u64>,
    /// The code of the first problem.
    pub problem: Option<String>,
}

impl HistoryPoint {
    pub(super) fn of(status: &Status) -> HistoryPoint {
        HistoryPoint {
            at: OffsetDateTime::now_utc(),
            state: status.state,
            p50_micros: status.health.p50_micros,
            p95_micros: status.health.p95_micros,
            connections: u32::try_from(status.connections).unwrap_or(u32::MAX),
            rss_bytes: status.editor.rss_bytes,
            problem: status.problems.first().map(|problem| problem.code.clone()),
        }
    }
}

/// Keeps it across engines.
#[derive(Debug)]
pub(super) struct History {
    file: PathBuf,
    kept: Kept,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept {
    points: Vec<HistoryPoint>,
}

impl History {
    /// Reads `file`. One that cannot be used is set aside, and the history begins anew. Blocking.
    pub(super) fn open(file: PathBuf) -> History {
        let now = OffsetDateTime::now_utc();
        let kept = match read(&file) {
            Ok(kept) => kept.unwrap_or_default(),
            Err(reason) => {
                let aside = aside(&file, now);
                let set_aside = std::fs::rename(&file, &aside);
                warn!(file = %file.display(), reason, ?set_aside, aside = %aside.display(), "the history begins anew");
                Kept::default()
            }
        };
        let mut history = History { file, kept };
        history.forget(now);
        history
    }

    /// The oldest first.
    pub(super) fn points(&self) -> Vec<HistoryPoint> {
        self.kept.points.clone()
    }

    /// Adds a point; gives what writes it down, which blocks.
    pub(super) fn add(&mut self, point: HistoryPoint) -> impl FnOnce() + Send + 'static {
        let now = point.at;
        self.kept.points.push(point);
        self.forget(now);
        let (file, kept) = (self.file.clone(), self.kept.clone());
        move || {
            let written = serde_json::to_vec(&kept)
                .map_err(std::io::Error::from)
                .and_then(|json| files::write_private(&file, &json));
            if let Err(error) = written {
                warn!(%error, file = %file.display(), "the history is not kept");
            }
        }
    }

    /// Also what claims to be of the future: the clock was set back, and it would never end.
    fn forget(&mut self, now: OffsetDateTime) {
        let points = &mut self.kept.points;
        points.retain(|point| now - point.at < SPAN && point.at <= now);
        points.sort_by_key(|point| point.at);
        let surplus = points.len().saturating_sub(MOST);
        points.drain(..surplus);
    }
}

fn read(file: &Path) -> Result<Option<Kept>, String> {
    match files::read_private(file) {
        Ok(json) => serde_json::from_slice(&json)
            .map(Some)
            .map_err(|error| error.to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn aside(file: &Path, now: OffsetDateTime) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".corrupt-{}", now.unix_timestamp()));
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn point(ago: Duration) -> HistoryPoint {
        let mut point = HistoryPoint::of(&Status::not_running());
        point.at -= ago;
        point
    }

    #[test]
    fn it_survives_the_engine_for_its_owners_eyes_only() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("history.json");
        let mut history = History::open(file.clone());
        let (old, new) = (point(Duration::hours(23)), point(Duration::ZERO));
        history.add(old.clone())();
        history.add(new.clone())();
        assert_eq!(History::open(file.clone()).points(), [old, new]);
        assert_eq!(file.metadata().expect("written").mode() & 0o777, 0o600);
    }

    #[test]
    fn a_day_is_kept_and_not_more_points_than_a_day_has() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut history = History::open(dir.path().join("history.json"));
        let _ = history.add(point(Duration::hours(25)));
        let _ = history.add(point(Duration::ZERO));
        assert_eq!(history.points().len(), 1, "the older one is forgotten");
        for minutes in (0..2 * MOST as i64).rev() {
            let _ = history.add(point(Duration::minutes(minutes)));
        }
        assert_eq!(history.points().len(), MOST);
        assert!(history.points().is_sorted_by_key(|point| point.at));
        history.kept.points.push(point(-Duration::hours(1)));
        history.forget(OffsetDateTime::now_utc());
        assert!(
            history
                .points()
                .iter()
                .all(|point| point.at <= OffsetDateTime::now_utc())
        );
    }

    #[test]
    fn a_file_that_cannot_be_used_is_set_aside() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("history.json");
        files::write_private(&file, b"{\"points\": 3}").expect("written");
        let mut history = History::open(file.clone());
        assert!(history.points().is_empty() && !file.exists());
        let names: Vec<String> = std::fs::read_dir(dir.path())
            .expect("readable")
            .map(|entry| {
                entry
                    .expect("readable")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        assert!(
            matches!(&*names, [name] if name.starts_with("history.json.corrupt-")),
            "{names:?}"
        );
        history.add(point(Duration::ZERO))();
        assert_eq!(History::open(file).points().len(), 1);
    }
}
