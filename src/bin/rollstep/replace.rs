//! Writes changed files: all of a file or nothing, and all files or none.
//!
//! The new text is written beside the file and takes its place by a rename, so that no reader ever
//! sees half of it. Every text is written before the first takes its place: what can go wrong by then,
//! such as a full disk, leaves all files as they were. A link keeps leading to the file that it names,
//! and the file keeps its permissions. What the library does not see of a file stays as well: a byte
//! order mark, and a last line without an end.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use rollstep::FileChange;

use crate::files::Bounds;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A text that lies beside the file whose place it takes.
///
/// One that is dropped before is of no use, and goes.
struct Prepared {
    beside: PathBuf,
    path: PathBuf,
}

/// Writes the changes, unless a file is another one by now.
pub(crate) fn replace_all(changes: &[FileChange]) -> anyhow::Result<()> {
    let prepared = changes.iter().map(prepare).collect::<anyhow::Result<Vec<_>>>()?;
    for (index, (one, change)) in prepared.iter().zip(changes).enumerate() {
        fs::rename(&one.beside, &one.path).with_context(|| {
            let written: Vec<_> = changes.iter().take(index).map(|one| one.name.as_str()).collect();
            let already = match written.as_slice() {
                [] => String::new(),
                written => format!(" (written already: {})", written.join(", ")),
            };
            format!("cannot write {}{already}", change.name)
        })?;
    }
    Ok(())
}

fn prepare(change: &FileChange) -> anyhow::Result<Prepared> {
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
            ensure!(
                !path.is_symlink() || Bounds::of(above(path)).follow(path).is_some(),
                "{} is a link that leads out of its folder and its repository; nothing was written",
                change.name
            );
            let path = fs::canonicalize(path).with_context(context)?;
            let found = fs::read(&path).with_context(context)?;
            let bytes = as_found(&found, before, &change.after)
                .with_context(|| format!("cannot edit {}", change.name))?;
            let permissions = fs::metadata(&path).with_context(context)?.permissions();
            write_beside(&path, &bytes, Some(permissions)).with_context(context)
        }
    }
}

/// Returns the folder that holds a file.
fn above(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
) -> anyhow::Result<Prepared> {
    let prepared = Prepared { beside: name_beside(path)?, path: path.to_owned() };
    write_new(&prepared.beside, bytes, permissions)?;
    Ok(prepared)
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // After the rename there is none; what else goes wrong leaves a file that no command reads.
        let _ = fs::remove_file(&self.beside);
    }
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
