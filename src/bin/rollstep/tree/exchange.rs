//! A whole new folder in place of the old one, by rename.
//!
//! Two renames: the old folder gets another name and the new one its own. A process that dies between
//! them leaves the old tree whole under the other name, and the next run puts it back.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use rollstep::TreeFile;

use super::AtPath as _;
use super::inventory::{self, INVENTORY};
use super::staging::{self, INSIDE};
use super::standing::{Standing, above};

/// Puts a new tree in place of the folder; `false` where the surroundings do not allow it, and
/// nothing has changed.
pub(super) fn exchange(standing: &Standing, files: &[TreeFile]) -> anyhow::Result<bool> {
    let root = &standing.root;
    if let Some(parent) = root.parent() {
        fs::create_dir_all(parent).at("make", parent)?;
    }
    let new = beside(root, "new");
    match fs::create_dir(&new) {
        Err(error) if standing.exists && is_forbidden(&error) => return Ok(false),
        made => made.at("make", &new)?,
    }
    let done = fill_and_swap(standing, files, &new);
    if !matches!(done, Ok(true)) {
        // What could not be finished is of no use; the first error is the one to be told.
        let _ = staging::remove(&new);
    }
    done
}

fn fill_and_swap(standing: &Standing, files: &[TreeFile], new: &Path) -> anyhow::Result<bool> {
    let root = &standing.root;
    staging::fill(new, files)?;
    if !standing.exists {
        return fs::rename(new, root).map(|()| true).at("make", root);
    }
    let permissions = fs::metadata(root).at("read", root)?.permissions();
    fs::set_permissions(new, permissions).at("write", new)?;
    let old = beside(root, "old");
    match fs::rename(root, &old) {
        Err(error) if is_forbidden(&error) => return Ok(false),
        renamed => renamed.at("replace", root)?,
    }
    if let Err(error) = fs::rename(new, root) {
        let back = fs::rename(&old, root);
        back.with_context(|| format!("{} is now {}", root.display(), old.display()))?;
        return Err(error).at("replace", root);
    }
    remove_tree(&old, standing.listed.iter().map(String::as_str))?;
    Ok(true)
}

/// Returns what a run left behind that died in the middle, by its path from the folder.
pub(super) fn leftovers(root: &Path) -> Vec<String> {
    let there = |path: &Path| fs::symlink_metadata(path).is_ok();
    let mut found = Vec::new();
    if there(&root.join(INSIDE)) {
        found.push(INSIDE.to_owned());
    }
    for path in ["new", "old"].map(|what| beside(root, what)).iter().filter(|path| there(path)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        found.push(format!("../{name}"));
    }
    found
}

/// Puts right what a run left behind that died in the middle.
pub(super) fn recover(root: &Path) -> anyhow::Result<()> {
    staging::clear(&beside(root, "new"))?;
    staging::clear(&root.join(INSIDE))?;
    let old = beside(root, "old");
    if !old.is_dir() || old.is_symlink() {
        return Ok(());
    }
    let empty = fs::read_dir(&old).is_ok_and(|mut entries| entries.next().is_none());
    let is_ours = empty || old.join(INVENTORY).is_file();
    ensure!(is_ours, "{} is in the way; move it away", old.display());
    if !root.exists() {
        return fs::rename(&old, root).at("restore", root);
    }
    let listed = inventory::read(&old)?;
    remove_tree(&old, listed.iter().map(String::as_str))
}

/// Removes a tree of ours; what came to it meanwhile is kept and told.
fn remove_tree<'a>(root: &Path, listed: impl Iterator<Item = &'a str>) -> anyhow::Result<()> {
    remove_files(root, listed)?;
    let inventory = root.join(INVENTORY);
    match fs::remove_file(&inventory) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        removed => removed.at("remove", &inventory)?,
    }
    fs::remove_dir(root).with_context(|| {
        format!("the new tree is written, but others still have files in {}", root.display())
    })
}

/// Removes files, and the folders that are empty then.
pub(super) fn remove_files<'a>(
    root: &Path,
    listed: impl Iterator<Item = &'a str>,
) -> anyhow::Result<()> {
    let mut folders = Vec::new();
    for path in listed {
        let place = root.join(path);
        match fs::remove_file(&place) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed.at("remove", &place)?,
        }
        folders.extend(above(path));
    }
    folders.sort_unstable();
    folders.dedup();
    // The innermost come last; a folder that is not empty stays.
    folders.iter().rev().for_each(|folder| drop(fs::remove_dir(root.join(folder))));
    Ok(())
}

/// Returns the name of a folder beside the tree, on the same file system.
fn beside(root: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(root.file_name().unwrap_or_default());
    name.push(format!(".rollstep-{what}"));
    root.with_file_name(name)
}

/// Returns whether the folder must stay where it is: its parent is not ours to write, it is mounted,
/// or lies in a lower layer of an overlay.
fn is_forbidden(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::ResourceBusy
            | ErrorKind::CrossesDevices
    )
}
