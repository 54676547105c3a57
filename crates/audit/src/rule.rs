//! A rule, and what it gives when its condition holds.

use doorcode_settings::Explanation;

use crate::{Facts, Finding, Fix, Severity};

/// One condition that is looked for.
pub struct Rule {
    /// Its id (`area.what`), its title, why it matters and what to do about it.
    pub explanation: Explanation,
    /// How much it matters when it holds.
    pub severity: Severity,
    /// Each place where it holds; none when all is well.
    pub check: fn(&Facts) -> Vec<Hit>,
}

impl Rule {
    /// Its id.
    pub const fn id(&self) -> &'static str {
        self.explanation.code
    }
}

/// A place where a rule's condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What was seen, and where. Never a secret.
    detail: String,
    /// The next command for this place, where it is more exact than the rule's own words.
    next: Option<String>,
    fix: Option<Fix>,
}

impl Hit {
    pub(crate) fn new(detail: impl Into<String>) -> Hit {
        Hit {
            detail: detail.into(),
            next: None,
            fix: None,
        }
    }

    pub(crate) fn next(self, next: impl Into<String>) -> Hit {
        Hit {
            next: Some(next.into()),
            ..self
        }
    }

    pub(crate) fn fixed_by(self, fix: Fix) -> Hit {
        Hit {
            fix: Some(fix),
            ..self
        }
    }

    pub(crate) fn found_by(self, rule: &Rule) -> Finding {
        let remedy = || Some(rule.explanation.remedy.to_owned()).filter(|text| !text.is_empty());
        Finding {
            check_id: rule.id(),
            severity: rule.severity,
            title: rule.explanation.title,
            detail: self.detail,
            remediation: self.next.or_else(remedy),
            fixable: self.fix.is_some(),
            fix: self.fix,
        }
    }
}

/// One hit when `condition` holds.
pub(crate) fn when(condition: bool, detail: impl FnOnce() -> String) -> Vec<Hit> {
    if condition {
        vec![Hit::new(detail())]
    } else {
        Vec::new()
    }
}
