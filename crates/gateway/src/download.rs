//! A host's root in the forms that devices install.

use bytes::Bytes;
use doorcode_settings::HostName;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, Response, StatusCode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::body::Content;
use crate::pages;
use crate::profile::profile;

/// A file for a browser to keep, or a device to install.
#[derive(Debug)]
pub(crate) struct Download {
    name: String,
    kind: &'static str,
    contents: Bytes,
}

const CERTIFICATE: &str = "application/x-x509-ca-cert";
/// Apple's, for configuration profiles.
const PROFILE: &str = "application/x-apple-aspen-config";

impl Download {
    /// As text.
    pub(crate) fn pem(host: &HostName, pem: &str) -> Download {
        Download {
            name: format!("doorcode-{}.crt", host.file_stem()),
            kind: CERTIFICATE,
            contents: Bytes::from(pem.to_owned()),
        }
    }

    /// As Android wants it, and so that the file's SHA-256 is the certificate's fingerprint. `None` if it is not a
    /// certificate.
    pub(crate) fn der(host: &HostName, pem: &str) -> Option<Download> {
        Some(Download {
            contents: der(pem)?.to_vec().into(),
            ..Download::pem(host, "")
        })
    }

    /// For Apple's devices. `None` if it is not a certificate.
    pub(crate) fn profile(host: &HostName, pem: &str) -> Option<Download> {
        Some(Download {
            name: format!("doorcode-{}.mobileconfig", host.file_stem()),
            kind: PROFILE,
            contents: profile(host, &der(pem)?).into(),
        })
    }

    pub(crate) fn response(self) -> Response<Content> {
        let mut response = pages::own(StatusCode::OK, self.contents, HeaderValue::from_static(self.kind));
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        let disposition = HeaderValue::try_from(disposition).expect("a host's file name is plain ASCII");
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
        response
    }
}

fn der(pem: &str) -> Option<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(pem.as_bytes()).ok()
}
