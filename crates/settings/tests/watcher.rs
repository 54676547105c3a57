//! Files changed in every way that editors and deployments change them.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorcode_settings::{Watcher, files};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::timeout;

/// Long enough for a report to come if it comes at all: the watcher is quiet for 100 ms first.
const SOON: Duration = Duration::from_millis(400);

struct Watch {
    folder: tempfile::TempDir,
    reports: Receiver<()>,
    _watcher: Watcher,
}

impl Watch {
    fn on(folder: tempfile::TempDir, names: &[&str]) -> Watch {
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
        let (sender, reports) = channel(1);
        let watcher = Watcher::new(paths, sender).unwrap();
        Watch {
            folder,
            reports,
            _watcher: watcher,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn reports(&mut self, what: &str) {
        let report = timeout(Duration::from_secs(10), self.reports.recv()).await;
        assert_eq!(
            report.unwrap_or_else(|_| panic!("not reported: {what}")),
            Some(()),
            "{what}"
        );
    }

    async fn is_quiet(&mut self, what: &str) {
        assert!(
            timeout(SOON, self.reports.recv()).await.is_err(),
            "reported: {what}"
        );
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn writing_replacing_removing_and_permissions_are_each_reported_once() {
    let mut watch = Watch::on(folder(), &["a.toml"]);
    let file = watch.path("a.toml");
    fs::write(&file, "1").unwrap();
    watch.reports("creation").await;
    watch.is_quiet("nothing").await;
    fs::write(&file, "2").unwrap();
    watch.reports("writing").await;
    files::write_private(&file, b"3").unwrap();
    watch.reports("replacement by renaming").await;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    watch.reports("permissions").await;
    fs::remove_file(&file).unwrap();
    watch.reports("removal").await;
    fs::write(&file, "4").unwrap();
    watch.reports("creation after removal").await;
    watch.is_quiet("nothing").await;
}

#[tokio::test]
async fn many_writes_are_one_report() {
    let mut watch = Watch::on(folder(), &["a.toml", "b.toml"]);
    for number in 0..50 {
        fs::write(watch.path("a.toml"), number.to_string()).unwrap();
        fs::write(watch.path("b.toml"), number.to_string()).unwrap();
    }
    watch.reports("fifty writes").await;
    watch.is_quiet("the same writes again").await;
}

#[tokio::test]
async fn reading_and_the_neighbours_are_not_reported() {
    let folder = folder();
    fs::write(folder.path().join("a.toml"), "1").unwrap();
    let mut watch = Watch::on(folder, &["a.toml"]);
    fs::read(watch.path("a.toml")).unwrap();
    fs::write(watch.path("neighbour"), "x").unwrap();
    watch.is_quiet("reading, and another file").await;
    fs::write(watch.path("a.toml"), "2").unwrap();
    watch.reports("the file itself").await;
}

#[tokio::test]
async fn a_folder_may_come_go_and_come_again() {
    let mut watch = Watch::on(folder(), &["deep/er/a.toml"]);
    let file = watch.path("deep/er/a.toml");
    for round in 0..3 {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("{round}")).unwrap();
        watch.reports("creation with its folders").await;
        fs::write(&file, format!("again {round}")).unwrap();
        watch.reports("writing in a new folder").await;
        fs::remove_dir_all(watch.path("deep")).unwrap();
        watch.reports("removal with its folders").await;
    }
}

#[tokio::test]
async fn a_folder_replaced_within_an_instant_is_still_watched() {
    let folder = folder();
    fs::create_dir(folder.path().join("config")).unwrap();
    let mut watch = Watch::on(folder, &["config/a.toml"]);
    for round in 0..5 {
        fs::remove_dir_all(watch.path("config")).unwrap();
        fs::create_dir(watch.path("config")).unwrap();
        fs::write(watch.path("config/a.toml"), format!("{round}")).unwrap();
        watch.reports("a new folder in the old one's place").await;
        fs::write(watch.path("config/a.toml"), format!("again {round}")).unwrap();
        watch.reports("writing in it").await;
    }
}

#[tokio::test]
async fn links_are_followed_wherever_they_are_changed() {
    let folder = folder();
    for version in ["v1", "v2"] {
        fs::create_dir_all(folder.path().join("archive").join(version)).unwrap();
        fs::write(
            folder.path().join("archive").join(version).join("cert.pem"),
            version,
        )
        .unwrap();
    }
    fs::create_dir(folder.path().join("live")).unwrap();
    // As Kubernetes mounts secrets: the file links through a link that is swapped.
    symlink("../archive/v1", folder.path().join("live/..data")).unwrap();
    symlink("..data/cert.pem", folder.path().join("live/cert.pem")).unwrap();
    let mut watch = Watch::on(folder, &["live/cert.pem"]);

    fs::write(watch.path("archive/v1/cert.pem"), "renewed in place").unwrap();
    watch.reports("the target's contents").await;
    swap(&watch.path("live/..data"), "../archive/v2");
    watch.reports("a link on the way").await;
    fs::write(watch.path("archive/v1/cert.pem"), "old").unwrap();
    watch.is_quiet("what it no longer leads to").await;
    fs::write(watch.path("archive/v2/cert.pem"), "new").unwrap();
    watch.reports("the new target's contents").await;
    swap(&watch.path("live/cert.pem"), "../archive/v1/cert.pem");
    watch.reports("the file's own link").await;
}

fn swap(link: &Path, target: &str) {
    let new = link.with_file_name("next");
    symlink(target, &new).unwrap();
    fs::rename(new, link).unwrap();
}

#[tokio::test]
async fn a_receiver_that_is_busy_misses_nothing_and_does_not_end_it() {
    let mut watch = Watch::on(folder(), &["a.toml"]);
    fs::write(watch.path("a.toml"), "1").unwrap();
    let full = async {
        while watch.reports.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), full)
        .await
        .expect("the first report waits in the channel");
    fs::write(watch.path("a.toml"), "2").unwrap();
    assert!(
        timeout(SOON, std::future::pending::<()>()).await.is_err(),
        "time for a report that finds it full"
    );
    watch.reports("both writes").await;
    watch.is_quiet("the second write once more").await;
    fs::write(watch.path("a.toml"), "3").unwrap();
    watch.reports("a write after that").await;
}

#[tokio::test]
async fn dropping_the_watcher_ends_it() {
    let Watch {
        folder,
        mut reports,
        _watcher,
    } = Watch::on(folder(), &["a.toml"]);
    drop(_watcher);
    fs::write(folder.path().join("a.toml"), "1").unwrap();
    let end = timeout(Duration::from_secs(10), reports.recv())
        .await
        .expect("the sender is dropped with it");
    assert_eq!(end, None);
}
