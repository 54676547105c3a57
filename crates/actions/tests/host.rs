//! An engine hosted here, asked as both faces ask it.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::process::Command;
use std::time::Duration;

use doorcode_actions::app_log::AppLog;
use doorcode_actions::{auth, control, host, password, sessions};
use doorcode_engine::{Overrides, PasswordPlace, PasswordState, Reply, Request, State, Status};
use doorcode_settings::{AuthMode, Paths};

/// The person's own keyring is none of a test's business: the test runs itself again without one.
fn runs_without_keyring(test: &str) -> bool {
    if std::env::var_os("DOORCODE_KEYRING").is_some_and(|choice| choice == "none") {
        return true;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("DOORCODE_KEYRING", "none")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    false
}

fn home() -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let paths = Paths {
        settings_file: at("settings.toml"),
        data_dir: at("data"),
        state_dir: at("state"),
        runtime_dir: at("run"),
    };
    let settings = format!(
        "[editor]\nprogram = {:?}\n[gateway]\nlisten = [\"127.0.0.1:0\"]\n",
        at("no-code-server")
    );
    std::fs::write(&paths.settings_file, settings).unwrap();
    (dir, paths)
}

async fn status(paths: &Paths) -> Status {
    match control::ask(paths, &Request::Status).await.unwrap() {
        Reply::Status(status) => *status,
        _ => panic!("something else than a status"),
    }
}

#[test]
fn an_engine_without_an_editor_is_up_and_says_so_and_ends_in_order() {
    if !runs_without_keyring("an_engine_without_an_editor_is_up_and_says_so_and_ends_in_order") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .unwrap();
    runtime.block_on(async {
        let (_dir, paths) = home();
        let nobody = control::ask(&paths, &Request::Status).await.err().unwrap();
        assert_eq!(nobody.code, "not_running");

        let log = AppLog::install();
        let hosted = host::start(&paths, Overrides::default(), None, &log)
            .await
            .unwrap();
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        let failed = loop {
            let status = status(&paths).await;
            if status.state == State::Failed {
                break status;
            }
            assert!(std::time::Instant::now() < deadline, "{status:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(
            failed.problems[0].message.contains("no-code-server"),
            "{:?}",
            failed.problems
        );
        assert_eq!(failed.urls.len(), 1, "the door is up");

        let second = host::start(&paths, Overrides::default(), None, &log)
            .await
            .unwrap_err();
        assert_eq!(second.code, "already_running");

        the_password(&paths).await;
        the_toggle(&paths).await;
        assert!(sessions::list(&paths).await.unwrap().value.is_empty());

        hosted.shutdown().await;
        assert!(control::connect(&paths).await.unwrap().is_none());
        let log = std::fs::read_to_string(paths.app_log()).unwrap();
        assert!(
            log.contains("the engine runs") && log.trim_end().ends_with("the engine has ended"),
            "{log}"
        );
    });
}

/// A generated password that is kept as a hash is known to be new until it has been shown, once.
async fn the_password(paths: &Paths) {
    let kept = |new| PasswordState {
        kept: PasswordPlace::HashOnly,
        new,
    };
    assert_eq!(password::state(paths).await.unwrap(), kept(true));
    assert!(password::show_new(paths).await.unwrap().is_some());
    assert_eq!(password::state(paths).await.unwrap(), kept(false));
    assert_eq!(password::show_new(paths).await.unwrap(), None);
    assert_eq!(
        password::show(paths).await.err().unwrap().code,
        "password_not_shown"
    );
}

async fn the_toggle(paths: &Paths) {
    let reloaded = auth::set_mode(paths, AuthMode::None).await.unwrap().unwrap();
    assert_eq!(reloaded.applied, ["auth.mode"]);
    assert_eq!(status(paths).await.auth, AuthMode::None);
}

#[test]
fn without_an_engine_the_files_are_used() {
    if !runs_without_keyring("without_an_engine_the_files_are_used") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (_dir, paths) = home();
        let nothing = password::state(&paths).await.unwrap();
        assert_eq!(nothing.kept, PasswordPlace::None);
        password::set(&paths, "a password of mine".into()).await.unwrap();
        assert_eq!(
            password::state(&paths).await.unwrap().kept,
            PasswordPlace::HashOnly
        );
        assert_eq!(sessions::revoke_all(&paths).await.unwrap().value, 0);
        let unknown = sessions::revoke(&paths, "ab12cd34".into()).await.unwrap_err();
        assert_eq!(unknown.code, "session_unknown");
        assert_eq!(auth::set_mode(&paths, AuthMode::None).await.unwrap(), None);
        let text = std::fs::read_to_string(&paths.settings_file).unwrap();
        assert!(text.contains("mode = \"none\""), "{text}");
    });
}
