//! The refusals of this mode. Each has a code for the log and the owner; the client is told nothing but that it was refused.

use http::StatusCode;

use crate::refusal::Refusal;

/// What every client gets to read, whatever the reason: which check failed would only help whoever is trying.
const TEXT: &str = "This request was not let through.";
const LATER: &str = "This cannot be decided at the moment. Try again in a minute.";

const fn refusal(status: StatusCode, code: &'static str) -> Refusal {
    Refusal::new(status, code, TEXT)
}

const fn later(code: &'static str) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, code, LATER)
}

pub(super) const NOT_CONFIGURED: Refusal = later("trusted_proxy_not_configured");
pub(super) const POLICY_CHANGED: Refusal = later("trusted_proxy_policy_changed");
pub(super) const BAD_REQUEST: Refusal = refusal(StatusCode::BAD_REQUEST, "trusted_proxy_bad_request");
pub(super) const HOST_NOT_ALLOWED: Refusal =
    refusal(StatusCode::MISDIRECTED_REQUEST, "trusted_proxy_host_not_allowed");
pub(super) const UNTRUSTED_SOURCE: Refusal = refusal(StatusCode::FORBIDDEN, "trusted_proxy_untrusted_source");
pub(super) const PROOF_INVALID: Refusal = refusal(StatusCode::FORBIDDEN, "trusted_proxy_proof_invalid");
pub(super) const ASSERTION_MISSING: Refusal =
    refusal(StatusCode::UNAUTHORIZED, "trusted_proxy_assertion_missing");
pub(super) const ASSERTION_INVALID: Refusal =
    refusal(StatusCode::UNAUTHORIZED, "trusted_proxy_assertion_invalid");
pub(super) const ASSERTION_EXPIRED: Refusal =
    refusal(StatusCode::UNAUTHORIZED, "trusted_proxy_assertion_expired");
pub(super) const ASSERTION_AUDIENCE: Refusal =
    refusal(StatusCode::UNAUTHORIZED, "trusted_proxy_assertion_audience");
pub(super) const ASSERTION_ISSUER: Refusal =
    refusal(StatusCode::UNAUTHORIZED, "trusted_proxy_assertion_issuer");
pub(super) const KEYS_UNAVAILABLE: Refusal = later("trusted_proxy_assertion_keys_unavailable");
pub(super) const USER_MISSING: Refusal = refusal(StatusCode::UNAUTHORIZED, "trusted_proxy_user_missing");
pub(super) const USER_AMBIGUOUS: Refusal = refusal(StatusCode::FORBIDDEN, "trusted_proxy_user_ambiguous");
pub(super) const USER_INVALID: Refusal = refusal(StatusCode::FORBIDDEN, "trusted_proxy_user_invalid");
pub(super) const USER_MISMATCH: Refusal = refusal(StatusCode::FORBIDDEN, "trusted_proxy_user_mismatch");
pub(super) const USER_NOT_ALLOWED: Refusal = refusal(StatusCode::FORBIDDEN, "trusted_proxy_user_not_allowed");
pub(super) const ORIGIN_NOT_ALLOWED: Refusal =
    refusal(StatusCode::FORBIDDEN, "trusted_proxy_origin_not_allowed");

/// The beginning of the codes for required headers that are missing; the header's name follows.
pub(crate) const MISSING_HEADER: &str = "trusted_proxy_missing_header_";

/// A required header is not there. `code` begins with [`MISSING_HEADER`].
pub(super) const fn missing_header(code: &'static str) -> Refusal {
    refusal(StatusCode::FORBIDDEN, code)
}

/// Another part's refusal as this mode shows and names it; the part's own code becomes the detail. One of this mode's stays as it is.
pub(crate) fn translated(refusal: Refusal) -> Refusal {
    let code = match refusal.code {
        ours if ours == BAD_REQUEST.code => return refusal,
        "host_not_allowed" => HOST_NOT_ALLOWED.code,
        "origin_not_allowed" | "origin_missing" => ORIGIN_NOT_ALLOWED.code,
        _ if refusal.status == StatusCode::BAD_REQUEST => BAD_REQUEST.code,
        _ => return refusal,
    };
    Refusal {
        code,
        text: TEXT,
        detail: refusal.detail.or(Some(refusal.code)),
        ..refusal
    }
}
