//! Files whose contents matter, read without waiting for anybody.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use doorcode_audit::SecretFile;
use doorcode_settings::Settings;
use doorcode_settings::trusted_proxy::Proof;

/// More than any of these files needs.
const LARGEST: u64 = 1 << 20;

/// A regular file's contents; a FIFO in its place holds nobody up.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let nonblocking = nix::libc::O_NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblocking)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    let mut contents = Vec::new();
    file.take(LARGEST).read_to_end(&mut contents)?;
    Ok(contents)
}

/// The file with the secret that the proxy adds, where that is the proof.
pub(super) fn proxy_secret(settings: &Settings) -> Option<SecretFile> {
    match &super::uses_proxy(settings)?.proof {
        Proof::Header { secret_file, .. } => Some(SecretFile {
            path: secret_file.clone(),
            length: read(secret_file)
                .map(|secret| secret.trim_ascii().len())
                .map_err(|error| error.to_string()),
        }),
        _ => None,
    }
}
