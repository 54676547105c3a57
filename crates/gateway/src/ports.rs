//! Which local ports can be reached through the editor (`/proxy/PORT` and `/absproxy/PORT`, code-server's
//! `src/node/routes/pathProxy.ts`).

use std::borrow::Cow;

use http::StatusCode;
use percent_encoding::percent_decode_str;

use crate::refusal::Refusal;

const REFUSED: Refusal = Refusal::new(
    StatusCode::FORBIDDEN,
    "port_not_allowed",
    "This port is not open through the editor. Its owner can add it to ports.allow.",
);

/// Lets everything pass that is not about a port, and the ports in `allowed`.
///
/// A path is about a port when any reading of it is: in another case, with encoded characters, doubled slashes or dots on
/// the way. Only the plain spelling with an allowed number passes.
pub(crate) fn check(path: &str, allowed: &[u16]) -> Result<(), Refusal> {
    if !could_reach_a_port(path) {
        return Ok(());
    }
    match plain_port(path) {
        Some(port) if allowed.contains(&port) => Ok(()),
        _ => Err(REFUSED),
    }
}

const ROUTES: [&str; 2] = ["proxy", "absproxy"];

fn could_reach_a_port(path: &str) -> bool {
    let is_route = |segment: &str| ROUTES.iter().any(|route| segment.eq_ignore_ascii_case(route));
    let mut stack: Vec<&str> = Vec::new();
    let path = decoded(path);
    for segment in path.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                stack.pop();
            }
            // Parameters behind a semicolon belong to no route's name.
            name if stack.is_empty() && is_route(name.split(';').next().unwrap_or(name).trim()) => {
                return true;
            }
            name => stack.push(name),
        }
    }
    false
}

/// Decoded as often as there is something to decode, within reason.
fn decoded(path: &str) -> Cow<'_, str> {
    const ROUNDS: usize = 4;
    let mut path = Cow::Borrowed(path);
    for _ in 0..ROUNDS {
        if !path.contains('%') {
            break;
        }
        path = Cow::Owned(percent_decode_str(&path).decode_utf8_lossy().into_owned());
    }
    path
}

fn plain_port(path: &str) -> Option<u16> {
    let rest = ROUTES
        .iter()
        .find_map(|route| path.strip_prefix('/')?.strip_prefix(route)?.strip_prefix('/'))?;
    let digits = rest.split('/').next()?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_ports_pass_in_their_plain_spelling() {
        for path in [
            "/proxy/3000",
            "/proxy/3000/",
            "/proxy/3000/a/../b",
            "/absproxy/3000/x",
        ] {
            assert_eq!(check(path, &[3000]), Ok(()), "{path}");
            assert_eq!(check(path, &[3001]), Err(REFUSED), "{path}");
        }
    }

    #[test]
    fn no_other_spelling_passes() {
        let spellings = [
            "/proxy",
            "/proxy/",
            "/PROXY/3000",
            "/Proxy/3000",
            "//proxy/3000",
            "/./proxy/3000",
            "/x/../proxy/3000",
            "/%70roxy/3000",
            "/%2570roxy/3000",
            "/proxy%2f3000",
            "/proxy/%33000",
            "/proxy/03000",
            "/proxy/3000@evil",
            "/proxy/x@evil",
            "/proxy/3000;x/",
            "/proxy;x/3000",
            "/\\proxy/3000",
            "/proxy\\3000",
            "/proxy//3000",
            "/absproxy/3000abc",
            "/proxy/+3000",
            "/proxy/66000",
            "/proxy/../proxy/3000",
        ];
        for path in spellings {
            assert_eq!(check(path, &[3000]), Err(REFUSED), "{path}");
        }
    }

    #[test]
    fn everything_else_passes() {
        for path in [
            "/",
            "/stable-1/static/out/proxy/3000",
            "/proxyish/1",
            "/_static/a.js",
            "/vscode/%20/proxy",
            "/a/../b",
        ] {
            assert_eq!(check(path, &[]), Ok(()), "{path}");
        }
    }
}
