//! code-server itself.

use doorcode_tests::{Door, kill, members};
use nix::sys::signal::Signal;

use super::*;

#[test]
fn a_real_editor_that_is_stopped_hangs_or_loses_its_socket_is_named() {
    let mut door = Door::new();
    door.up_and_running();
    assert_well(&door);

    assert_eq!(door.run(&["stop"]).code, 0);
    let report = doctor(&door, &[]);
    report.assert_names("editor_stopped", Bad::Warning);
    assert_eq!(report.probe("editor-answer"), "not_reached");
    assert_eq!(door.problems(), [""; 0], "the status says that it is stopped");
    assert_eq!(door.run(&["start"]).code, 0);
    assert_well(&door);

    let stopped: Vec<u32> = server(&door);
    stopped.iter().for_each(|pid| kill(*pid, Signal::SIGSTOP));
    let report = assert_named(&door, "editor_not_answering", Bad::Broken);
    assert_eq!(report.codes(), ["editor_not_answering"]);
    assert_eq!(report.probe("editor-websocket"), "not_reached");
    stopped.iter().for_each(|pid| kill(*pid, Signal::SIGCONT));
    assert_well(&door);

    std::fs::remove_file(door.path("run/doorcode/editor/editor.sock")).expect("removed");
    let report = assert_named(&door, "editor_socket_gone", Bad::Broken);
    assert_eq!(report.codes(), ["editor_socket_gone"]);
    assert_eq!(report.probe("editor-answer"), "not_reached");
    assert_eq!(door.run(&["restart"]).code, 0, "what the doctor says mends it");
    assert_well(&door);
}

/// All processes of the editor.
fn server(door: &Door) -> Vec<u32> {
    let others = members(door.home())
        .into_iter()
        .filter(|process| process.pid != door.pid());
    others
        .filter(|process| process.command.contains("entry"))
        .map(|process| process.pid)
        .collect()
}

#[test]
fn an_editor_that_ends_again_and_again_is_named_with_its_last_words() {
    let mut door = with_real_editor(
        "[ -e \"$HOME/mended\" ] || { echo 'a part of it is missing'; exit 3; }",
        "",
    );
    door.up();
    let report = assert_named(&door, "editor_exited", Bad::Broken);
    assert!(
        report.first().contains("a part of it is missing"),
        "{}",
        report.first()
    );
    door.wait_for_state("failed");
    let report = assert_named(&door, "editor_gave_up", Bad::Broken);
    assert!(
        report.first().contains("a part of it is missing"),
        "{}",
        report.first()
    );
    assert_eq!(report.codes(), ["editor_gave_up"]);
    assert!(door.said().contains("Failed: "), "{}", door.said());
    write(&door.path("mended"), "");
    assert_eq!(door.run(&["restart"]).code, 0);
    assert_well(&door);
    // Whoever watches the terminal of the engine sees both.
    wait_for("the terminal to say so", Duration::from_secs(5), || {
        door.said().contains("Ready: ").then_some(())
    });
}

/// What is broken in a real code-server, in all of its processes, while a file is there.
const BREAK: &str = "
const fs = require('fs'), { Server } = require('http'), emit = Server.prototype.emit;
const broken = (what) => fs.existsSync(process.env.HOME + '/no-' + what);
Server.prototype.emit = function (event, request, ...rest) {
  if (event === 'upgrade' && broken('websocket')) {
    rest[0].end('HTTP/1.1 500 Internal Server Error\\r\\ncontent-length: 0\\r\\n\\r\\n');
    return true;
  }
  if (event === 'request' && request.url.split('?')[0] === '/' && broken('page')) {
    rest[0].writeHead(500).end();
    return true;
  }
  return emit.call(this, event, request, ...rest);
};
";

#[test]
fn an_editor_without_its_page_or_its_websockets_is_named() {
    let mut door = with_real_editor("", "--require \"$HOME/break.cjs\"");
    write(&door.path("break.cjs"), BREAK);
    door.up_and_running();
    assert_well(&door);

    let flag = door.path("no-websocket");
    write(&flag, "");
    assert_named(&door, "editor_websocket_broken", Bad::Broken);
    std::fs::remove_file(&flag).expect("removed");
    assert_well(&door);

    let flag = door.path("no-page");
    write(&flag, "");
    doctor(&door, &[]).assert_names("editor_page_broken", Bad::Broken);
    assert_eq!(
        door.problems(),
        [""; 0],
        "only a person's doctor asks for the page"
    );
    std::fs::remove_file(&flag).expect("removed");
    assert_well(&door);
}

/// A code-server that does not answer a WebSocket while a file is there, and says so by another.
const HOLD: &str = "
const fs = require('fs'), { Server } = require('http'), emit = Server.prototype.emit;
Server.prototype.emit = function (event, ...rest) {
  if (event === 'upgrade' && fs.existsSync(process.env.HOME + '/hold')) {
    fs.writeFileSync(process.env.HOME + '/held', '');
    return true;
  }
  return emit.call(this, event, ...rest);
};
";

#[test]
fn an_editor_that_is_ended_while_it_is_looked_at_says_nothing_of_the_next_one() {
    let mut door = with_real_editor("", "--require \"$HOME/hold.cjs\"");
    write(&door.path("hold.cjs"), HOLD);
    door.up_and_running();
    assert_well(&door);
    let (hold, held) = (door.path("hold"), door.path("held"));
    for _ in 0..3 {
        write(&hold, "");
        wait_for("a look at its WebSockets", SOON, || held.exists().then_some(()));
        std::fs::remove_file(&hold).expect("removed");
        std::fs::remove_file(&held).expect("removed");
        assert_eq!(door.run(&["restart"]).code, 0);
        assert_well(&door);
    }
    // What was told for a moment only is in the log as well.
    let log = door.run(&["logs", "--app", "-n", "200"]).stdout;
    assert!(log.contains("the engine runs"), "{log}");
    assert!(!log.contains("editor_websocket_broken"), "{log}");
}
