//! A `.tar.gz` that says nothing about who made it.

use std::io;

use flate2::Compression;
use flate2::write::GzEncoder;
use time::OffsetDateTime;

/// An archive with one folder at its top.
pub(super) struct Archive {
    folder: String,
    tar: tar::Builder<GzEncoder<Vec<u8>>>,
}

impl Archive {
    pub(super) fn new(folder: String) -> Archive {
        Archive {
            folder,
            tar: tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default())),
        }
    }

    /// Adds a file, 0600, owned by nobody in particular: a name in the header would be a person's.
    pub(super) fn add(&mut self, name: &str, text: &str) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(u64::try_from(OffsetDateTime::now_utc().unix_timestamp()).unwrap_or_default());
        self.tar
            .append_data(&mut header, format!("{}/{name}", self.folder), text.as_bytes())
    }

    /// The archive's bytes.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        self.tar.into_inner()?.finish()
    }
}
