//! Every descendant ends with the editor, and what a person detached on purpose stays.

mod support;

use std::time::{Duration, Instant};

use doorcode_supervisor::{EditorState, tree};
use support::{Home, TIMING, kill, lives, pid, reached, supervise};

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_shells_and_stubborn_children_and_leaves_what_was_detached() {
    let home = Home::new();
    let supervisor = supervise(home.fake("family", TIMING));
    supervisor.start().await.expect("it starts");
    let family = home.family();
    family.assert_alive();
    let known: Vec<u32> = tree(pid(&supervisor))
        .iter()
        .map(|process| process.id.pid)
        .collect();
    assert!(
        family.ours.iter().all(|(_, pid)| known.contains(pid)),
        "{known:?} has {:?}",
        family.ours
    );
    assert!(!known.contains(&family.detached));

    let began = Instant::now();
    supervisor.stop().await.expect("all of them end");
    assert!(family.all_gone(), "{:?}", family.ours);
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    assert!(lives(family.detached), "it is the person's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_ignores_sigterm_does_not_keep_its_family_beyond_the_limit() {
    let home = Home::new();
    let supervisor = supervise(home.fake("family,ignores_term", TIMING));
    supervisor.start().await.expect("it starts");
    let family = home.family();
    let began = Instant::now();
    supervisor.stop().await.expect("all of them end");
    assert!(family.all_gone(), "{:?}", family.ours);
    let took = began.elapsed();
    assert!(
        (TIMING.stop_limit..Duration::from_secs(8)).contains(&took),
        "{took:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_the_rest_of_the_session_is_gone_before_the_next_editor_starts() {
    let home = Home::new();
    let supervisor = supervise(home.fake("family", TIMING));
    supervisor.start().await.expect("it starts");
    let family = home.family();
    std::fs::remove_file(home.folder().join("family.json")).expect("it was read");
    kill(pid(&supervisor));
    reached(&supervisor, "a new start", |state| {
        matches!(state, EditorState::Starting { .. })
    })
    .await;
    assert!(
        !lives(family.pid("stubborn")),
        "it ignores the hang-up, and was in the editor's session"
    );
    assert!(!lives(family.pid("shell")), "its terminal is gone");
    assert!(lives(family.detached), "it is the person's");
    let next = |state: &EditorState| matches!(state, EditorState::Running { restarts: 1, .. });
    reached(&supervisor, "the next editor", next).await;
    let _next = home.family();
    supervisor.shutdown().await;
}
