//! Which files are read, in which order: as `kubectl -f` does.
//!
//! A file is read whatever its name; of a directory those that end in `.yaml`, `.yml` or `.json`, in
//! lexical order, and with `-R` those of the directories below in their place. A link in a directory is
//! followed within bounds (`links`).

mod links;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use rollstep::diagnostic::{Diagnostic, Severity};
use rollstep::{MAX_BYTES, Source};

use crate::log;
use crate::output::show;
pub(crate) use links::{Bounds, Outside};

const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Sources, or every reason why some are none.
pub(crate) type Decoded = Result<Vec<Source>, Vec<Diagnostic>>;

/// One file, or why it is not a source.
type Decoding = Result<Source, Box<Diagnostic>>;

/// How directories are read.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'w> {
    /// Whether the directories below are read as well.
    pub(crate) recursive: bool,
    /// What becomes of links that lead elsewhere.
    pub(crate) outside: Outside,
    /// Which files and directories are left out.
    pub(crate) left_out: &'w dyn Fn(&Path) -> bool,
}

impl Walk<'_> {
    /// Returns the walk that leaves nothing out.
    pub(crate) fn new(recursive: bool, outside: Outside) -> Walk<'static> {
        Walk { recursive, outside, left_out: &|_| false }
    }
}

/// Reads all paths in their order; `-` is standard input.
pub(crate) fn read_all(paths: &[String], walk: Walk<'_>) -> anyhow::Result<Decoded> {
    let mut read = Vec::new();
    for path in paths {
        read.extend(read_path(path, walk)?);
    }
    Ok(decoded(read))
}

/// Shows warnings of files that are left out, and returns the others, if all of them could be read.
fn decoded(read: Vec<Decoding>) -> Decoded {
    let (mut sources, mut warnings, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for one in read {
        match one {
            Ok(source) => sources.push(source),
            Err(found) if found.severity == Severity::Error => errors.push(*found),
            Err(found) => warnings.push(*found),
        }
    }
    if errors.is_empty() {
        show(&warnings);
        return Ok(sources);
    }
    Err(errors)
}

/// Reads a directory without the files and directories that are left out.
pub(crate) fn read_files(
    directory: &str,
    walk: Walk<'_>,
    bounds: &Bounds,
) -> anyhow::Result<Decoded> {
    let files = list(Path::new(directory), walk, bounds)?;
    if files.is_empty() {
        bail!("no file in {directory} ends in .yaml, .yml or .json");
    }
    let files = files.into_iter().map(read_found).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(decoded(files))
}

fn read_path(path: &str, walk: Walk<'_>) -> anyhow::Result<Vec<Decoding>> {
    if path == "-" {
        let bytes = read_bounded(io::stdin().lock(), 0).context("cannot read standard input")?;
        return Ok(vec![Source::from_bytes("-", bytes)]);
    }
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {path}"))?;
    if !metadata.is_dir() {
        return Ok(vec![read_file(Path::new(path))?]);
    }
    let files = list(Path::new(path), walk, &Bounds::of(Path::new(path)))?;
    if files.is_empty() {
        bail!("no file in {path} ends in .yaml, .yml or .json{}", hint(walk.recursive));
    }
    files.into_iter().map(read_found).collect()
}

/// A file of a directory, or the diagnostic of a link that is not followed.
type Found = Result<PathBuf, Box<Diagnostic>>;

fn read_found(found: Found) -> anyhow::Result<Decoding> {
    match found {
        Ok(path) => read_file(&path),
        Err(diagnostic) => Ok(Err(diagnostic)),
    }
}

fn hint(recursive: bool) -> &'static str {
    if recursive { "" } else { "; add -R to read the directories below" }
}

fn read_file(path: &Path) -> anyhow::Result<Decoding> {
    let name = path.display().to_string();
    log::ensure_apart(path)?;
    let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size > MAX_BYTES as u64 {
        return Ok(Err(Box::new(Source::too_large(&name))));
    }
    let bytes = read_bounded(file, size).with_context(|| format!("cannot read {name}"))?;
    Ok(Source::from_bytes(name, bytes))
}

/// Reads all, but stops one byte after what the library takes.
fn read_bounded(reader: impl Read, expected: u64) -> io::Result<Vec<u8>> {
    let limit = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(limit)).unwrap_or_default());
    reader.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn list(directory: &Path, walk: Walk<'_>, bounds: &Bounds) -> anyhow::Result<Vec<Found>> {
    let context = || format!("cannot read {}", directory.display());
    let mut entries = fs::read_dir(directory)
        .with_context(context)?
        .collect::<Result<Vec<_>, _>>()
        .with_context(context)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.path();
        if (walk.left_out)(&path) {
            continue;
        }
        // A linked directory is not followed, so that a loop cannot trap us.
        let kind = entry.file_type().with_context(context)?;
        if kind.is_dir() {
            if walk.recursive {
                files.extend(list(&path, walk, bounds)?);
            }
        } else if is_manifest(&path) && !(kind.is_symlink() && path.is_dir()) {
            if kind.is_symlink() && bounds.follow(&path).is_none() {
                files.push(Err(Box::new(links::problem(&path, walk.outside))));
                continue;
            }
            // A pipe would be waited for without a word. One that a person names is another matter.
            ensure!(
                kind.is_file() || kind.is_symlink(),
                "{} is not a regular file",
                path.display()
            );
            files.push(Ok(path));
        }
    }
    Ok(files)
}

/// Returns whether a file of a directory is read.
pub(crate) fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}
