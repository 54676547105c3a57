//! The parameters of the password's hash; the hash itself goes nowhere.

use std::path::Path;

use doorcode_audit::PasswordHash;

/// None where there is no file, or not one in PHC form.
pub(super) fn look(file: &Path) -> Option<PasswordHash> {
    let (algorithm, memory, passes) =
        parameters(std::str::from_utf8(&super::reading::read(file).ok()?).ok()?)?;
    Some(PasswordHash {
        path: file.to_owned(),
        algorithm,
        memory,
        passes,
    })
}

/// From `$argon2id$v=19$m=19456,t=2,p=1$salt$hash` (the PHC string format).
fn parameters(phc: &str) -> Option<(String, u32, u32)> {
    let mut parts = phc.trim().strip_prefix('$')?.split('$');
    let algorithm = parts.next()?.to_owned();
    let costs = parts.find(|part| part.starts_with("m="))?;
    let cost = |name: &str| {
        let mut costs = costs.split(',').filter_map(|cost| cost.split_once('='));
        costs.find(|(found, _)| *found == name)?.1.parse().ok()
    };
    Some((algorithm, cost("m")?, cost("t")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An audit by root of somebody else's folders waits for nobody.
    #[test]
    fn a_pipe_in_the_place_of_the_hash_holds_nobody_up() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let pipe = folder.path().join("password");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("made");
        let (done, looked) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(look(&pipe).is_none()));
        let limit = std::time::Duration::from_secs(10);
        assert_eq!(looked.recv_timeout(limit), Ok(true), "it waits for a writer");
    }

    #[test]
    fn the_parameters_are_read_and_nothing_else() {
        let phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g\n";
        assert_eq!(parameters(phc), Some(("argon2id".to_owned(), 19_456, 2)));
        for other in ["", "argon2id", "$2b$12$abc", "$argon2id$v=19$m=1$x"] {
            assert_eq!(parameters(other), None, "{other:?}");
        }
    }
}
