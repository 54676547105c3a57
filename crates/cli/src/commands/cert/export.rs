//! The root, for browsers and devices that are not this machine's.

use std::fs;
use std::io;
use std::path::Path;

use anstream::println;
use doorcode_settings::Problem;

use super::{Certs, ExportArgs};
use crate::failure::Failure;

impl Certs<'_> {
    pub(super) fn export(&self, args: &ExportArgs) -> Result<u8, Failure> {
        let root = self
            .store
            .export(&args.host)
            .map_err(|error| Problem::from(&error))?;
        match &args.out {
            None => anstream::print!("{root}"),
            Some(file) => {
                fs::write(file, root).map_err(|error| unwritable(file, &error))?;
                println!("The root certificate of {} is in {}", args.host, file.display());
            }
        }
        Ok(0)
    }
}

fn unwritable(file: &Path, error: &io::Error) -> Problem {
    let message = format!("cannot write {}: {error}", file.display());
    Problem::new(
        "export_unwritable",
        message,
        "doorcode cert export HOST --out another-file.crt",
    )
}
