//! With stand-ins for sudo and pkexec, which ask as the real ones do: on the terminal, with its echo switched off.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Mutex;

use tempfile::TempDir;

use super::*;
use crate::ask::Secret;

/// Three tries, as sudo gives; the command's standard input stays its own.
const SUDO: &str = r#"#!/bin/bash
for try in 1 2 3; do
    stty -echo </dev/tty
    printf '[sudo] password for somebody: ' >/dev/tty
    read -r answer </dev/tty
    stty echo </dev/tty
    echo >/dev/tty
    [ "$answer" = right ] && exec "$@"
    echo 'Sorry, try again.' >/dev/tty
done
echo 'sudo: 3 incorrect password attempts' >&2
exit 1
"#;

struct Desk {
    dir: TempDir,
    places: Places,
}

impl Desk {
    fn with(program: &str, script: &str) -> Desk {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join(program);
        fs::write(&file, script).expect("written");
        fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).expect("ours");
        let mut path = dir.path().as_os_str().to_owned();
        path.push(":/usr/bin:/bin");
        let places = Places {
            home: dir.path().to_owned(),
            config_home: dir.path().join(".config"),
            data_home: dir.path().join(".local/share"),
            path,
            session: Vec::new(),
        };
        Desk { dir, places }
    }

    fn target(&self) -> PathBuf {
        self.dir.path().join("anchor.crt")
    }

    /// Copies its input to the target, as the system's store does.
    fn work(&self) -> Work {
        Work {
            script: format!(
                "install -m 0644 /dev/stdin {} && echo updated",
                self.target().display()
            ),
            input: "the root\n".to_owned(),
            by_hand: "by hand".to_owned(),
        }
    }

    fn run(&self, way: Way, person: &Person) -> Result<(), TrustError> {
        run_by(way, &self.places, &self.work(), person)
    }
}

/// Agrees or not, and has so many passwords.
struct Person {
    agrees: bool,
    secrets: Mutex<Vec<&'static str>>,
    seen: Mutex<Vec<String>>,
}

impl Person {
    fn new(agrees: bool, secrets: &[&'static str]) -> Person {
        Person {
            agrees,
            secrets: Mutex::new(secrets.iter().rev().copied().collect()),
            seen: Mutex::default(),
        }
    }

    fn saw(&self, what: String) {
        self.seen.lock().expect("no test panics with it").push(what);
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no test panics with it").clone()
    }
}

impl Ask for Person {
    fn command(&self, command: &CommandLine) -> bool {
        self.saw(format!("$ {command}"));
        self.agrees
    }

    fn secret(&self, prompt: &str) -> Option<Secret> {
        self.saw(format!("? {prompt}"));
        let next = self.secrets.lock().expect("no test panics with it").pop();
        next.map(|secret| Secret::new(secret.to_owned()))
    }

    fn output(&self, line: &str) {
        self.saw(line.to_owned());
    }
}

const PROMPT: &str = "? [sudo] password for somebody:";

#[test]
fn the_command_is_shown_first_and_each_question_is_passed_on() {
    let desk = Desk::with("sudo", SUDO);
    let person = Person::new(true, &["wrong", "right"]);
    desk.run(Way::Sudo, &person).expect("done");
    let shown = format!(
        "$ sudo sh -c 'install -m 0644 /dev/stdin {} && echo updated'",
        desk.target().display()
    );
    assert_eq!(
        person.seen(),
        [shown.as_str(), PROMPT, "Sorry, try again.", PROMPT, "updated"]
    );
    assert_eq!(fs::read_to_string(desk.target()).expect("there"), "the root\n");
    let mode = fs::metadata(desk.target()).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn refused_before_it_runs_it_never_runs() {
    let desk = Desk::with("sudo", SUDO);
    let person = Person::new(false, &["right"]);
    assert!(matches!(desk.run(Way::Sudo, &person), Err(TrustError::CalledOff)));
    assert_eq!(person.seen().len(), 1);
    assert!(!desk.target().exists());
}

#[test]
fn called_off_at_the_question_it_has_done_nothing_and_has_ended() {
    let script = SUDO.replace("#!/bin/bash\n", "#!/bin/bash\necho $$ >\"$HOME/pid\"\n");
    let desk = Desk::with("sudo", &script);
    let person = Person::new(true, &["wrong"]);
    assert!(matches!(desk.run(Way::Sudo, &person), Err(TrustError::CalledOff)));
    assert_eq!(person.seen().iter().filter(|line| *line == PROMPT).count(), 2);
    assert!(!desk.target().exists());
    let pid: i32 = fs::read_to_string(desk.dir.path().join("pid"))
        .expect("it ran")
        .trim()
        .parse()
        .expect("a pid");
    let pid = nix::unistd::Pid::from_raw(pid);
    assert!(nix::sys::signal::kill(pid, None).is_err(), "it runs on");
}

#[test]
fn wrong_passwords_are_the_commands_own_failure() {
    let desk = Desk::with("sudo", SUDO);
    let error = desk
        .run(Way::Sudo, &Person::new(true, &["a", "b", "c"]))
        .expect_err("it fails");
    let text = error.to_string();
    assert!(
        text.contains("3 incorrect password attempts") && text.starts_with("`sudo sh -c "),
        "{text}"
    );
    assert!(!text.contains("\n  a"), "{text}");
    assert!(!desk.target().exists());
}

#[test]
fn a_dismissed_dialog_is_calling_it_off_and_another_failure_is_not() {
    let exits = |code: u8| Desk::with("pkexec", &format!("#!/bin/sh\necho no agent >&2; exit {code}\n"));
    let person = Person::new(true, &[]);
    assert!(matches!(
        exits(126).run(Way::Pkexec, &person),
        Err(TrustError::CalledOff)
    ));
    let error = exits(127).run(Way::Pkexec, &person).expect_err("it fails");
    assert!(error.to_string().contains("no agent"), "{error}");
}

#[test]
fn root_needs_nobody_else() {
    let desk = Desk::with("unused", "");
    desk.run(Way::AlreadyRoot, &Person::new(true, &[])).expect("done");
    assert!(desk.target().exists());
}

#[test]
fn nothing_that_is_printed_can_act_on_a_terminal() {
    let desk = Desk::with("sudo", "#!/bin/sh\nprintf '\\033]0;title\\007plain\\r\\n'\n");
    let person = Person::new(true, &[]);
    desk.run(Way::Sudo, &person).expect("done");
    assert_eq!(person.seen()[1..], ["]0;titleplain"]);
}
