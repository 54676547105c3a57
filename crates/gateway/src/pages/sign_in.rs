//! The page where people sign in.

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};

use super::shell::{Page, escape, fill};
use crate::body::Content;
use crate::local_path::LocalPath;

/// The form, and what went wrong the last time.
#[derive(Debug)]
pub(crate) struct SignIn<'a> {
    /// The host and port in the browser's address.
    pub(crate) host: &'a str,
    /// Where it leads.
    pub(crate) to: &'a LocalPath,
    pub(crate) error: Option<SignInError>,
}

/// Why somebody sees the form again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInError {
    Wrong,
    /// Seconds to wait.
    TooMany(u64),
    /// Too many others are being checked.
    Busy,
    /// The form was not one of ours.
    Malformed,
    /// Everybody was signed out while the password was being checked.
    SignedOutMeanwhile,
}

impl SignIn<'_> {
    pub(crate) fn response(&self) -> Response<Content> {
        let error = self
            .error
            .map(|error| format!("<p class=\"error\" id=\"error\">{}</p>", error.text()));
        let invalid = match self.error {
            Some(SignInError::Wrong) => " aria-invalid=\"true\" aria-describedby=\"error\"",
            _ => "",
        };
        let values = [
            ("host", &*escape(self.host)),
            ("to", &*escape(self.to.as_str())),
            ("error", &*error.unwrap_or_default()),
            ("invalid", invalid),
        ];
        let body = fill(include_str!("assets/sign_in.html"), &values);
        let title = format!("Sign in · {}", self.host);
        let status = self.error.map_or(StatusCode::OK, SignInError::status);
        let mut response = Page {
            status,
            title: &title,
            body,
            refresh: None,
        }
        .response();
        if let Some(seconds) = self.error.and_then(SignInError::retry_after) {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl SignInError {
    fn status(self) -> StatusCode {
        match self {
            SignInError::Wrong | SignInError::SignedOutMeanwhile => StatusCode::UNAUTHORIZED,
            SignInError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            SignInError::Busy => StatusCode::SERVICE_UNAVAILABLE,
            SignInError::Malformed => StatusCode::BAD_REQUEST,
        }
    }

    fn text(self) -> String {
        match self {
            SignInError::Wrong => "That is not the password.".to_owned(),
            SignInError::TooMany(1) => {
                "Too many attempts from your address. Try again in a second.".to_owned()
            }
            SignInError::TooMany(seconds) => {
                format!("Too many attempts from your address. Try again in {seconds} seconds.")
            }
            SignInError::Busy => "Too many people are signing in. Try again in a moment.".to_owned(),
            SignInError::Malformed => "The form did not arrive in one piece. Try again.".to_owned(),
            SignInError::SignedOutMeanwhile => {
                "Everybody has just been signed out. Enter the password again.".to_owned()
            }
        }
    }

    /// For the access log.
    pub(crate) fn code(self) -> &'static str {
        match self {
            SignInError::Wrong => "sign_in_wrong_password",
            SignInError::TooMany(_) => "sign_in_too_many",
            SignInError::Busy => "sign_in_busy",
            SignInError::Malformed => "sign_in_malformed",
            SignInError::SignedOutMeanwhile => "signed_out_meanwhile",
        }
    }

    fn retry_after(self) -> Option<u64> {
        match self {
            SignInError::TooMany(seconds) => Some(seconds),
            SignInError::Busy => Some(5),
            SignInError::Wrong | SignInError::Malformed | SignInError::SignedOutMeanwhile => None,
        }
    }
}
