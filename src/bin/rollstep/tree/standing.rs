//! The contents of the folder before it is written, and which of its files rollstep wrote.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use rollstep::TreeFile;

use super::AtPath as _;
use super::inventory::{self, INVENTORY};
use super::staging::INSIDE;

/// The folder as it is.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) root: PathBuf,
    pub(super) exists: bool,
    /// The paths that we wrote, by the inventory.
    pub(super) listed: BTreeSet<String>,
    /// What others put there.
    pub(super) foreign: Vec<String>,
}

/// A file that is not what it should be.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) path: String,
    /// What lies there, where anything does.
    pub(crate) before: Option<Vec<u8>>,
    /// What should, where anything should.
    pub(crate) after: Option<String>,
    /// Whether a run that was killed left it behind.
    pub(crate) left_behind: bool,
}

/// Returns where the folder really lies; only its last part may be missing, or more of it.
pub(super) fn find_root(folder: &Path) -> anyhow::Result<PathBuf> {
    match fs::canonicalize(folder) {
        Ok(root) => {
            ensure!(root.is_dir(), "{} is no folder", folder.display());
            return Ok(root);
        }
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).at("read", folder);
        }
        Err(_) => {}
    }
    let is_link = fs::symlink_metadata(folder).is_ok_and(|found| found.is_symlink());
    ensure!(!is_link, "{} is a link that leads nowhere", folder.display());
    let name = folder.file_name();
    let name = name.with_context(|| format!("{} names no folder", folder.display()))?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(find_root(parent.unwrap_or(Path::new(".")))?.join(name))
}

impl Standing {
    pub(super) fn of(root: &Path) -> anyhow::Result<Self> {
        let exists = root.exists();
        let mut standing =
            Self { root: root.to_owned(), exists, listed: BTreeSet::new(), foreign: Vec::new() };
        if exists {
            standing.listed = inventory::read(root)?;
            let folders: BTreeSet<_> =
                standing.listed.iter().flat_map(|path| above(path)).collect();
            let mut found = Found { listed: &standing.listed, folders, foreign: Vec::new() };
            found.walk(root, "")?;
            standing.foreign = found.foreign;
        }
        Ok(standing)
    }

    /// Refuses places where a file cannot go without loss.
    pub(super) fn check_places(&self, files: &[TreeFile]) -> anyhow::Result<()> {
        if !self.exists {
            return Ok(());
        }
        let listed = self.listed.iter().map(String::as_str);
        let mut checked = BTreeSet::new();
        for path in files.iter().map(|file| file.path.as_str()).chain(listed) {
            for folder in above(path).filter(|folder| checked.insert(*folder)) {
                let folder = self.root.join(folder);
                ensure!(
                    !is_link(&folder),
                    "{} is a link; nothing is written through links",
                    folder.display()
                );
                ensure!(
                    folder.is_dir() || !folder.exists(),
                    "{} must be a folder; move it away",
                    folder.display()
                );
            }
            let place = self.root.join(path);
            ensure!(
                !is_link(&place),
                "{} is a link; nothing is written through links",
                place.display()
            );
            ensure!(!place.is_dir(), "{} must be a file; move it away", place.display());
        }
        files.iter().try_for_each(|file| self.check_foreign(file))
    }

    /// Refuses a place where a file of others lies, unless it is what we would write.
    fn check_foreign(&self, file: &TreeFile) -> anyhow::Result<()> {
        if file.path == INVENTORY || self.listed.contains(&file.path) {
            return Ok(());
        }
        match self.read(&file.path)? {
            Some(bytes) if bytes != file.text.as_bytes() => bail!(
                "{} is in the way, and rollstep did not write it; move it away",
                self.root.join(&file.path).display()
            ),
            Some(_) | None => Ok(()),
        }
    }

    /// Returns how the folder differs from the files, in their order and then what is no more.
    pub(super) fn differences(&self, files: &[TreeFile]) -> anyhow::Result<Vec<Difference>> {
        let mut differences = Vec::new();
        for file in files {
            let before = self.read(&file.path)?;
            if before.as_deref() != Some(file.text.as_bytes()) {
                let after = Some(file.text.clone());
                let path = file.path.clone();
                differences.push(Difference { path, before, after, left_behind: false });
            }
        }
        for path in self.stale(files) {
            if let before @ Some(_) = self.read(path)? {
                let path = path.to_owned();
                differences.push(Difference { path, before, after: None, left_behind: false });
            }
        }
        Ok(differences)
    }

    /// Returns whether nothing is to be done.
    pub(super) fn is_current(&self, files: &[TreeFile]) -> anyhow::Result<bool> {
        if !self.exists {
            return Ok(files.is_empty());
        }
        for file in files {
            let is_same = self.read(&file.path)?.as_deref() == Some(file.text.as_bytes());
            if !is_same || (file.secret && is_open(&self.root.join(&file.path))) {
                return Ok(false);
            }
        }
        for path in self.stale(files) {
            if self.read(path)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns what we wrote before and write no more.
    pub(super) fn stale(&self, files: &[TreeFile]) -> Vec<&str> {
        let kept: BTreeSet<_> = files.iter().map(|file| file.path.as_str()).collect();
        let listed = self.listed.iter().map(String::as_str);
        listed.filter(|path| !kept.contains(path)).collect()
    }

    pub(super) fn is_read_only(&self) -> bool {
        fs::metadata(&self.root).is_ok_and(|found| found.permissions().readonly())
    }

    /// Returns whether the folder may be another one afterwards: not where somebody stands in it,
    /// something is mounted on it, or others have files there.
    pub(super) fn may_be_exchanged(&self) -> bool {
        if !self.exists {
            return true;
        }
        let here = std::env::current_dir().and_then(fs::canonicalize);
        let stands = here.is_ok_and(|here| here.starts_with(&self.root));
        self.foreign.is_empty() && !stands && !is_mounted(&self.root)
    }

    fn read(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let place = self.root.join(path);
        match fs::read(&place) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some).at("read", &place),
        }
    }
}

/// The walk through the folder.
struct Found<'a> {
    listed: &'a BTreeSet<String>,
    folders: BTreeSet<&'a str>,
    foreign: Vec<String>,
}

impl Found<'_> {
    fn walk(&mut self, folder: &Path, below: &str) -> anyhow::Result<()> {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = entries.at("read", folder)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = format!("{below}{}", entry.file_name().to_string_lossy());
            let is_folder = entry.file_type().at("read", &entry.path())?.is_dir();
            if is_folder && self.folders.contains(path.as_str()) {
                self.walk(&entry.path(), &format!("{path}/"))?;
            } else if is_folder && path != INSIDE {
                self.foreign.push(format!("{path}/"));
            } else if !is_folder && path != INVENTORY && !self.listed.contains(&path) {
                self.foreign.push(path);
            }
        }
        Ok(())
    }
}

/// Returns the folders above a path, the outermost first.
pub(super) fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Returns whether others may read the file.
#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn is_mounted(root: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
    root.parent().is_none_or(|parent| device(parent) != device(root))
}

#[cfg(not(unix))]
fn is_mounted(root: &Path) -> bool {
    root.parent().is_none()
}
