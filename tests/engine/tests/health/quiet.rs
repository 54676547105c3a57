//! That looking does not disturb what is looked at.

use std::process::Command;

use super::*;

/// Long enough for every probe that comes by itself, but for those that come every five minutes; the doctor brings these.
const WATCHED: Duration = Duration::from_secs(20);

#[test]
fn probes_are_no_use_of_the_editor_hold_no_connection_and_cost_next_to_nothing() {
    let mut door = Door::new();
    door.up_and_running();
    door.sign_in();
    assert_well(&door);
    let last_used = || door.run(&["sessions", "list", "--json"]).stdout;
    let before = (heartbeat(&door), last_used());
    let cost = Cost::of(door.pid());

    let (end, mut looks, mut held) = (Instant::now() + WATCHED, 0, 0);
    while Instant::now() < end {
        looks += 1;
        held += u32::from(connections(&door) > 0);
        std::thread::sleep(Duration::from_millis(50));
    }
    let spent = Cost::of(door.pid()).since(&cost);
    println!("in {WATCHED:?}: {spent:?}; a connection to the editor was open at {held} of {looks} looks");
    // Probes are over in milliseconds: one that is held is there at every look.
    assert!(
        held * 10 < looks,
        "a connection to the editor was open at {held} of {looks} looks"
    );

    // While something is wrong at the door, everything but the page is probed every three seconds.
    door.write_settings("hosts = [\"localhost\", \"nowhere.invalid\"]\n");
    let named = || tells(&door.status(), "host_not_resolved").then_some(());
    wait_for("the host to be named", Duration::from_secs(20), named);
    door.write_settings("");
    let well = || (door.status()["health"]["state"] == "healthy").then_some(());
    wait_for("all to be well", Duration::from_secs(20), well);
    assert_eq!((heartbeat(&door), last_used()), before, "probes count as use");

    // A person's doctor also asks for the page, since the editor has just been used; but not in anybody's name.
    assert_well(&door);
    assert_eq!(last_used(), before.1);
    wait_for(
        "the doctor's connections to be closed",
        Duration::from_secs(1),
        || (connections(&door) == 0).then_some(()),
    );
    let connected = door.status();
    assert_eq!(
        (&connected["connections"], &connected["connected"]),
        (&0.into(), &0.into())
    );
}

/// When code-server was used last, in its own words.
fn heartbeat(door: &Door) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--unix-socket"])
        .arg(door.path("run/doorcode/editor/editor.sock"))
        .arg("http://localhost/healthz")
        .output()
        .expect("curl is installed");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("lastHeartbeat"), "{text}");
    text
}

/// Connections to the editor's socket that are open now (proc(5), /proc/net/unix; 03 is connected).
fn connections(door: &Door) -> usize {
    let socket = door.path("run/doorcode/editor/editor.sock");
    let socket = socket.to_str().expect("UTF-8");
    let table = std::fs::read_to_string("/proc/net/unix").expect("read");
    let open = |line: &&str| line.ends_with(socket) && line.split_whitespace().nth(5) == Some("03");
    table.lines().filter(open).count()
}

/// What a process has used so far. Printed, and judged by a person: machines differ.
#[derive(Debug)]
struct Cost {
    processor_ticks_of_10_ms: u64,
    wakeups: u64,
}

impl Cost {
    fn of(pid: u32) -> Cost {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
        let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks = |position: usize| fields[position].parse::<u64>().expect("a number");
        let threads = std::fs::read_dir(format!("/proc/{pid}/task"))
            .expect("it runs")
            .flatten();
        let wakeups = threads.filter_map(|thread| {
            let status = std::fs::read_to_string(thread.path().join("status")).ok()?;
            let line = status
                .lines()
                .find(|line| line.starts_with("voluntary_ctxt_switches"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        });
        Cost {
            processor_ticks_of_10_ms: ticks(11) + ticks(12),
            wakeups: wakeups.sum(),
        }
    }

    fn since(&self, before: &Cost) -> Cost {
        Cost {
            processor_ticks_of_10_ms: self.processor_ticks_of_10_ms - before.processor_ticks_of_10_ms,
            wakeups: self.wakeups.saturating_sub(before.wakeups),
        }
    }
}
