//! The machine that everything stands on: disk, memory, clock, and who else is there.

use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use doorcode_tests::{as_root, in_namespace, own_network};

use super::*;

#[test]
fn a_disk_that_fills_up_is_named() {
    if !in_namespace("machine::a_disk_that_fills_up_is_named") {
        return;
    }
    own_network(&[]);
    let mut door = without_editor();
    let disk = door.path("data");
    std::fs::create_dir_all(&disk).expect("made");
    let disk = disk.to_str().expect("UTF-8").to_owned();
    as_root(
        "mount",
        &["-t", "tmpfs", "-o", "size=256m,mode=700", "tmpfs", &disk],
    );
    let _mounted = Mounted(disk.clone());
    door.up();
    wait_until_open(&door);
    assert_well(&door);

    let filler = door.path("data/filler");
    let fill = |megabytes: u64| {
        let size = (megabytes << 20).to_string();
        as_root("fallocate", &["--length", &size, filler.to_str().expect("UTF-8")]);
    };
    fill(100);
    let report = assert_named(&door, "disk_low", Bad::Warning);
    assert!(report.first().contains(&disk), "{}", report.first());
    fill(253);
    let report = assert_named(&door, "disk_full", Bad::Broken);
    assert!(
        report.first().contains(&format!("df -h '{disk}")),
        "{}",
        report.first()
    );
    std::fs::remove_file(&filler).expect("removed");
    assert_well(&door);
}

/// A disk that is taken away before the door's home is removed, which it would be in the way of.
struct Mounted(String);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy", &self.0]).status();
    }
}

#[test]
fn memory_that_runs_low_is_named() {
    if !in_namespace("machine::memory_that_runs_low_is_named") {
        return;
    }
    own_network(&[]);
    let mut door = without_editor();
    // What the kernel tells, with another figure in it: really using all the memory would hurt whoever else runs here.
    let told = std::fs::read_to_string("/proc/meminfo").expect("read");
    let file = door.path("meminfo");
    write(&file, &told);
    as_root(
        "mount",
        &["--bind", file.to_str().expect("UTF-8"), "/proc/meminfo"],
    );
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    let with = |name: &str, text: &str| -> String {
        let lines = told.lines().map(|line| match line.starts_with(name) {
            true => format!("{name}{text}\n"),
            false => format!("{line}\n"),
        });
        lines.collect()
    };
    write(&file, &with("MemAvailable:", "     102400 kB"));
    assert_named(&door, "memory_low", Bad::Warning);
    write(&file, &told);
    assert_well(&door);
}

#[test]
fn an_editor_that_is_killed_for_memory_is_named() {
    let group = Group::new();
    // Every process of the editor eats, once it is told to.
    let mut door = with_real_editor("", "--require \"$HOME/eat.cjs\"");
    let (eat, hungry) = (door.path("eat.cjs"), door.path("hungry"));
    let script = format!(
        "const fs = require('fs'); const eaten = [];\n\
         setInterval(() => {{ if (fs.existsSync({hungry:?})) eaten.push(Buffer.alloc(256 << 20, 1)); }}, 200).unref();\n"
    );
    write(&eat, &script);
    let up = door.command(&["up"]);
    let mut command = Command::new("sh");
    command
        .args(["-c", "echo $$ > \"$1\" && exec \"$2\" up", "sh"])
        .arg(group.folder.join("cgroup.procs"))
        .arg(up.get_program());
    door.set_environment(&mut command);
    door.start(&mut command);
    door.wait_for_state("running");
    assert_well(&door);

    write(&hungry, "");
    // How long it takes to eat so much depends on the machine.
    wait_for("the editor to be killed", Duration::from_secs(60), || {
        (door.status()["state"] != "running").then_some(())
    });
    let report = assert_named(&door, "out_of_memory", Bad::Broken);
    assert!(report.first().contains("killed"), "{}", report.first());
    std::fs::remove_file(&hungry).expect("removed");
    let mended = door.run(&["restart"]);
    assert_eq!(mended.code, 0, "{mended:?}");
    assert_well(&door);
    drop(door);
}

#[test]
fn an_editor_at_its_own_limit_of_memory_is_named() {
    let mut door = with_real_editor(
        "[ -e \"$HOME/hungry\" ] && exec \"$NODE\" --max-old-space-size=20 -e 'const a = []; for (;;) a.push([...Array(1e5).keys()])'"
            .replace("$NODE", named("DOORCODE_TEST_NODE").to_str().expect("UTF-8"))
            .as_str(),
        "",
    );
    door.up_and_running();
    assert_well(&door);
    let hungry = door.path("hungry");
    write(&hungry, "");
    assert_ne!(door.run(&["restart"]).code, 0, "it ends at once");
    assert_named(&door, "out_of_memory", Bad::Broken);
    std::fs::remove_file(&hungry).expect("removed");
    assert_eq!(door.run(&["restart"]).code, 0);
    assert_well(&door);
}

/// A control group whose processes together may have 1.2 GB; the kernel kills the largest when they want more.
struct Group {
    folder: PathBuf,
}

impl Group {
    fn new() -> Group {
        let name = format!("doorcode-test-{}", std::process::id());
        // Version 1 where it is mounted, else version 2.
        let (root, file) = match PathBuf::from("/sys/fs/cgroup/memory") {
            root if root.exists() => (root, "memory.limit_in_bytes"),
            _ => (PathBuf::from("/sys/fs/cgroup"), "memory.max"),
        };
        let folder = root.join(name);
        std::fs::create_dir(&folder).expect("only root makes control groups");
        let group = Group { folder };
        std::fs::write(group.folder.join(file), "1200000000").expect("the controller for memory is there");
        group
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        wait_for("the group to be empty", Duration::from_secs(10), || {
            std::fs::remove_dir(&self.folder).ok()
        });
    }
}

#[test]
fn a_clock_that_is_behind_is_named() {
    let mut door = without_editor();
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    // No test may set this machine's clock. A file that was changed tomorrow is the same: today's clock is behind.
    let settings = File::options()
        .append(true)
        .open(door.settings_file())
        .expect("opened");
    let tomorrow = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
    settings.set_modified(tomorrow).expect("set");
    door.write_settings("hosts = [\"localhost\", \"127.0.0.2\"]\n");
    settings.set_modified(tomorrow).expect("set");
    let report = assert_named(&door, "clock_wrong", Bad::Broken);
    assert!(report.first().contains("settings.toml"), "{}", report.first());
    settings.set_modified(SystemTime::now()).expect("set");
    assert_mended(&door, "clock_wrong");
}

#[test]
fn who_holds_the_port_is_named_and_not_the_engine_that_does_not_run_for_it() {
    let mut door = without_editor();
    let taken = TcpListener::bind(("127.0.0.1", door.port())).expect("free until now");
    let report = doctor(&door, &[]);
    report.assert_names("port_busy", Bad::Broken);
    let holder = std::process::id().to_string();
    assert!(
        report.first().contains(&holder),
        "{} does not name {holder}",
        report.first()
    );
    assert_eq!(report.codes(), ["port_busy"], "that nothing runs follows from it");
    assert_eq!(report.probe("editor-process"), "not_reached");
    assert!(report.first().contains("`doorcode up`"), "{}", report.first());
    drop(taken);
    doctor(&door, &[]).assert_names("engine_not_running", Bad::Broken);
    door.up();
    wait_until_open(&door);
    assert_well(&door);
}

#[test]
fn settings_that_cannot_be_read_are_named_while_the_last_good_ones_are_in_force() {
    let mut door = without_editor();
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    door.write_settings("[gateway\n");
    let code = wait_for("a problem with the settings", SOON, || {
        door.problems()
            .into_iter()
            .find(|code| code.starts_with("settings_"))
    });
    assert_named(&door, &code, Bad::Warning);
    door.write_settings("");
    assert_well(&door);
}
