//! A copy of all that is said, for callers that drop standard error: Helm 4 does.
//!
//! The file is that of `--log-file`, else of ROLLSTEP_LOG_FILE, which also gets what is said of the
//! arguments themselves. What is read as a manifest is no such file: a line at its end would break it.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context as _, bail, ensure};

use crate::files::is_manifest;

/// The variable that names the file.
const VARIABLE: &str = "ROLLSTEP_LOG_FILE";

/// What is said is one stream, as standard error is, and so is its copy.
static LOG: Mutex<Option<Log>> = Mutex::new(None);

struct Log {
    file: File,
    path: PathBuf,
}

/// Copies what is said from now on to the end of the file.
pub(crate) fn write_to(path: &Path) -> anyhow::Result<()> {
    ensure!(
        !is_manifest(path),
        "{} would be read as a manifest; give the log file another ending",
        path.display()
    );
    let file = OpenOptions::new().append(true).create(true).open(path);
    let file = file.with_context(|| format!("cannot write {}", path.display()))?;
    // What has no path of its own, such as a pipe, is no manifest.
    let path = fs::canonicalize(path).unwrap_or_default();
    if let Ok(mut log) = LOG.lock() {
        *log = Some(Log { file, path });
    }
    Ok(())
}

/// Refuses to read the log file, and says no more in it.
pub(crate) fn ensure_apart(path: &Path) -> anyhow::Result<()> {
    let Ok(mut log) = LOG.lock() else { return Ok(()) };
    let is_same = |log: &Log| fs::canonicalize(path).is_ok_and(|path| path == log.path);
    if log.as_ref().is_some_and(is_same) {
        *log = None;
        bail!("{} is read as a manifest; name another log file", path.display());
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
        && let Some(Log { file, .. }) = log.as_mut()
    {
        // A full disk is no reason not to render.
        let _ = file.write_all(text.as_bytes());
    }
}
