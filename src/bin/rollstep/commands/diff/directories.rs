//! Two directories of objects, as kubectl gives them to the program in `KUBECTL_EXTERNAL_DIFF`.
//!
//! Every file is read, whatever its name: kubectl writes one object into each, and an empty file for
//! one that is not there. From kubernetes/kubectl:pkg/cmd/diff/diff.go: the directories come before all
//! other words, also before the name of the command.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context as _;
use rollstep::diagnostic::Diagnostic;
use rollstep::review::diff::{self, Labels};
use rollstep::review::repeated_secrets;
use rollstep::{MAX_BYTES, Origin, RenderedDocument, RenderedObject, Source};

use super::Compared;
use crate::output::show;

/// Returns the arguments with the name of the command first, where two directories stand before it.
pub(crate) fn in_order(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let is_directory = |argument: &OsString| Path::new(argument).is_dir();
    if let [_, before, after, command, ..] = arguments.as_mut_slice()
        && command == "diff"
        && is_directory(before)
        && is_directory(after)
    {
        std::mem::swap(before, command);
        std::mem::swap(command, after);
    }
    arguments
}

/// Reads both directories; nothing where the reason was reported.
pub(super) fn compare(
    before: &Path,
    after: &Path,
    namespace: &str,
) -> anyhow::Result<Option<Compared>> {
    let (before, after) = (read(before, namespace)?, read(after, namespace)?);
    let labels = Labels { before: "live".to_owned(), after: "merged".to_owned() };
    Ok(match (before, after) {
        (Ok(before), Ok(after)) => {
            let comparison = diff::compare(&before, &after);
            Some(Compared { movements: Vec::new(), labels, comparison })
        }
        (before, after) => {
            let failed = [before, after].into_iter().filter_map(Result::err).flatten();
            show(&failed.collect::<Vec<_>>());
            None
        }
    })
}

/// The objects of a directory, or every reason why there are none.
type Documents = Result<Vec<RenderedDocument<'static>>, Vec<Diagnostic>>;

fn read(directory: &Path, namespace: &str) -> anyhow::Result<Documents> {
    let (mut documents, mut diagnostics) = (Vec::new(), Vec::new());
    for path in files(directory)? {
        match document(&path, namespace)? {
            Ok(document) => documents.push(document),
            Err(found) => diagnostics.extend(found),
        }
    }
    Ok(if diagnostics.is_empty() { Ok(documents) } else { Err(diagnostics) })
}

fn files(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("cannot read {}", directory.display());
    let entries = fs::read_dir(directory).with_context(context)?;
    let entries = entries.collect::<Result<Vec<_>, _>>().with_context(context)?;
    let mut files: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

fn document(
    path: &Path,
    namespace: &str,
) -> anyhow::Result<Result<RenderedDocument<'static>, Vec<Diagnostic>>> {
    let name = path.display().to_string();
    let context = || format!("cannot read {name}");
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(context)?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).with_context(context)?;
    let source = match Source::from_bytes(name.as_str(), bytes) {
        Ok(source) => source,
        Err(diagnostic) => return Ok(Err(vec![*diagnostic])),
    };
    let object = |value| RenderedObject::new(Origin::Untouched, value, namespace);
    let values = rollstep::read(std::slice::from_ref(&source));
    Ok(values.map(|values| RenderedDocument {
        text: source.text().to_owned().into(),
        objects: values.into_iter().map(object).collect(),
        routing: false,
        secrets: Rc::new(repeated_secrets(&source)),
    }))
}
