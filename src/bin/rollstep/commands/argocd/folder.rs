//! The manifests of an application's folder.
//!
//! As Argo CD reads a plain folder: not the folders below, unless that is said. Hidden files are the
//! tools' own (`.argocd-source.yaml`), and so is the old version where it lies in the folder. A link may
//! lead to another place of the repository, and not out of it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use rollstep::Input;
use rollstep::diagnostic::Diagnostic;

use crate::commands::moves::KUSTOMIZATIONS;
use crate::files::{Bounds, Decoded, Outside, Walk, read_all, read_files};

/// The copy of the repository that the application's folder lies in.
pub(super) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// Returns the folder that lies so many levels above the current one.
    pub(super) fn above(depth: usize) -> anyhow::Result<Self> {
        let here = env::current_dir().and_then(fs::canonicalize);
        let here = here.context("cannot tell the folder of the application")?;
        let root = here.ancestors().nth(depth).unwrap_or(&here).to_owned();
        Ok(Self { root })
    }

    /// Reads all paths, and the old version.
    pub(super) fn read(
        &self,
        paths: &[String],
        stable: Option<&str>,
        recurse: bool,
    ) -> anyhow::Result<Result<Input, Vec<Diagnostic>>> {
        let walk = Walk::new(recurse, Outside::Refuse);
        let mut decoded = Vec::new();
        for path in paths {
            decoded.push(match fs::metadata(path) {
                Ok(metadata) if path != "-" && metadata.is_dir() => {
                    check_kustomization(Path::new(path))?;
                    let left_out = |file: &Path| is_left_out(file, stable);
                    let walk = Walk { left_out: &left_out, ..walk };
                    let bounds = Bounds::of(Path::new(path)).with(&self.root);
                    let read = read_files(path, walk, &bounds)?;
                    self.ensure_inside(&read, Some(path))?;
                    read
                }
                _ => read_all(std::slice::from_ref(path), walk)?,
            });
        }
        let old = stable.map(|path| self.read_stable(path)).transpose()?;
        let failed = decoded.iter().chain(&old).filter_map(|read| read.as_ref().err());
        let failed: Vec<_> = failed.flatten().cloned().collect();
        if !failed.is_empty() {
            return Ok(Err(failed));
        }
        let sources = decoded.into_iter().filter_map(Decoded::ok).flatten().collect();
        Ok(Ok(Input::new(sources, old.and_then(Decoded::ok))))
    }

    fn read_stable(&self, path: &str) -> anyhow::Result<Decoded> {
        self.ensure_one(path, None)?;
        let walk = Walk::new(true, Outside::Refuse);
        let read = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                read_files(path, walk, &Bounds::of(Path::new(path)).with(&self.root))?
            }
            _ => read_all(&[path.to_owned()], walk)?,
        };
        self.ensure_inside(&read, None)?;
        Ok(read)
    }

    /// Refuses a file that a link brought in from elsewhere; what the plugin itself names may be elsewhere.
    fn ensure_inside(&self, read: &Decoded, given: Option<&str>) -> anyhow::Result<()> {
        let mut sources = read.iter().flatten();
        sources.try_for_each(|source| self.ensure_one(source.name(), given))
    }

    fn ensure_one(&self, path: &str, given: Option<&str>) -> anyhow::Result<()> {
        // What is not there is told by who reads it.
        let Ok(place) = fs::canonicalize(path) else { return Ok(()) };
        let given = given.and_then(|given| fs::canonicalize(given).ok());
        let inside =
            place.starts_with(&self.root) || given.is_some_and(|given| place.starts_with(given));
        ensure!(inside, "{path} leads out of the repository; put what it leads to there");
        Ok(())
    }
}

fn is_left_out(file: &Path, stable: Option<&str>) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let relative = file.strip_prefix(".").unwrap_or(file);
    let old = stable.map(|path| Path::new(path).strip_prefix(".").unwrap_or(Path::new(path)));
    name.starts_with('.') || old.is_some_and(|old| relative == old)
}

fn check_kustomization(folder: &Path) -> anyhow::Result<()> {
    if KUSTOMIZATIONS.iter().any(|name| folder.join(name).exists()) {
        bail!(
            "the folder is a kustomization; have the plugin run `kustomize build . | rollstep argocd generate -f -`"
        );
    }
    Ok(())
}
