//! One request and its response: the order of the checks is the order of this file.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONNECTION, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode, request};
use hyper::body::Incoming;
use tokio::time::Instant;
use tracing::debug;

use crate::access::Entry;
use crate::body::{Body, Content, Passing};
use crate::config::Upstream as UpstreamState;
use crate::evidence::lacks_upgrade;
use crate::guard::{self, Admitted};
use crate::link::{Link, Protocol};
use crate::live::Upload;
use crate::local_path::LocalPath;
use crate::pages;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::trusted_proxy::Gate;
use crate::who::{self, Who};
use crate::{origin, own, ports, proxy, response, tunnel};

const NOT_SIGNED_IN: Refusal = Refusal::new(
    StatusCode::UNAUTHORIZED,
    "not_signed_in",
    "Sign in first: open this host in a browser.",
);

/// The connection was begun while a proxy in front was allowed to come without TLS.
const PLAIN: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "plain_http",
    "This connection is not encrypted, which is no longer accepted.",
);

/// Answers a request; see the crate's documentation for the way it takes.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    link: Arc<Link>,
    request: Request<Incoming>,
) -> Response<Body> {
    let mut entry = Some(Entry::begin(&shared.access, &link, &request));
    let (is_head, is_http1) = (request.method() == Method::HEAD, link.protocol == Protocol::H1);
    let (mut response, closes) = decide(&shared, &link, request, &mut entry).await;
    if closes && is_http1 {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let (parts, content) = response.into_parts();
    if let Some(entry) = &mut entry {
        entry.set_status(parts.status);
        match content {
            Content::Bytes(_) => entry.let_go(),
            // The probes of this program are no visitors.
            Content::Upstream(_) if link.is_own => {}
            Content::Upstream(_) => shared.live.latency.answered(entry.began(), Instant::now()),
        }
    }
    let content = if is_head {
        pages::without_body(content)
    } else {
        content
    };
    Response::from_parts(parts, Body::new(content, entry))
}

/// The response, and whether the connection ends with it. A tunnel takes the log's entry with it.
async fn decide(
    shared: &Arc<Shared>,
    link: &Arc<Link>,
    request: Request<Incoming>,
    entry: &mut Option<Box<Entry>>,
) -> (Response<Content>, bool) {
    let policy = shared.policy.load_full();
    let (mut parts, body) = request.into_parts();
    if let Some(token) = parts.uri.path().strip_prefix(own::CHECK) {
        shared.visits.note(token, &parts.headers);
    }
    if link.is_plain && !policy.admits_plain(link.by_socket) {
        return (refuse(&parts, PLAIN, entry), true);
    }
    let mut admitted = match guard::admit(&policy, link, &parts) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            let refusal = policy.translated(refusal);
            let gate = policy.open_gate();
            let told = gate.map_or(refusal.code, |gate| gate.told_of(link, refusal.code));
            return (refuse_and_tell(&parts, refusal, told, entry), refusal.closes);
        }
    };
    let closes = admitted.closes;
    let who = match behind_proxy(shared, &policy, link, &mut admitted, &parts, entry).await {
        Ok(who) => who,
        Err(refusal) => return (refuse(&parts, refusal, entry), closes),
    };
    if own::is_ours(parts.uri.path()) {
        let visit = own::Visit {
            shared,
            policy: &policy,
            link,
            admitted: &admitted,
            parts: &parts,
        };
        return (visit.answer(body, entry).await, closes);
    }
    let who = match who.or_else(|| who::identify(shared, &policy, &parts.headers)) {
        Some(who) => who,
        None => return (challenge(&parts, entry), closes),
    };
    link.figures.met(&who, &parts.headers);
    if let (Some(entry), Some(session)) = (entry.as_mut(), who.session()) {
        entry.set_session(&session.id);
    }
    if let Err(refusal) = may_do(&policy, &parts, &admitted) {
        return (refuse(&parts, policy.translated(refusal), entry), closes);
    }
    shared.evidence.passed(admitted.websocket);
    // Only now: whoever may not come in would tell nothing of the way that others come.
    if let Some(entry) = entry
        .as_ref()
        .filter(|_| lacks_upgrade(&parts.headers, admitted.websocket))
    {
        entry.note_websocket_stripped(&parts.headers);
    }
    if let Some(gate) = policy.open_gate() {
        gate.strip_request(&mut parts.headers);
    }
    if let Some(page) = not_ready(shared, &parts, entry) {
        return (page, closes);
    }
    let (mut response, closes) = if admitted.websocket {
        tunnel::open(shared, link, parts, admitted.authority, who, entry).await
    } else {
        let for_page = pages::Asker::of(&parts);
        proxy::rewrite(&mut parts, link, admitted.authority);
        let request = Request::from_parts(parts, Upload::new(body, link.clone()));
        (pass_on(shared, request, &who, for_page, entry).await, closes)
    };
    if policy.open_gate().is_some() {
        Gate::strip_response(response.headers_mut());
    }
    (response, closes)
}

/// Whom a proxy in front names, before anything else is looked at; `None` where there is none. What the proxy writes in `Host` no
/// longer matters then: browsers know us by another name.
async fn behind_proxy(
    shared: &Shared,
    policy: &Policy,
    link: &Link,
    admitted: &mut Admitted,
    parts: &request::Parts,
    entry: &mut Option<Box<Entry>>,
) -> Result<Option<Who>, Refusal> {
    let Some(gate) = policy.gate() else {
        return Ok(None);
    };
    let gate = gate?;
    let signs_in = !own::is_ours(parts.uri.path());
    let proxied = gate
        .identify(&shared.sessions, link, (&parts.headers, signs_in), entry)
        .await?;
    admitted.authority = gate.authority().clone();
    Ok(Some(Who::Proxied(Arc::new(proxied))))
}

fn may_do(policy: &Policy, parts: &request::Parts, admitted: &Admitted) -> Result<(), Refusal> {
    let authority = admitted.authority();
    if admitted.websocket {
        origin::check_websocket(&parts.headers, &authority)?;
    } else if policy.open_gate().is_some() {
        origin::check_request_of_proxy(&parts.method, &parts.headers, &authority)?;
    } else {
        origin::check_request(&parts.method, &parts.headers, &authority)?;
    }
    origin::check_frame(parts.uri.path(), &parts.headers)?;
    ports::check(parts.uri.path(), &policy.config.allow_ports)
}

/// A page for a person, a line for a program.
pub(crate) fn refuse(
    parts: &request::Parts,
    refusal: Refusal,
    entry: &mut Option<Box<Entry>>,
) -> Response<Content> {
    refuse_and_tell(parts, refusal, refusal.code, entry)
}

/// The same; to the diagnosis it is `told` as another refusal.
fn refuse_and_tell(
    parts: &request::Parts,
    refusal: Refusal,
    told: &'static str,
    entry: &mut Option<Box<Entry>>,
) -> Response<Content> {
    let id = entry.as_mut().map(|entry| {
        entry.set_code(refusal.code);
        entry.set_detail(refusal.detail);
        entry.note_refused(told, &parts.headers);
        entry.id()
    });
    pages::refusal(pages::Asker::of(parts), &refusal, id)
}

/// Somebody who is not signed in: a person is led to the page where they can, a program gets 401.
fn challenge(parts: &request::Parts, entry: &mut Option<Box<Entry>>) -> Response<Content> {
    if pages::Asker::of(parts) != pages::Asker::Person || !matches!(parts.method, Method::GET | Method::HEAD)
    {
        return refuse(parts, NOT_SIGNED_IN, entry);
    }
    if let Some(entry) = entry {
        entry.set_code(NOT_SIGNED_IN.code);
        entry.note_asked_to_sign_in(&parts.headers);
    }
    let to = parts
        .uri
        .path_and_query()
        .and_then(|path| LocalPath::parse(path.as_str()));
    let mut response = Response::new(Content::Bytes(Default::default()));
    *response.status_mut() = StatusCode::FOUND;
    response
        .headers_mut()
        .insert(LOCATION, own::sign_in_address(to.as_ref()));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page that stands in for an editor that cannot answer.
fn not_ready(
    shared: &Shared,
    parts: &request::Parts,
    entry: &mut Option<Box<Entry>>,
) -> Option<Response<Content>> {
    let state = shared.upstream_state.borrow();
    let code = match *state {
        UpstreamState::Ready => return None,
        UpstreamState::Starting => "editor_starting",
        UpstreamState::Stopped => "editor_stopped",
        UpstreamState::Failed { .. } => "editor_failed",
    };
    if let Some(entry) = entry {
        entry.set_code(code);
    }
    Some(pages::editor_state(pages::Asker::of(parts), &state))
}

async fn pass_on(
    shared: &Shared,
    request: Request<Upload>,
    who: &Who,
    asker: pages::Asker,
    entry: &mut Option<Box<Entry>>,
) -> Response<Content> {
    match shared.upstream.send(request).await {
        Ok((upstream, lease)) => {
            let (mut parts, body) = upstream.into_parts();
            response::clean(&mut parts.headers);
            let passing = Passing::new(body, Some(lease), who.clone());
            Response::from_parts(parts, Content::Upstream(passing))
        }
        Err(error) => {
            debug!(%error, "upstream");
            if let Some(entry) = entry {
                entry.set_code("editor_unreachable");
            }
            pages::editor_unreachable(asker)
        }
    }
}
