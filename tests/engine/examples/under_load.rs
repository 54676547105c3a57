//! Minutes of hard use in which the diagnosis must find nothing wrong, ten unless told otherwise:
//! `cargo run --package doorcode-tests --example under_load [MINUTES]`, with the environment of the tests.

use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use doorcode_tests::{Door, Window, curl};

/// People who load pages at once.
const READERS: usize = 4;
/// Pages that each of them loads on one connection.
const PAGES: u64 = 25;
/// Between two looks at what the status says.
const LOOK: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let minutes = std::env::args()
        .nth(1)
        .map_or(10, |minutes| minutes.parse().expect("a number of minutes"));
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let mut door = Door::new();
    door.set_password();
    door.up_and_running();
    let cookie = door.sign_in();
    let (pages, windows) = (AtomicU64::new(0), AtomicU64::new(0));
    let worst = thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| read(&door, &cookie, end, &pages));
        }
        scope.spawn(|| work(&door, &cookie, end, &windows));
        watch(&door, end, &pages, &windows)
    });
    match worst {
        0 => ExitCode::SUCCESS,
        looks => {
            println!("something was said to be wrong at {looks} looks");
            ExitCode::FAILURE
        }
    }
}

/// Loads the editor's page, again and again.
fn read(door: &Door, cookie: &str, end: Instant, pages: &AtomicU64) {
    while Instant::now() < end {
        let status = Command::new("curl")
            .args(["--silent", "--insecure", "--fail", "--max-time", "60", "--cookie"])
            .args([cookie, "--output", "/dev/null"])
            .arg(door.url(&format!("/?folder=/&page=[1-{PAGES}]")))
            .stdin(Stdio::null())
            .status()
            .expect("curl is installed");
        assert!(status.success(), "a page did not come: {status}");
        pages.fetch_add(PAGES, Ordering::Relaxed);
        // About half a core's worth; the rest is for the editor's windows.
        thread::sleep(Duration::from_millis(200));
    }
}

/// Opens windows, each with an extension host, and closes them again.
fn work(door: &Door, cookie: &str, end: Instant, windows: &AtomicU64) {
    while Instant::now() < end {
        let count = windows.fetch_add(1, Ordering::Relaxed);
        let _window = Window::open_as(door, cookie, &format!("load-{count}"), false);
        thread::sleep(Duration::from_secs(20));
    }
}

/// How many looks found something wrong.
fn watch(door: &Door, end: Instant, pages: &AtomicU64, windows: &AtomicU64) -> u32 {
    let mut wrong = 0;
    while Instant::now() < end {
        thread::sleep(LOOK.min(end.saturating_duration_since(Instant::now())));
        let status = door.status();
        let problems = status["problems"].as_array().expect("an array");
        let health = &status["health"];
        if !problems.is_empty() || health["state"] != "healthy" {
            wrong += 1;
        }
        let alive = curl(door, &[&door.url("/healthz")]).status;
        println!(
            "{:4} s left: {}, {health}, {problems:?}; {} pages, {} windows, a stranger is answered {alive}",
            end.saturating_duration_since(Instant::now()).as_secs(),
            status["state"],
            pages.load(Ordering::Relaxed),
            windows.load(Ordering::Relaxed),
        );
    }
    wrong
}
