//! Requests by curl: a client that none of this project's code is part of.

use std::process::Command;

use crate::Door;

/// What came back, redirects not followed.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
    /// The head, as it came.
    pub head: String,
    /// The body.
    pub body: String,
    /// curl's own exit status: 0 fine, 60 certificate not trusted, 7 refused, 35 handshake failed.
    pub exit: i32,
}

impl Answer {
    /// A header's first value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Runs `curl` with `args`, trusting the root that `doorcode cert export localhost` gives, or gave last.
pub fn curl(door: &Door, args: &[&str]) -> Answer {
    let root = door.path("root.pem");
    let exported = door.run(&["cert", "export", "localhost"]);
    if exported.code == 0 {
        std::fs::write(&root, exported.stdout).expect("written");
    }
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--include",
            "--max-time",
            "20",
            "--noproxy",
            "*",
            "--cacert",
        ])
        .arg(&root)
        .args(args)
        .output()
        .expect("curl is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
        exit: output.status.code().unwrap_or(-1),
    }
}
