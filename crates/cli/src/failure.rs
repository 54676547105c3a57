//! Why a command failed, and the exit status that says so.

use doorcode_settings::Problem;

/// A problem and its exit status: 1 a refused request, 2 broken or wrong usage, 3 not running, 4 failing.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) problem: Problem,
    pub(crate) exit_code: u8,
}

impl Failure {
    pub(crate) fn runtime(error: std::io::Error) -> Failure {
        Problem::new(
            "runtime",
            format!("cannot start the asynchronous runtime: {error}"),
            "ulimit -a",
        )
        .into()
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let exit_code = match problem.code.as_str() {
            "not_running" => 3,
            code if code.starts_with("editor_") => 4,
            "already_running"
            | "address_not_offered"
            | "certificate_not_due"
            | "code_unknown"
            | "device_unknown"
            | "host_not_reachable"
            | "no_lan_address"
            | "trust_remains"
            | "session_unknown"
            | "host_not_configured"
            | "not_confirmed"
            | "password_not_shown"
            | "report_exists" => 1,
            _ => 2,
        };
        Failure { problem, exit_code }
    }
}
