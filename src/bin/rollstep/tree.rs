//! A tree of files on the disk: made what it should be, or compared with it.
//!
//! Whoever looks at the folder sees the tree of before or the new one. A list of what was written
//! lies in it, so that the next run removes what is no more, and nothing that others wrote.

mod apart;
mod difference;
mod exchange;
mod inventory;
mod replace;
mod staging;
mod standing;

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
pub(crate) use apart::{Inputs, ensure_apart};
pub(crate) use difference::show_difference;
use rollstep::TreeFile;
use standing::Standing;

/// What is done with files that others wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    Refuse,
    Leave,
}

/// Makes the folder hold these files and, of what we wrote before, nothing else.
pub(crate) fn write(folder: &Path, files: Vec<TreeFile>, foreign: Foreign) -> anyhow::Result<()> {
    let root = standing::find_root(folder)?;
    let _lock = lock(&root);
    exchange::recover(&root)?;
    let standing = Standing::of(&root)?;
    let files = inventory::with_inventory(files);
    admit(&standing, &files, foreign)?;
    if standing.is_current(&files)? {
        return Ok(());
    }
    ensure!(!standing.is_read_only(), "{} is read-only; nothing was written", root.display());
    let exchanged = standing.may_be_exchanged() && exchange::exchange(&standing, &files)?;
    if exchanged { Ok(()) } else { replace::replace(&standing, &files) }
}

/// Returns how the folder differs from these files.
pub(crate) fn compare(
    folder: &Path,
    files: Vec<TreeFile>,
    foreign: Foreign,
) -> anyhow::Result<Vec<standing::Difference>> {
    let root = standing::find_root(folder)?;
    let standing = Standing::of(&root)?;
    let files = inventory::with_inventory(files);
    admit(&standing, &files, foreign)?;
    let mut differences = standing.differences(&files)?;
    differences.extend(exchange::leftovers(&root).into_iter().map(|path| standing::Difference {
        path,
        before: Some(Vec::new()),
        after: None,
        left_behind: true,
    }));
    Ok(differences)
}

/// Refuses what would be lost.
fn admit(standing: &Standing, files: &[TreeFile], foreign: Foreign) -> anyhow::Result<()> {
    let root = standing.root.display();
    if let (Foreign::Refuse, [first, others @ ..]) = (foreign, standing.foreign.as_slice()) {
        let others = match others.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        bail!(
            "{root} holds {first}{others}, which rollstep did not write; choose a folder of its own, \
             or leave such files there with `--force`"
        );
    }
    standing.check_places(files)
}

/// Keeps a second run on the same folder waiting. Where the file system has no locks, nobody waits.
fn lock(root: &Path) -> Option<File> {
    let file = File::open(root.parent()?).ok()?;
    file.lock().ok()?;
    Some(file)
}

/// Says which path it is that something is wrong with.
trait AtPath<T> {
    fn at(self, doing: &str, path: &Path) -> anyhow::Result<T>;
}

impl<T> AtPath<T> for std::io::Result<T> {
    fn at(self, doing: &str, path: &Path) -> anyhow::Result<T> {
        self.with_context(|| format!("cannot {doing} {}", path.display()))
    }
}
