//! The password as the gateway sees it: something that says yes or no, and can be exchanged while people are signing in.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use doorcode_gateway::VerifyPassword;
use doorcode_settings::Verifier;

/// Verifies against the password in force; refuses everyone while there is none (a locked keyring).
#[derive(Default)]
pub(crate) struct PasswordGate(ArcSwapOption<Verifier>);

impl PasswordGate {
    pub(crate) fn set(&self, verifier: Option<Verifier>) {
        self.0.store(verifier.map(Arc::new));
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load().is_some()
    }
}

impl VerifyPassword for PasswordGate {
    fn verify(&self, candidate: &str) -> bool {
        self.0
            .load()
            .as_ref()
            .is_some_and(|verifier| verifier.verify(candidate))
    }

    fn is_slow(&self) -> bool {
        self.0.load().as_ref().is_some_and(|verifier| verifier.is_slow())
    }
}
