//! The root certificate that another device has to trust.

use bytes::Bytes;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, Response, StatusCode};

use super::Visit;
use crate::access::Entry;
use crate::body::Content;
use crate::exchange::refuse;
use crate::pages;
use crate::refusal::Refusal;

const NONE: Refusal = Refusal::new(
    StatusCode::NOT_FOUND,
    "no_root",
    "This host has no certificate of its own making, so there is nothing to trust.",
);

impl Visit<'_> {
    /// The root of the host that was asked for. Public: it is no secret, and a device needs it before it can sign in.
    pub(super) fn certificate(&self, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        let host = self.policy.host(&self.admitted.authority());
        let root = host.and_then(|host| self.policy.config.roots.iter().find(|(of, _)| of == host));
        let Some((host, pem)) = root else {
            return refuse(self.parts, NONE, entry);
        };
        let kind = HeaderValue::from_static("application/x-x509-ca-cert");
        let mut response = pages::own(StatusCode::OK, Bytes::from(pem.clone()), kind);
        let name = format!("attachment; filename=\"doorcode-{}.crt\"", host.file_stem());
        if let Ok(name) = HeaderValue::try_from(name) {
            response.headers_mut().insert(CONTENT_DISPOSITION, name);
        }
        response
    }
}
