//! The manifests of an application's folder.
//!
//! As Argo CD reads a plain folder: not the folders below, unless that is said. Hidden files are the
//! tools' own (`.argocd-source.yaml`), and so is the old version where it lies in the folder.

use std::fs;
use std::path::Path;

use anyhow::bail;
use rollstep::Input;
use rollstep::diagnostic::Diagnostic;

use crate::files::{Decoded, read_all, read_files};

/// Names that make a folder a kustomization, which is no manifest.
///
/// From kubernetes-sigs/kustomize:api/konfig/general.go `RecognizedKustomizationFileNames`.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Reads all paths, and the old version.
pub(super) fn read(
    paths: &[String],
    stable: Option<&str>,
    recurse: bool,
) -> anyhow::Result<Result<Input, Vec<Diagnostic>>> {
    let mut decoded = Vec::new();
    for path in paths {
        decoded.push(match fs::metadata(path) {
            Ok(metadata) if path != "-" && metadata.is_dir() => {
                check_kustomization(Path::new(path))?;
                read_files(path, recurse, &|file| is_left_out(file, stable))?
            }
            _ => read_all(std::slice::from_ref(path), recurse)?,
        });
    }
    let old = stable.map(|path| read_all(&[path.to_owned()], true)).transpose()?;
    let failed = decoded.iter().chain(&old).filter_map(|read| read.as_ref().err());
    let failed: Vec<_> = failed.flatten().cloned().collect();
    if !failed.is_empty() {
        return Ok(Err(failed));
    }
    let sources = decoded.into_iter().filter_map(Decoded::ok).flatten().collect();
    Ok(Ok(Input::new(sources, old.and_then(Decoded::ok))))
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
