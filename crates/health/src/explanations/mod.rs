//! What each cause means, for `doorcode explain`.

mod door;
mod editor;
mod machine;
mod public;

use doorcode_settings::Explanation;

const COUNT: usize = machine::ALL.len() + editor::ALL.len() + door::ALL.len() + public::ALL.len();

/// Every cause that a person can meet in a diagnosis, in the order of the chains.
pub const EXPLANATIONS: &[Explanation] = &{
    let mut all = [machine::ALL[0]; COUNT];
    let parts: [&[Explanation]; 4] = [&machine::ALL, &editor::ALL, &door::ALL, &public::ALL];
    let (mut part, mut next) = (0, 0);
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            all[next] = parts[part][index];
            index += 1;
            next += 1;
        }
        part += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_code_that_a_probe_can_name_is_explained_once() {
        let explained: HashSet<&str> = EXPLANATIONS.iter().map(|one| one.code).collect();
        assert_eq!(explained.len(), EXPLANATIONS.len(), "a code is explained twice");
        let mut named = HashSet::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut named);
        assert!(named.len() > 40, "the search finds the codes: {named:?}");
        for code in named {
            assert!(explained.contains(&*code), "{code} is not explained");
        }
    }

    #[test]
    fn every_reason_why_a_password_cannot_be_read_is_explained() {
        use doorcode_settings::{PasswordError, PasswordRefused, Problem};

        let path = std::path::PathBuf::from("/data/password.argon2id");
        let source = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        for error in [
            PasswordError::KeyringLocked(String::new()),
            PasswordError::KeyringTimedOut(5),
            PasswordError::KeyringFailed(String::new()),
            PasswordError::KeptRefused(PasswordRefused::TooShort),
            PasswordError::HashFile {
                path: path.clone(),
                source,
            },
            PasswordError::HashFileBroken { path },
            PasswordError::Hashing(String::new()),
        ] {
            let code = Problem::from(&error).code;
            assert!(EXPLANATIONS.iter().any(|one| one.code == code), "{code}");
        }
    }

    /// The first argument of every cause in the sources that is not a test's.
    fn collect(folder: &Path, named: &mut HashSet<String>) {
        for entry in std::fs::read_dir(folder).expect("the sources").flatten() {
            if entry.path().is_dir() {
                collect(&entry.path(), named);
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).expect("a source file");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for kind in ["Cause::critical(", "Cause::warning("] {
                for rest in text.split(kind).skip(1) {
                    if let Some(code) = rest
                        .trim_start()
                        .strip_prefix('"')
                        .and_then(|rest| rest.split('"').next())
                    {
                        named.insert(code.to_owned());
                    }
                }
            }
        }
    }
}
