//! What happens to the editor when its engine is killed, and what the next engine does about it.
//!
//! The engine is this very test program, started once more.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use doorcode_supervisor::{Swept, sweep_leftover, tree};
use serde_json::{Value, json};
use support::{Family, Home, TIMING, holds_within, lives, supervise, until};

const HOME: &str = "DOORCODE_TEST_HOME";
const EDITOR: &str = "DOORCODE_TEST_EDITOR";

/// Not a test: the engine that the tests here start and kill.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the other tests here"]
async fn engine() {
    let home = Home::at(Path::new(&std::env::var_os(HOME).expect("the tests set it")));
    let editor = std::env::var(EDITOR).expect("the tests set it");
    let launch = if editor == "real" {
        home.real()
    } else {
        home.fake(&editor, TIMING)
    };
    let supervisor = supervise(launch);
    supervisor.start().await.expect("it starts");
    std::fs::write(home.root().join("running"), "").expect("the home is ours");
    std::future::pending::<()>().await;
}

/// A running engine; it is killed when a test ends early.
struct Engine {
    process: Child,
    editor: u32,
}

impl Engine {
    fn start(home: &Home, editor: &str) -> Engine {
        let program = std::env::current_exe().expect("this test program");
        let process = Command::new(program)
            .args(["--ignored", "--exact", "engine", "--nocapture"])
            .env(HOME, home.root())
            .env(EDITOR, editor)
            // Each of these would keep a real code-server from listening where it should.
            .envs([
                ("PORT", "1"),
                ("CODE_SERVER_HOST", "192.0.2.1"),
                ("VSCODE_IPC_HOOK_CLI", "/nowhere"),
            ])
            .envs([
                ("CODE_SERVER_PARENT_PID", "1"),
                ("NODE_OPTIONS", "--no-such-option"),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it has just been built");
        let mut engine = Engine { process, editor: 0 };
        until("the engine's editor runs", || {
            assert_eq!(
                engine.process.try_wait().expect("it is our child"),
                None,
                "the engine ended"
            );
            home.root().join("running").exists()
        });
        engine.editor = u32::try_from(record(home)["pid"].as_u64().expect("a number")).expect("a pid");
        engine
    }

    fn kill(&mut self) {
        self.process.kill().expect("it is our child");
        self.process.wait().expect("it is our child");
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn record(home: &Home) -> Value {
    serde_json::from_slice(&std::fs::read(home.record()).expect("an editor was started")).expect("it is JSON")
}

fn write_record(home: &Home, record: &Value) {
    std::fs::write(home.record(), record.to_string()).expect("it is ours");
    std::fs::set_permissions(home.record(), std::fs::Permissions::from_mode(0o600)).expect("it is ours");
}

fn sweep(home: &Home) -> Option<Swept> {
    sweep_leftover(&home.record()).expect("it can be swept")
}

/// An engine whose editor and family outlive it, because they ignore the kernel's hang-up; the engine is dead.
fn left_behind(home: &Home, words: &str) -> (u32, Family) {
    let mut engine = Engine::start(home, words);
    let family = home.family();
    engine.kill();
    (engine.editor, family)
}

#[test]
fn when_the_engine_is_killed_the_kernel_ends_the_editor_and_its_terminals() {
    let home = Home::new();
    let mut engine = Engine::start(&home, "family,mild");
    let family = home.family();
    family.assert_alive();
    engine.kill();
    // What an extension detached has neither terminal; a daemon of the person's looks the same.
    let in_terminals = ["stubborn", "shell"].map(|name| family.pid(name));
    let gone = || !lives(engine.editor) && in_terminals.iter().all(|pid| !lives(*pid));
    assert!(
        holds_within(Duration::from_secs(1), gone),
        "orphans: {:?}",
        family.ours
    );
    assert!(lives(family.detached), "it is the person's");
}

#[test]
fn when_the_engine_is_killed_nothing_of_a_real_code_server_is_left_after_a_second() {
    let home = Home::new();
    let mut engine = Engine::start(&home, "real");
    until("the server and its helpers run", || {
        tree(engine.editor).len() >= 2
    });
    let processes = tree(engine.editor);
    engine.kill();
    let gone = || processes.iter().all(|process| !lives(process.id.pid));
    assert!(
        holds_within(Duration::from_secs(1), gone),
        "orphans of {processes:?}"
    );
    assert_eq!(sweep(&home), None, "and the next engine finds nothing");
}

#[test]
fn a_leftover_is_ended_with_its_family_and_its_record_removed() {
    let home = Home::new();
    let (editor, family) = left_behind(&home, "family,ignores_term");
    assert!(lives(editor), "it ignores the hang-up");
    let swept = sweep(&home).expect("there is one");
    assert_eq!(swept.pid, editor);
    assert!(!lives(editor) && !lives(family.pid("stubborn")));
    assert!(lives(family.detached), "it is the person's");
    assert!(!home.record().exists());
    assert_eq!(sweep(&home), None);
}

#[test]
fn members_of_a_session_without_leader_are_ended_only_if_they_carry_our_mark() {
    let home = Home::new();
    let (editor, family) = left_behind(&home, "family");
    until("the editor's parent process is gone", || !lives(editor));
    let ours = record(&home);
    let mut anothers = ours.clone();
    anothers["run"] = json!("another");
    write_record(&home, &anothers);
    assert_eq!(sweep(&home), None);
    assert!(
        lives(family.pid("stubborn")),
        "for all we know it is a stranger's"
    );

    write_record(&home, &ours);
    assert_eq!(sweep(&home).expect("there is one").processes, 1);
    assert!(!lives(family.pid("stubborn")));
}

#[test]
fn a_stranger_who_was_given_the_recorded_number_is_left_alone() {
    let home = Home::new();
    let engine = Engine::start(&home, "");
    let ours = record(&home);
    for (key, other) in [("started", json!(1)), ("boot", json!("another"))] {
        let mut anothers = ours.clone();
        anothers[key] = other;
        write_record(&home, &anothers);
        assert_eq!(sweep(&home), None, "{key}");
        assert!(lives(engine.editor), "{key}");
        assert!(!home.record().exists(), "{key}");
    }
}

#[test]
fn a_damaged_record_is_thrown_away_and_one_that_others_can_write_is_refused() {
    let home = Home::new();
    std::fs::create_dir(home.record().parent().expect("it has one")).expect("the home is ours");
    for damaged in [
        "",
        "{",
        "[]",
        r#"{"pid": -1}"#,
        r#"{"pid":1,"started":"x","boot":"","run":""}"#,
    ] {
        std::fs::write(home.record(), damaged).expect("it is ours");
        std::fs::set_permissions(home.record(), std::fs::Permissions::from_mode(0o600)).expect("it is ours");
        assert_eq!(sweep(&home), None, "{damaged}");
        assert!(!home.record().exists(), "{damaged}");
    }
    std::fs::write(home.record(), "{}").expect("it is ours");
    std::fs::set_permissions(home.record(), std::fs::Permissions::from_mode(0o666)).expect("it is ours");
    let error = sweep_leftover(&home.record()).expect_err("anybody could have written it");
    let problem = doorcode_settings::Problem::from(&error);
    assert_eq!(problem.code, "editor_record_unusable");
    assert!(problem.message.contains("editor.json"), "{problem}");
}
