//! Writes changed files: all of a file or nothing, and no change of somebody else lost.
//!
//! The new text is written beside the file and takes its place by a rename, so that no reader ever sees
//! half of it. Every text is written before the first takes its place: what can go wrong by then, such as
//! a full disk, leaves all files as they were. The folders are locked from the check that a file is still
//! what was read until the rename, so that of two moves at once the second sees what the first wrote. A
//! link keeps leading to the file that it names. What a file has besides its text stays with it, and the
//! move is refused where that cannot be: see [`attributes`]. So does what the library does not see of the
//! text: a byte order mark, and a last line without an end.

mod attributes;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use rollstep::FileChange;

use attributes::Attributes;

use crate::files::Bounds;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The end of the name of a text that lies beside its file; no command takes it for a manifest.
const BESIDE: &str = ".rollstep";

/// How many digits of chance such a name has: no two processes have the same, whatever numbers they
/// have in their namespaces.
const DIGITS: usize = 16;

/// What became of changes.
pub(crate) enum Written {
    /// All are written.
    All,
    /// This file is not what was read; nothing is written.
    Changed(String),
    /// This file is there, and was not when the input was read; nothing is written.
    Appeared(String),
}

/// A text that lies beside the file whose place it takes.
///
/// One that is dropped before is of no use, and goes.
struct Prepared {
    beside: PathBuf,
    path: PathBuf,
}

/// Why a text is not prepared.
enum Outdated {
    Changed,
    Appeared,
}

/// Writes the changes, unless a file is another one by now.
pub(crate) fn replace_all(changes: &[FileChange]) -> anyhow::Result<Written> {
    let paths = changes.iter().map(place).collect::<anyhow::Result<Vec<_>>>()?;
    let _locks = lock_folders(&paths)?;
    let mut prepared = Vec::with_capacity(changes.len());
    for (change, path) in changes.iter().zip(&paths) {
        clear_leftovers(path)?;
        match prepare(change, path).with_context(|| format!("cannot write {}", change.name))? {
            Ok(one) => prepared.push(one),
            Err(Outdated::Changed) => return Ok(Written::Changed(change.name.clone())),
            Err(Outdated::Appeared) => return Ok(Written::Appeared(change.name.clone())),
        }
    }
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
    Ok(Written::All)
}

/// Returns the file that a name leads to.
fn place(change: &FileChange) -> anyhow::Result<PathBuf> {
    let path = Path::new(&change.name);
    let context = || format!("cannot write {}", change.name);
    ensure!(
        !path.is_symlink() || Bounds::of(above(path)).follow(path).is_some(),
        "{} is a link that leads out of its folder and its repository; nothing was written",
        change.name
    );
    match fs::canonicalize(path) {
        Ok(path) if change.before.is_some() => Ok(path),
        _ => {
            let name = path.file_name().context("the path names no file").with_context(context)?;
            Ok(fs::canonicalize(above(path)).with_context(context)?.join(name))
        }
    }
}

/// Returns the folder that holds a file.
fn above(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Keeps every other move waiting that writes into one of the folders, in one order for all of them.
fn lock_folders(paths: &[PathBuf]) -> anyhow::Result<Vec<File>> {
    let folders: BTreeSet<_> = paths.iter().filter_map(|path| path.parent()).collect();
    let mut locks = Vec::with_capacity(folders.len());
    for folder in folders {
        let context = || format!("cannot lock {}", folder.display());
        let file = File::open(folder).with_context(context)?;
        match file.lock() {
            // Where the file system has no locks, the check before the rename has to do.
            Err(error) if error.kind() == ErrorKind::Unsupported => {}
            locked => locked.with_context(context)?,
        }
        locks.push(file);
    }
    Ok(locks)
}

/// Removes what a move left that was killed. Under the lock nobody else is writing.
fn clear_leftovers(path: &Path) -> anyhow::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let beginning = format!(".{}.", name.to_string_lossy());
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let chance = name.strip_prefix(&beginning).and_then(|rest| rest.strip_suffix(BESIDE));
        let is_ours = chance.is_some_and(|chance| {
            chance.len() == DIGITS && chance.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        if is_ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let path = entry.path();
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

fn prepare(change: &FileChange, path: &Path) -> anyhow::Result<Result<Prepared, Outdated>> {
    let Some(before) = &change.before else {
        if fs::symlink_metadata(path).is_ok() {
            return Ok(Err(Outdated::Appeared));
        }
        return write_beside(path, change.after.as_bytes(), None).map(Ok);
    };
    let found = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Err(Outdated::Changed)),
        found => found?,
    };
    let Some(bytes) = as_found(&found, before, &change.after)
        .with_context(|| format!("cannot edit {}", change.name))?
    else {
        return Ok(Err(Outdated::Changed));
    };
    let attributes = Attributes::of(path)?;
    write_beside(path, &bytes, Some(&attributes)).map(Ok)
}

/// Returns the new text in the form of the bytes that were found; nothing where they are not what was
/// read.
fn as_found(found: &[u8], before: &str, after: &str) -> anyhow::Result<Option<Vec<u8>>> {
    if found.starts_with(b"\xFE\xFF") || found.starts_with(b"\xFF\xFE") {
        bail!("it is UTF-16; save it as UTF-8");
    }
    let (mark, text) = match found.strip_prefix(MARK) {
        Some(text) => (MARK, text),
        None => (&b""[..], found),
    };
    let Some(end) = before.as_bytes().strip_prefix(text) else { return Ok(None) };
    if !matches!(end, b"" | b"\n" | b"\r\n") {
        return Ok(None);
    }
    // A last line that is not the one that was there gets its end.
    let same_end = before.lines().last() == after.lines().last();
    let whole = after.as_bytes();
    let after = whole.strip_suffix(end).filter(|_| same_end).unwrap_or(whole);
    Ok(Some([mark, after].concat()))
}

fn write_beside(
    path: &Path,
    bytes: &[u8],
    attributes: Option<&Attributes>,
) -> anyhow::Result<Prepared> {
    let beside = name_beside(path)?;
    let mut file = File::create_new(&beside)?;
    let prepared = Prepared { beside, path: path.to_owned() };
    file.write_all(bytes)?;
    if let Some(attributes) = attributes {
        attributes.give_to(&file)?;
    }
    file.sync_all()?;
    Ok(prepared)
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // After the rename there is none; what else goes wrong leaves a file that the next move removes.
        let _ = fs::remove_file(&self.beside);
    }
}

/// Returns a name that no command takes for a manifest, and no other process uses.
fn name_beside(path: &Path) -> anyhow::Result<PathBuf> {
    let name = path.file_name().context("the path names no file")?.to_string_lossy();
    ensure!(!name.is_empty(), "the path names no file");
    let chance = RandomState::new().hash_one(std::process::id());
    Ok(path.with_file_name(format!(".{name}.{chance:0DIGITS$x}{BESIDE}")))
}
