//! Which variables are set for the engine.

use doorcode_audit::{Environment, EnvironmentOf};

/// The engine's, where one runs and the system tells; otherwise those set here. Names only.
pub(super) fn look(engine: Option<u32>) -> Environment {
    if let Some(pid) = engine
        && let Ok(block) = std::fs::read(format!("/proc/{pid}/environ"))
    {
        let variables = block.split(|byte| *byte == 0);
        return Environment {
            of: EnvironmentOf::Engine(pid),
            names: variables.filter_map(told).collect(),
        };
    }
    let variables = std::env::vars_os().map(|(mut variable, value)| {
        variable.push("=");
        variable.push(value);
        variable.into_encoded_bytes()
    });
    Environment {
        of: EnvironmentOf::Here,
        names: variables.filter_map(|variable| told(&variable)).collect(),
    }
}

/// The name in `NAME=value`, where it is worth telling: set to something, and to what does harm.
fn told(variable: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(variable);
    let (name, value) = text.split_once('=')?;
    let harmless = value.is_empty() || (name == "NODE_TLS_REJECT_UNAUTHORIZED" && value != "0");
    (!harmless).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_and_values_are_not() {
        let name = |variable: &str| told(variable.as_bytes());
        assert_eq!(name("PASSWORD=a secret = one").as_deref(), Some("PASSWORD"));
        assert_eq!(name("NODE_OPTIONS="), None);
        assert_eq!(name("NODE_TLS_REJECT_UNAUTHORIZED=1"), None);
        assert_eq!(
            name("NODE_TLS_REJECT_UNAUTHORIZED=0").as_deref(),
            Some("NODE_TLS_REJECT_UNAUTHORIZED")
        );
        assert_eq!(name("no variable"), None);
    }
}
