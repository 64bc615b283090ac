//! Files replaced one by one, where the folder itself must stay.
//!
//! All are written before the first takes its place, so that a full disk changes nothing, and an error
//! puts back what was replaced. Only a process that dies between two renames leaves some files old and
//! some new; both are in the inventory by then, and the next run finishes the work.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rollstep::TreeFile;

use super::AtPath as _;
use super::exchange::remove_files;
use super::inventory::{self, INVENTORY};
use super::staging::{self, INSIDE};
use super::standing::Standing;

/// The list of what is in either tree, while it waits for its place.
const BOTH: &str = "both";

/// Makes the folder what it should be, file by file.
pub(super) fn replace(standing: &Standing, files: &[TreeFile]) -> anyhow::Result<()> {
    let staging = standing.root.join(INSIDE);
    staging::clear(&staging)?;
    fs::create_dir(&staging).at("make", &staging)?;
    let (new, old) = (staging.join("new"), staging.join("old"));
    let mut moves = Moves { root: &standing.root, old, done: Vec::new() };
    let done = stage(standing, files, &staging).and_then(|()| moves.apply(&new, files));
    if let Err(error) = done {
        moves.undo()?;
        let _ = staging::remove(&staging);
        return Err(error);
    }
    remove_files(&standing.root, standing.stale(files).into_iter())?;
    let list = standing.root.join(INVENTORY);
    fs::rename(new.join(INVENTORY), &list).at("write", &list)?;
    staging::remove(&staging)
}

/// Writes all that is new, and a list of all that may be ours before it is over.
fn stage(standing: &Standing, files: &[TreeFile], staging: &Path) -> anyhow::Result<()> {
    let written = files.iter().map(|file| file.path.as_str()).filter(|path| *path != INVENTORY);
    let either: BTreeSet<_> = written.chain(standing.listed.iter().map(String::as_str)).collect();
    let text = inventory::text_of(&either);
    let list = TreeFile { path: INVENTORY.to_owned(), text, secret: false };
    let both = TreeFile { path: BOTH.to_owned(), ..list.clone() };
    staging::fill(staging, &[list, both])?;
    staging::fill(&staging.join("new"), files)
}

/// The files that have taken their places.
struct Moves<'a> {
    root: &'a Path,
    /// Where the replaced files are kept meanwhile.
    old: PathBuf,
    done: Vec<String>,
}

impl Moves<'_> {
    fn apply(&mut self, new: &Path, files: &[TreeFile]) -> anyhow::Result<()> {
        // The list of both trees comes first.
        let both = self.old.with_file_name(BOTH);
        self.put(INVENTORY, &both)?;
        for file in files.iter().filter(|file| file.path != INVENTORY) {
            self.put(&file.path, &new.join(&file.path))?;
        }
        Ok(())
    }

    /// Moves a file to its place, and what was there out of the way.
    fn put(&mut self, path: &str, from: &Path) -> anyhow::Result<()> {
        let (place, kept) = (self.root.join(path), self.old.join(path));
        for folder in [&place, &kept].into_iter().filter_map(|file| file.parent()) {
            fs::create_dir_all(folder).at("make", folder)?;
        }
        // A second name, so that the file is missing at no moment.
        match fs::hard_link(&place, &kept).or_else(|_| fs::copy(&place, &kept).map(|_| ())) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            linked => linked.at("keep", &place)?,
        }
        fs::rename(from, &place).at("write", &place)?;
        self.done.push(path.to_owned());
        Ok(())
    }

    fn undo(&self) -> anyhow::Result<()> {
        for path in self.done.iter().rev() {
            let (place, kept) = (self.root.join(path), self.old.join(path));
            match fs::rename(&kept, &place) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    remove_files(self.root, std::iter::once(path.as_str()))?;
                }
                restored => restored.at("restore", &place)?,
            }
        }
        Ok(())
    }
}
