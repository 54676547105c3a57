//! Browsers and devices that show that they trust a certificate: the check page, and the page for phones.

use std::sync::{Mutex, PoisonError};

/// The page for phones that is open, for as long as this is kept.
#[derive(Debug, Default)]
pub(crate) struct Onboarding(Mutex<Option<String>>);

impl Onboarding {
    /// Whether `text` is the address of the page that is open.
    pub(crate) fn is_page(&self, text: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(text)
    }
}
