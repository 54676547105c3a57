//! The real thing from the registries.

mod support;

use std::time::Instant;

use doorcode_install::{DEFAULT_VERSION, Phase, Source, install};
use support::{Folder, find_installed};

#[tokio::test]
#[ignore = "two minutes, the network and a compiler: cargo test -p doorcode-install --test npm -- --ignored --nocapture"]
async fn code_server_is_built_from_npm_and_runs() {
    let folder = Folder::new();
    let started = Instant::now();
    let (mut phase, mut most) = (None, 0);
    let progress = |step: doorcode_install::Progress| {
        if phase.replace(step.phase) != Some(step.phase) {
            println!("{:6.1} s  {}", started.elapsed().as_secs_f32(), step.phase);
        }
        if let Some(line) = step.line {
            println!(
                "{:6.1} s  {} MB  {line}",
                started.elapsed().as_secs_f32(),
                step.done / 1_000_000
            );
        }
        if step.phase == Phase::Building {
            most = most.max(step.done);
        }
    };
    let dir = folder.join("installs");
    let installed = install(&dir, Source::Npm, None, progress, std::future::pending())
        .await
        .expect("installed");
    println!(
        "{:6.1} s  done, {} MB counted",
        started.elapsed().as_secs_f32(),
        most / 1_000_000
    );
    assert_eq!(installed.version, DEFAULT_VERSION);
    assert!(
        installed.node.as_ref().is_some_and(|node| node.starts_with(&dir)),
        "{installed:?}"
    );
    assert!(dir.join("4.139.1-1/node/LICENSE").is_file());
    assert_eq!(find_installed(&folder), Some(installed));
}
