//! Releases from archives: what is installed, kept, replaced, and what is left when it does not work out.

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use doorcode_install::{InstallError, Phase, Source, install};
use doorcode_settings::Problem;
use support::{
    Folder, Part, archive, find_installed, install_bytes, listing, release, says, sha256, version,
};

/// Installs 4.139.1, tries this, and checks that it fails and that nothing but the first install is there
/// afterwards.
async fn failure(bytes: &[u8]) -> InstallError {
    let folder = Folder::new();
    let installed = install_bytes(&folder, &release("4.139.1"))
        .await
        .expect("installed");
    let before = listing(&folder);
    let error = install_bytes(&folder, bytes)
        .await
        .expect_err("it cannot be installed");
    assert_eq!(listing(&folder), before, "after {error}");
    assert_eq!(find_installed(&folder), Some(installed), "after {error}");
    error
}

#[tokio::test]
async fn a_release_is_unpacked_proved_and_made_current() {
    let folder = Folder::new();
    let mut phases = Vec::new();
    let bytes = release("4.139.1");
    let file = folder.join("archive.tar.gz");
    fs::write(&file, &bytes).expect("written");
    let source = Source::Archive {
        location: file.display().to_string(),
        sha256: sha256(&bytes).to_uppercase(),
    };
    let progress = |step: doorcode_install::Progress| {
        assert!(step.total.is_none_or(|total| step.done <= total), "{step:?}");
        if phases.last() != Some(&step.phase) {
            phases.push(step.phase);
        }
    };
    let dir = folder.join("installs");
    let wanted = Some(version("4.139.1"));
    let installed = install(&dir, source, wanted, progress, std::future::pending())
        .await
        .expect("installed");

    assert_eq!(phases, [Phase::Fetching, Phase::Unpacking, Phase::Proving]);
    assert_eq!(installed.entry, dir.join("4.139.1-1/bin/code-server"));
    assert_eq!(find_installed(&folder), Some(installed));
    assert_eq!(
        fs::read_link(dir.join("current")).expect("a link"),
        PathBuf::from("4.139.1-1")
    );
    let noise = fs::read(dir.join("4.139.1-1/lib/noise")).expect("unpacked");
    assert_eq!(
        fs::read(dir.join("4.139.1-1/lib/noise-again")).expect("unpacked"),
        noise
    );
    assert_eq!(
        fs::read(dir.join("4.139.1-1/lib/vscode/bin/code")).expect("linked"),
        noise
    );
    assert!(
        !listing(&folder)
            .iter()
            .any(|line| line.contains("staging") || line.contains("archive"))
    );
}

#[tokio::test]
async fn the_install_before_is_kept_and_older_ones_go() {
    let folder = Folder::new();
    for number in ["4.120.0", "4.139.1", "4.139.1"] {
        install_bytes(&folder, &release(number)).await.expect("installed");
    }
    let mut names: Vec<_> = fs::read_dir(folder.join("installs"))
        .expect("it exists")
        .map(|entry| entry.expect("readable").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["4.139.1-2", "4.139.1-3", "current"]);
}

#[tokio::test]
async fn an_install_that_a_process_runs_from_is_kept() {
    let folder = Folder::new();
    install_bytes(&folder, &release("4.120.0"))
        .await
        .expect("installed");
    let mut running = Command::new(folder.join("installs/4.120.0-1/bin/wait"))
        .stdin(Stdio::piped())
        .spawn()
        .expect("started");
    for _ in 0..2 {
        install_bytes(&folder, &release("4.139.1"))
            .await
            .expect("installed");
    }
    assert!(folder.join("installs/4.120.0-1/bin/wait").exists());

    drop(running.stdin.take());
    running.wait().expect("it ends at the end of its input");
    install_bytes(&folder, &release("4.139.1"))
        .await
        .expect("installed");
    assert!(!folder.join("installs/4.120.0-1").exists());
}

#[tokio::test]
async fn what_a_killed_install_left_is_removed() {
    let folder = Folder::new();
    folder.file("installs/.staging-old/tree/app/file", "half");
    install_bytes(&folder, &release("4.139.1"))
        .await
        .expect("installed");
    assert!(!folder.join("installs/.staging-old").exists());
}

#[tokio::test]
async fn another_archive_than_the_one_meant_is_not_unpacked() {
    let folder = Folder::new();
    let bytes = release("4.139.1");
    let file = folder.join("archive.tar.gz");
    fs::write(&file, &bytes).expect("written");
    let attempt = async |sha256: &str| {
        let source = Source::Archive {
            location: file.display().to_string(),
            sha256: sha256.to_owned(),
        };
        let dir = folder.join("installs");
        install(
            &dir,
            source,
            None,
            |step| assert_ne!(step.phase, Phase::Unpacking),
            std::future::pending(),
        )
        .await
    };
    let other = sha256(b"other");
    match attempt(&other).await {
        Err(error @ InstallError::ChecksumMismatch { .. }) => {
            let problem = Problem::from(&error);
            assert_eq!(problem.code, "sha256_mismatch");
            assert!(
                problem.message.contains(&other) && problem.message.contains(&sha256(&bytes)),
                "{problem}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        attempt("abc").await,
        Err(InstallError::ChecksumMalformed { .. })
    ));
    assert_eq!(listing(&folder), [] as [&str; 0]);
}

#[tokio::test]
async fn what_is_no_archive_or_a_damaged_one() {
    let good = release("4.139.1");
    let cut_off = &good[..good.len() / 2];
    let mut damaged = good.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    for bytes in [
        cut_off,
        damaged.as_slice(),
        b"",
        b"no archive at all",
        &archive(&[]),
    ] {
        let error = failure(bytes).await;
        assert!(matches!(error, InstallError::ArchiveBroken(_)), "{error:?}");
    }
}

#[tokio::test]
async fn what_does_not_run_does_not_become_current() {
    let old = failure(&release("4.112.0")).await;
    assert_eq!(Problem::from(&old).code, "code_server_too_old");

    let program = |text: String| archive(&[Part::Script("x/bin/code-server", text)]);
    for text in ["exit 1", "echo hello", "exec /nonexistent"] {
        let error = failure(&program(text.to_owned())).await;
        assert_eq!(Problem::from(&error).code, "code_server_broken", "{error}");
    }
    let none = failure(&archive(&[Part::File("x/README", b"hello".to_vec())])).await;
    assert_eq!(Problem::from(&none).code, "code_server_missing");

    // It runs in the staging folder and not where it is to stay.
    let fickle = program(format!("case \"$0\" in */.staging-*) {};; esac", says("4.139.1")));
    assert_eq!(Problem::from(&failure(&fickle).await).code, "code_server_broken");
}

#[tokio::test]
async fn another_version_than_the_one_asked_for() {
    let folder = Folder::new();
    let bytes = release("4.139.1");
    fs::write(folder.join("a.tar.gz"), &bytes).expect("written");
    let attempt = async |wanted: &str| {
        let location = folder.join("a.tar.gz").display().to_string();
        let source = Source::Archive {
            location,
            sha256: sha256(&bytes),
        };
        install(
            &folder.join("installs"),
            source,
            Some(version(wanted)),
            |_| {},
            std::future::pending(),
        )
        .await
    };
    let error = attempt("4.140.0").await.expect_err("it is 4.139.1");
    assert_eq!(
        error.to_string(),
        "code-server 4.140.0 was asked for, but what came is 4.139.1"
    );
    assert_eq!(listing(&folder), [] as [&str; 0]);
    assert!(matches!(
        attempt("4.100.0").await,
        Err(InstallError::TooOld { .. })
    ));
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named() {
    let folder = Folder::new();
    let (dir, fifo) = (folder.join("installs"), folder.join("fifo"));
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("made");
    for (file, what) in [
        (folder.join("none"), "No such file"),
        (folder.path().into(), "not a file"),
        (fifo, "not a file"),
    ] {
        let source = Source::Archive {
            location: file.display().to_string(),
            sha256: sha256(b""),
        };
        let attempt = install(&dir, source, None, |_| {}, std::future::pending());
        let problem = Problem::from(&attempt.await.expect_err("it cannot be read"));
        assert_eq!(problem.code, "install_io");
        assert!(
            problem.message.contains(&file.display().to_string()) && problem.message.contains(what),
            "{problem}"
        );
    }
    assert_eq!(listing(&folder), [] as [&str; 0]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_named() {
    let folder = Folder::new();
    folder.file("installs", "a file");
    let error = install_bytes(&folder, &release("4.139.1"))
        .await
        .expect_err("it is a file");
    assert!(matches!(error, InstallError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains("installs"), "{error}");
}

/// The other half of the next test: the same program, in a process that may write only small files.
#[tokio::test]
#[ignore = "run by a_disk_that_takes_no_more"]
async fn child_of_a_disk_that_takes_no_more() {
    let folder = Folder::new();
    let installed = install_bytes(
        &folder,
        &archive(&[Part::Script("x/bin/code-server", says("4.120.0"))]),
    )
    .await;
    let installed = installed.expect("small enough");
    let before = listing(&folder);

    // The archive is small, what comes out of it is not.
    let zeros = vec![0; 4_000_000];
    let large = archive(&[
        Part::File("x/zeros", zeros),
        Part::Script("x/bin/code-server", says("4.139.1")),
    ]);
    match install_bytes(&folder, &large).await {
        Err(InstallError::Io {
            action: "write",
            path,
            ..
        }) => assert!(path.ends_with("tree/zeros"), "{path:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(listing(&folder), before);
    assert_eq!(find_installed(&folder), Some(installed));
}

#[test]
fn a_disk_that_takes_no_more() {
    // 512-byte blocks: files of 256 kB at most. Without the signal, writing more is an error, as on a full
    // disk.
    let script =
        "trap '' XFSZ; ulimit -f 512; exec \"$0\" --exact child_of_a_disk_that_takes_no_more --ignored";
    let child = Command::new("/bin/sh")
        .args(["-c", script])
        .arg(std::env::current_exe().expect("this test"))
        .output()
        .expect("started");
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && output.contains("1 passed"), "{output}");
}
