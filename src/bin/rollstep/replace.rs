//! Writes a changed file in one go: all of it or nothing.
//!
//! The new text is written beside the file and takes its place by a rename, so that no reader ever
//! sees half of it. A link keeps leading to the file that it names, and the file keeps its
//! permissions. What the library does not see of a file stays as well: a byte order mark, and a last
//! line without an end.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use rollstep::FileChange;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Writes the change, unless the file is another one by now.
pub(crate) fn replace(change: &FileChange) -> anyhow::Result<()> {
    let path = Path::new(&change.name);
    let context = || format!("cannot write {}", change.name);
    match &change.before {
        None => {
            ensure!(
                fs::symlink_metadata(path).is_err(),
                "{} is there and not among the manifests; name it with -f, or another with --file",
                change.name
            );
            write_beside(path, change.after.as_bytes(), None).with_context(context)
        }
        Some(before) => {
            let path = fs::canonicalize(path).with_context(context)?;
            let found = fs::read(&path).with_context(context)?;
            let bytes = as_found(&found, before, &change.after)
                .with_context(|| format!("cannot edit {}", change.name))?;
            let permissions = fs::metadata(&path).with_context(context)?.permissions();
            write_beside(&path, &bytes, Some(permissions)).with_context(context)
        }
    }
}

/// Returns the new text in the form of the bytes that were found.
fn as_found(found: &[u8], before: &str, after: &str) -> anyhow::Result<Vec<u8>> {
    if found.starts_with(b"\xFE\xFF") || found.starts_with(b"\xFF\xFE") {
        bail!("it is UTF-16; save it as UTF-8");
    }
    let (mark, text) = match found.strip_prefix(MARK) {
        Some(text) => (MARK, text),
        None => (&b""[..], found),
    };
    let Some(end) = before.as_bytes().strip_prefix(text) else {
        bail!("it has changed meanwhile; nothing was written");
    };
    ensure!(matches!(end, b"" | b"\n" | b"\r\n"), "it has changed meanwhile; nothing was written");
    // A last line that is not the one that was there gets its end.
    let same_end = before.lines().last() == after.lines().last();
    let whole = after.as_bytes();
    let after = whole.strip_suffix(end).filter(|_| same_end).unwrap_or(whole);
    Ok([mark, after].concat())
}

fn write_beside(
    path: &Path,
    bytes: &[u8],
    permissions: Option<fs::Permissions>,
) -> anyhow::Result<()> {
    let beside = name_beside(path)?;
    let written = write_new(&beside, bytes, permissions)
        .and_then(|()| fs::rename(&beside, path).map_err(Into::into));
    if written.is_err() {
        // What could not take its place is of no use; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(
    path: &Path,
    bytes: &[u8],
    permissions: Option<fs::Permissions>,
) -> anyhow::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()?;
    Ok(())
}

/// Returns a name that no command takes for a manifest, and no other process uses.
fn name_beside(path: &Path) -> anyhow::Result<PathBuf> {
    let name = path.file_name().context("the path names no file")?.to_string_lossy();
    Ok(path.with_file_name(format!(".{name}.{}.new", std::process::id())))
}
