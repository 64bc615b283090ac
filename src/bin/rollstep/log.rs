//! A copy of all that is said, for callers that drop standard error: Helm 4 does.
//!
//! The file is that of `--log-file`, else of ROLLSTEP_LOG_FILE, which also gets what is said of the
//! arguments themselves.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context as _;

/// The variable that names the file.
const VARIABLE: &str = "ROLLSTEP_LOG_FILE";

/// What is said is one stream, as standard error is, and so is its copy.
static LOG: Mutex<Option<File>> = Mutex::new(None);

/// Copies what is said from now on to the end of the file.
pub(crate) fn write_to(path: &Path) -> anyhow::Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    let file = file.with_context(|| format!("cannot write {}", path.display()))?;
    if let Ok(mut log) = LOG.lock() {
        *log = Some(file);
    }
    Ok(())
}

/// Copies what is said to the file that the environment names, if it names one.
pub(crate) fn write_as_told() -> anyhow::Result<()> {
    match std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => write_to(Path::new(&path)),
        None => Ok(()),
    }
}

/// Adds what is said to the file, if there is one.
pub(crate) fn note(text: &str) {
    if let Ok(mut log) = LOG.lock()
        && let Some(file) = log.as_mut()
    {
        // A full disk is no reason not to render.
        let _ = file.write_all(text.as_bytes());
    }
}
