//! A sign-in for the length of the attacks.

use doorcode_engine::{Reply, Request};
use doorcode_settings::Paths;

use super::requests::get;
use super::wire::Door;
use crate::control;

const SECONDS: u64 = 60;

/// A cookie, `name=value`, by a one-time link; none where that does not work.
pub(super) async fn sign_in(paths: &Paths, door: &Door) -> Option<String> {
    let request = Request::Link {
        host: None,
        to: "/".to_owned(),
        seconds: SECONDS,
    };
    let Ok(Reply::Link { url }) = control::ask(paths, &request).await else {
        return None;
    };
    let path = url.strip_prefix("https://")?;
    let path = &path[path.find('/')?..];
    let answer = door.ask(&get(door, path, &[])).await.ok()?;
    let cookie = answer.header("set-cookie")?.split(';').next()?;
    Some(cookie.to_owned())
}

/// Ends it. What fails here ends by itself with the session's idle time, and is listed until then.
pub(super) async fn sign_out(door: &Door, cookie: &str) {
    let authority = &door.authority;
    let head = format!(
        "POST /.doorcode/sign-out HTTP/1.1\r\nHost: {authority}\r\nOrigin: https://{authority}\r\nCookie: {cookie}\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let _ = door.ask(&head).await;
}
