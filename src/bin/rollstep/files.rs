//! Which files are read, in which order: as `kubectl -f` does.
//!
//! A file is read whatever its name; of a directory those that end in `.yaml`, `.yml` or `.json`, in
//! lexical order, and with `-R` those of the directories below in their place.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use rollstep::diagnostic::Diagnostic;
use rollstep::{MAX_BYTES, Source};

use crate::log;

const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Sources, or every reason why some are none.
pub(crate) type Decoded = Result<Vec<Source>, Vec<Diagnostic>>;

/// Reads all paths in their order; `-` is standard input.
pub(crate) fn read_all(paths: &[String], recursive: bool) -> anyhow::Result<Decoded> {
    let mut sources = Vec::new();
    let mut diagnostics = Vec::new();
    for path in paths {
        for source in read_path(path, recursive)? {
            match source {
                Ok(source) => sources.push(source),
                Err(diagnostic) => diagnostics.push(*diagnostic),
            }
        }
    }
    Ok(if diagnostics.is_empty() { Ok(sources) } else { Err(diagnostics) })
}

/// Reads a directory without the files and directories that are left out.
pub(crate) fn read_files(
    directory: &str,
    recursive: bool,
    left_out: &dyn Fn(&Path) -> bool,
) -> anyhow::Result<Decoded> {
    let files = list(Path::new(directory), recursive, left_out)?;
    if files.is_empty() {
        bail!("no file in {directory} ends in .yaml, .yml or .json");
    }
    let files = files.iter().map(|file| read_file(file)).collect::<anyhow::Result<Vec<_>>>()?;
    let (sources, failed): (Vec<_>, Vec<_>) = files.into_iter().partition(Result::is_ok);
    let failed: Vec<_> = failed.into_iter().filter_map(Result::err).map(|error| *error).collect();
    Ok(if failed.is_empty() {
        Ok(sources.into_iter().filter_map(Result::ok).collect())
    } else {
        Err(failed)
    })
}

fn read_path(path: &str, recursive: bool) -> anyhow::Result<Vec<Result<Source, Box<Diagnostic>>>> {
    if path == "-" {
        let bytes = read_bounded(io::stdin().lock(), 0).context("cannot read standard input")?;
        return Ok(vec![Source::from_bytes("-", bytes)]);
    }
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {path}"))?;
    let files = if metadata.is_dir() {
        let files = list(Path::new(path), recursive, &|_| false)?;
        if files.is_empty() {
            bail!("no file in {path} ends in .yaml, .yml or .json{}", hint(recursive));
        }
        files
    } else {
        vec![PathBuf::from(path)]
    };
    files.iter().map(|file| read_file(file)).collect()
}

fn hint(recursive: bool) -> &'static str {
    if recursive { "" } else { "; add -R to read the directories below" }
}

fn read_file(path: &Path) -> anyhow::Result<Result<Source, Box<Diagnostic>>> {
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

fn list(
    directory: &Path,
    recursive: bool,
    left_out: &dyn Fn(&Path) -> bool,
) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("cannot read {}", directory.display());
    let mut entries = fs::read_dir(directory)
        .with_context(context)?
        .collect::<Result<Vec<_>, _>>()
        .with_context(context)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.path();
        if left_out(&path) {
            continue;
        }
        // A linked directory is not followed, so that a loop cannot trap us.
        let kind = entry.file_type().with_context(context)?;
        if kind.is_dir() {
            if recursive {
                files.extend(list(&path, recursive, left_out)?);
            }
        } else if is_manifest(&path) && !(kind.is_symlink() && path.is_dir()) {
            // A pipe would be waited for without a word. One that a person names is another matter.
            let is_other = !kind.is_file() && path.exists() && !path.is_file();
            ensure!(!is_other, "{} is no regular file", path.display());
            files.push(path);
        }
    }
    Ok(files)
}

/// Returns whether a file of a directory is read.
pub(crate) fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}
