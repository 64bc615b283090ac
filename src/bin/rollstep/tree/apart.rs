//! What is written is not what is read: a tree that went into its own input would be read back by the
//! next run, and take the place of sources.

use std::fs;
use std::path::Path;

use anyhow::bail;
use rollstep::TreeFile;

use super::inventory;
use super::standing::find_root;
use crate::files::is_manifest;

/// What the command reads.
#[derive(Debug, Clone)]
pub(crate) struct Inputs {
    /// The paths, as they were given.
    pub(crate) paths: Vec<String>,
    /// Whether the directories below are read as well.
    pub(crate) recursive: bool,
}

/// Refuses a folder where a file that is written, or was and is removed, lies where manifests are read.
pub(crate) fn ensure_apart(
    folder: &Path,
    files: &[TreeFile],
    inputs: &Inputs,
) -> anyhow::Result<()> {
    let root = find_root(folder)?;
    let listed = if root.exists() { inventory::read(&root)? } else { Default::default() };
    let written = files.iter().map(|file| file.path.as_str());
    let places: Vec<_> =
        written.chain(listed.iter().map(String::as_str)).map(|path| root.join(path)).collect();
    for given in inputs.paths.iter().filter(|path| *path != "-") {
        // It was read a moment ago; if it is gone by now, nothing is read from it.
        let Ok(path) = fs::canonicalize(given) else { continue };
        if let Some(place) = places.iter().find(|place| is_read(place, &path, inputs.recursive)) {
            bail!(
                "{} would be written where manifests are read from ({given}); choose a folder that is not read",
                place.display()
            );
        }
    }
    Ok(())
}

/// Returns whether a file is among those that are read from a path.
fn is_read(place: &Path, path: &Path, recursive: bool) -> bool {
    let below = is_manifest(place) && path.is_dir() && place.starts_with(path);
    place == path || (below && (recursive || place.parent() == Some(path)))
}
