//! Kustomizations beside the files of a move.
//!
//! What kustomize builds has other names, images and namespaces than the files that it builds it from.
//! A release is of what is built, so it is started from the built stream; the RollStep becomes one of the
//! resources, so that every later build has it.

use std::path::Path;

use serde_json::{Value, json};

use super::files::STREAM;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{KUSTOMIZATION_NOT_BUILT, STEP_NOT_EDITABLE};
use crate::emit;
use crate::manifest::{Resource, parse};
use crate::render::edits_between;
use crate::source::Source;

/// Names that make a folder a kustomization.
///
/// From kubernetes-sigs/kustomize:api/konfig/general.go `RecognizedKustomizationFileNames`.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Returns the kustomization of the folder that the file lies in.
pub(super) fn beside<'s>(files: &'s [Source], file: &str) -> Option<&'s Source> {
    of_folder(files, folder(file))
}

/// Returns an error where the Rollout lies in the folder of a kustomization, or below one, and does not
/// come from its build; `file` is the one that its RollStep is to be written to.
pub(super) fn not_built<'a>(
    rollout: &Resource<'a>,
    files: &[Source],
    file: Option<&str>,
) -> Option<Problem<'a>> {
    let source = rollout.document.source().name();
    if source == STREAM {
        return None;
    }
    let folders = folder(source).ancestors().chain(file.map(folder));
    let kustomization = folders.into_iter().find_map(|folder| of_folder(files, folder))?;
    let folder = folder(kustomization.name()).display().to_string();
    let folder = if folder.is_empty() { ".".to_owned() } else { folder };
    let message = format!(
        "{} is part of the kustomization in `{folder}`, and what it builds is not given",
        rollout.called()
    );
    let problem = rollout.root().problem(&KUSTOMIZATION_NOT_BUILT, message);
    Some(problem.help(format!(
        "build the old version with `kubectl kustomize OLD > old.yaml`, then start with `kubectl kustomize \
         {folder} | rollstep start -f - --stable old.yaml --file {folder}/rollstep.yaml`"
    )))
}

/// Returns the text of the kustomization with the file among its resources.
pub(super) fn with_resource<'p>(kustomization: &Source, file: &str) -> Result<String, Problem<'p>> {
    let text = kustomization.text();
    let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let node = parse(text).filter(|node| node.to_value().is_object());
    let Some(node) = node else { return Err(not_editable(kustomization, &name)) };
    let before = node.to_value();
    let mut after = before.clone();
    let Some(fields) = after.as_object_mut() else {
        return Err(not_editable(kustomization, &name));
    };
    let resources = fields.entry("resources").or_insert_with(|| json!([]));
    if resources.is_null() {
        *resources = json!([]);
    }
    let Some(resources) = resources.as_array_mut() else {
        return Err(not_editable(kustomization, &name));
    };
    let is_file = |resource: &Value| {
        resource.as_str().is_some_and(|resource| resource.trim_start_matches("./") == name)
    };
    if resources.iter().any(is_file) {
        return Ok(text.to_owned());
    }
    resources.push(Value::from(name));
    Ok(emit::splice(text, &node, &edits_between(&before, &after), &after))
}

/// Returns a name without what the kustomization puts around it.
pub(super) fn without_affixes(kustomization: &Source, name: &str) -> String {
    let Some(node) = parse(kustomization.text()) else { return name.to_owned() };
    let affix =
        |key: &str| node.child(key).and_then(|affix| affix.as_str()).unwrap_or_default().to_owned();
    let inner = name.strip_prefix(affix("namePrefix").as_str()).unwrap_or(name);
    let inner = inner.strip_suffix(affix("nameSuffix").as_str()).unwrap_or(inner);
    if inner.is_empty() { name.to_owned() } else { inner.to_owned() }
}

fn not_editable<'p>(kustomization: &Source, name: &str) -> Problem<'p> {
    let message = format!("`resources` of `{}` cannot be edited", kustomization.name());
    let problem = Problem::new(&STEP_NOT_EDITABLE, message);
    problem.help(format!("write `resources` as a list, and `{name}` as one of its items"))
}

fn of_folder<'s>(files: &'s [Source], wanted: &Path) -> Option<&'s Source> {
    files.iter().find(|source| {
        let path = Path::new(source.name());
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        NAMES.contains(&name) && folder(source.name()) == plain(wanted)
    })
}

/// Returns the folder of a file, without a dot at its beginning.
fn folder(file: &str) -> &Path {
    plain(Path::new(file).parent().unwrap_or(Path::new("")))
}

fn plain(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}
