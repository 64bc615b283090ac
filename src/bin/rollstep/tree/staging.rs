//! A new tree while it is written, beside the folder or in it.
//!
//! Here a full disk is noticed, before anything of the old tree is touched.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use anyhow::ensure;
use rollstep::TreeFile;

use super::AtPath as _;
use super::inventory::INVENTORY;

/// The folder of a new tree inside the old one.
pub(super) const INSIDE: &str = ".rollstep-new";

/// How many files are waited for one by one.
const MANY: usize = 100;

/// Removes a tree that an earlier run could not finish.
pub(super) fn clear(staging: &Path) -> anyhow::Result<()> {
    match fs::symlink_metadata(staging) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        found => {
            let is_ours = found.at("read", staging)?.is_dir() && is_unfinished(staging);
            ensure!(is_ours, "{} is in the way; move it away", staging.display());
            remove(staging)
        }
    }
}

/// Removes a tree of ours, its inventory last: a run that is killed meanwhile leaves what the next one
/// knows as ours.
pub(super) fn remove(staging: &Path) -> anyhow::Result<()> {
    let entries = fs::read_dir(staging).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    for entry in entries.at("read", staging)? {
        if entry.file_name() == INVENTORY {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().at("read", &path)?.is_dir();
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.at("remove", &path)?;
    }
    match fs::remove_file(staging.join(INVENTORY)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).at("remove", staging)?,
        _ => {}
    }
    fs::remove_dir(staging).at("remove", staging)
}

/// Returns whether we began a tree: it holds its inventory, or nothing yet.
fn is_unfinished(staging: &Path) -> bool {
    let empty = fs::read_dir(staging).is_ok_and(|mut entries| entries.next().is_none());
    empty || staging.join(INVENTORY).is_file()
}

/// Writes the files, the inventory before all others, and waits until the disk has them.
pub(super) fn fill(staging: &Path, files: &[TreeFile]) -> anyhow::Result<()> {
    let inventory = |file: &&TreeFile| file.path == INVENTORY;
    let first = files.iter().filter(inventory);
    let mut folders = BTreeSet::new();
    for file in first.chain(files.iter().filter(|file| !inventory(file))) {
        let path = staging.join(&file.path);
        if let Some(folder) = path.parent()
            && folders.insert(folder.to_owned())
        {
            fs::create_dir_all(folder).at("make", folder)?;
        }
        write_new(&path, file).at("write", &path)?;
    }
    sync(staging, files)
}

/// Waits until the disk has the files: each by itself, or the whole file system where they are many,
/// which takes a fraction of the time.
fn sync(staging: &Path, files: &[TreeFile]) -> anyhow::Result<()> {
    if files.len() > MANY && sync_file_system(staging) {
        return Ok(());
    }
    for file in files {
        let path = staging.join(&file.path);
        File::open(&path).and_then(|file| file.sync_all()).at("write", &path)?;
    }
    Ok(())
}

/// Waits until the disk has all that was written to a file system. Returns whether that is known.
#[cfg(target_os = "linux")]
fn sync_file_system(folder: &Path) -> bool {
    File::open(folder).is_ok_and(|folder| rustix::fs::syncfs(folder).is_ok())
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_: &Path) -> bool {
    false
}

/// Writes a file that is not there yet, and that no one else may read where a Secret is inside.
fn write_new(path: &Path, file: &TreeFile) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if file.secret {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(file.text.as_bytes())
}
