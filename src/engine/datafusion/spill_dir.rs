//! The folder that queries spill to, where a profile names one.
#![expect(clippy::disallowed_methods, reason = "the engine owns its temporary files")]

use std::fs::{self, File};
use std::io;
use std::path::Path;

use uuid::Uuid;

use super::error::tidy;
use crate::engine::{EngineError, ErrorKind};

/// Makes the folder where its parent is there, and checks that files can be made in it: a query that finds out on its own says
/// only that a file is not there.
///
/// # Errors
/// [`ErrorKind::Settings`] naming the key and the folder.
pub(super) fn prepare(folder: &Path) -> Result<(), EngineError> {
    make(folder).and_then(|()| probe(folder)).map_err(|error| {
        let reason = tidy(&error.to_string());
        let message = format!("`temp_dir: {}` cannot be written to: {reason}", folder.display());
        EngineError::new(ErrorKind::Settings, message).help("correct `temp_dir` in `profiles.yml`, or remove it")
    })
}

fn make(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn probe(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".probe-{}", Uuid::new_v4()));
    File::create(&file)?;
    fs::remove_file(&file)
}
