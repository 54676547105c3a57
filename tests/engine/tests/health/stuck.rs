//! A door that takes connections, and then does nothing with them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use doorcode_tests::{in_namespace, own_network};

use super::public::{behind, door_behind_a_good_proxy};
use super::*;

/// Programs that say that they are ready, and go on until they are ended.
struct Running(Vec<Child>);

impl Running {
    /// Runs `script` with `argument`, `count` times.
    fn start(script: &str, argument: &str, count: usize) -> Running {
        let mut running = Running(Vec::new());
        for _ in 0..count {
            let child = Command::new("/usr/bin/python3")
                .args(["-c", script, argument])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("python3 is installed");
            running.0.push(child);
        }
        for child in &mut running.0 {
            let mut said = String::new();
            let stdout = child.stdout.as_mut().expect("piped");
            BufReader::new(stdout).read_line(&mut said).expect("a line");
            assert_eq!(said, "ready\n");
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A client that has been answered and keeps its connection.
const CLIENT: &str = "
import http.client, ssl, sys
scheme, at = sys.argv[1].split('://')
if scheme == 'https':
    connection = http.client.HTTPSConnection(at, context=ssl._create_unverified_context())
else:
    connection = http.client.HTTPConnection(at)
connection.request('GET', '/', headers={'X-Forwarded-User': 'me'})
connection.getresponse().read()
print('ready', flush=True)
sys.stdin.read()
";

/// Holds every thread of the gateway, as a debugger does, until it is ended; then the kernel lets them go on (ptrace(2)).
const HOLD: &str = "
import ctypes, os, sys
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
SEIZE, INTERRUPT, WALL = 0x4206, 0x4207, 0x40000000
folder, held = '/proc/' + sys.argv[1] + '/task/', 0
for thread in os.listdir(folder):
    if open(folder + thread + '/comm').read().startswith('gateway-'):
        for request in SEIZE, INTERRUPT:
            if ptrace(request, int(thread), None, None) != 0:
                sys.exit(os.strerror(ctypes.get_errno()))
        os.waitpid(int(thread), WALL)
        held += 1
print('ready' if held else 'no thread', flush=True)
sys.stdin.read()
";

/// As many connections as the settings of these tests allow.
const MOST: usize = 3;

#[test]
fn a_door_with_no_connection_left_is_named() {
    let mut door = without_editor();
    door.write_settings(&format!("[limits]\nconnections = {MOST}\n"));
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    let clients = Running::start(CLIENT, &format!("https://127.0.0.1:{}", door.port()), MOST);
    let report = assert_named(&door, "connections_full", Bad::Broken);
    assert_eq!(report.codes(), ["connections_full"]);
    drop(clients);
    assert_well(&door);
}

#[test]
fn a_door_whose_threads_stand_still_is_named() {
    if !in_namespace("stuck::a_door_whose_threads_stand_still_is_named") {
        return;
    }
    own_network(&[]);
    let mut door = without_editor();
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    let held = Running::start(HOLD, &door.pid().to_string(), 1);
    assert_doctor_is_quick(&door, "tls_failed");
    assert_named(&door, "tls_failed", Bad::Broken);
    drop(held);
    assert_well(&door);
}

#[test]
fn a_door_without_tls_whose_threads_stand_still_is_named() {
    if !in_namespace("stuck::a_door_without_tls_whose_threads_stand_still_is_named") {
        return;
    }
    own_network(&[]);
    let (door, _proxy, port) = door_behind_a_good_proxy();
    let settings = behind(&format!("https://localhost:{port}"));
    door.write_settings(&format!("{settings}[tls]\nmode = \"off\"\n"));
    wait_for_status(&door, "the settings to be in force", |status| {
        status["auth"] == "trusted-proxy"
    });
    assert_well(&door);
    let held = Running::start(HOLD, &door.pid().to_string(), 1);
    assert_doctor_is_quick(&door, "door_not_answering");
    assert_named(&door, "door_not_answering", Bad::Broken);
    drop(held);
    assert_well(&door);
}

/// The doctor names `code` first, and does not wait for what lies behind it. A door that stands still without a reason is looked for
/// every five minutes only.
fn assert_doctor_is_quick(door: &Door, code: &str) {
    let began = Instant::now();
    doctor(door, &[]).assert_names(code, Bad::Broken);
    assert!(began.elapsed() < SOON, "it took {:?}", began.elapsed());
}
