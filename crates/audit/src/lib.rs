//! Rules that turn facts about a Doorcode into findings.
//!
//! [`audit`] is a pure function: whoever calls it has looked at the machine and says so in [`Facts`], so that every rule can be
//! tested without one. A [`Rule`] is one small function with an id, a severity, what it means and what to do about it; they
//! stand in one file an area. What a rule knows how to mend safely comes with a [`Fix`], which tightens the mode of a file
//! and nothing else.

mod facts;
mod fix;
mod report;
mod rule;
mod rules;

pub use facts::{
    Attack, Attempt, Certificate, CodeServer, Deep, Engine, Environment, EnvironmentOf, Facts, Found, Held,
    KeysAnswer, Kind, ListenSocket, Outcome, PasswordHash, Place, Role, SecretFile, Session, TrustLeftover,
};
pub use fix::{Fix, FixError};
pub use report::{Finding, Report, Severity, Summary, audit};
pub use rule::{Hit, Rule};
pub use rules::{EXPLANATIONS, RULES};
