//! Files that a move looks at besides its input: the file of the RollStep, and kustomizations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rollstep::Input;

use crate::files::{Decoded, Outside, Walk, read_all};

/// Names that make a folder a kustomization.
///
/// From kubernetes-sigs/kustomize:api/konfig/general.go `RecognizedKustomizationFileNames`.
pub(crate) const KUSTOMIZATIONS: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Reads the file of the RollStep where it is no part of the input, and the kustomization of each folder
/// that it or a file of the input lies in, or below which `-f` found one.
pub(super) fn read(input: &Input, named: &[String], file: Option<&str>) -> anyhow::Result<Decoded> {
    let names = input.sources().iter().map(rollstep::Source::name).filter(|name| *name != "-");
    let mut folders: BTreeSet<&Path> = BTreeSet::new();
    for name in names.clone() {
        let path = Path::new(name);
        let is_below = |folder: &Path| named.iter().any(|named| folder.starts_with(named));
        folders.extend(path.ancestors().skip(1).filter(|folder| is_below(folder)));
        folders.extend(path.parent());
    }
    folders.extend(file.and_then(|file| Path::new(file).parent()));
    let all = folders.iter().flat_map(|folder| KUSTOMIZATIONS.map(|name| folder.join(name)));
    let mut paths: Vec<PathBuf> = all.filter(|path| path.is_file()).collect();
    let is_read = |file: &str| {
        let plain = |name: &str| name.trim_start_matches("./").to_owned();
        names.clone().any(|name| plain(name) == plain(file))
    };
    let file = file.filter(|file| !is_read(file)).map(PathBuf::from);
    paths.extend(file.filter(|path| path.is_file()));
    let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    read_all(&paths, Walk::new(false, Outside::Warn))
}
