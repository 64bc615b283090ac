//! The list of what we wrote, which lies in the tree itself.
//!
//! A file that it does not list is not ours, whatever its name. It is part of the tree: committed with
//! it, it tells the next run on another machine what to remove.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path};

use anyhow::ensure;
use rollstep::TreeFile;

use super::AtPath as _;

/// Where the list lies; no tool takes a hidden file without an extension for a manifest.
pub(super) const INVENTORY: &str = ".rollstep";

const HEADER: &str = "# What rollstep wrote here and will remove when it is no more.\n";

/// Adds the list of the files to them.
pub(super) fn with_inventory(mut files: Vec<TreeFile>) -> Vec<TreeFile> {
    let listed = files.iter().map(|file| file.path.as_str()).collect();
    let text = text_of(&listed);
    files.push(TreeFile { path: INVENTORY.to_owned(), text, secret: false });
    files
}

/// Returns the list as text; its lines are sorted.
pub(super) fn text_of(listed: &BTreeSet<&str>) -> String {
    let lines = listed.iter().map(|path| format!("{path}\n"));
    std::iter::once(HEADER.to_owned()).chain(lines).collect()
}

/// Reads the list; of a folder without one we wrote nothing.
pub(super) fn read(root: &Path) -> anyhow::Result<BTreeSet<String>> {
    let path = root.join(INVENTORY);
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        found => {
            let found = found.at("read", &path)?;
            ensure!(found.is_file(), "{} is no file; remove it", path.display());
        }
    }
    let text = fs::read_to_string(&path).at("read", &path)?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let listed: BTreeSet<_> = lines.map(str::to_owned).collect();
    for line in &listed {
        ensure!(
            is_inside(line),
            "{} lists `{line}`, which lies outside; remove that line",
            path.display()
        );
    }
    Ok(listed)
}

fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}
