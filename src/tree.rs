//! A result as files: one per object, or all in one, with names that no file system disputes.
//!
//! Pure as the rest: which files there are, with what text, is decided here; writing them, and
//! removing those of an earlier run, is left to who has a disk. No two files of a tree have one name,
//! also where letters differ in case alone, and none lies outside it.

mod kustomization;
mod naming;
mod stages;

use naming::{Named, name_all};
pub use stages::{RenderedTree, render_tree, render_trees};

use crate::diagnostic::Diagnostic;
use crate::emit::to_yaml;
use crate::pipeline::{RenderedDocument, RenderedObject};
use crate::review::{comments_on_secret, holds_secret, repeats_secret};

/// How files are named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// `[NAMESPACE-]KIND-NAME.yaml`.
    #[default]
    KindName,
    /// All documents in `manifest.yaml`.
    Single,
    /// `[NAMESPACE_]GROUP_VERSION_KIND_NAME.yaml`, as `kustomize build --output` names them.
    Kustomize,
    /// `[NAMESPACE/]KIND_NAME.yaml`, as kpt names them.
    Kpt,
}

/// What a tree looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TreeShape {
    /// How files are named.
    pub layout: Layout,
    /// Whether workloads and routing lie in folders of their own.
    pub split: bool,
    /// Whether each folder that is applied has a `kustomization.yaml`.
    pub kustomization: bool,
}

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Where it lies below the tree, its parts joined by `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
    /// Whether a Secret is inside, in whatever form, so that others should not read it.
    pub secret: bool,
}

/// The file of the layout `single`, named as Argo CD's source hydrator names its own
/// (commitserver/commit/hydratorhelper.go).
const SINGLE: &str = "manifest.yaml";

/// Lays documents out as files, in the order of the documents.
///
/// Names say kind and name; the namespace stands before them where the tree has several. Where two
/// objects would still share a name, theirs get what tells them apart. Lists are taken apart, and
/// documents without an object are left out, both but for [`Layout::Single`].
///
/// # Errors
///
/// A diagnostic for each object whose name cannot be part of a file's.
pub fn lay_out(
    documents: &[RenderedDocument<'_>],
    shape: TreeShape,
) -> Result<Vec<TreeFile>, Vec<Diagnostic>> {
    if !shape.split {
        return lay_out_folder(documents, "", shape);
    }
    let (routing, workloads): (Vec<_>, Vec<_>) =
        documents.iter().cloned().partition(|document| document.routing);
    let mut files = lay_out_folder(&workloads, "workloads/", shape)?;
    files.extend(lay_out_folder(&routing, "routing/", shape)?);
    Ok(files)
}

/// Lays out what is applied together; nothing at all where there are no objects.
fn lay_out_folder(
    documents: &[RenderedDocument<'_>],
    folder: &str,
    shape: TreeShape,
) -> Result<Vec<TreeFile>, Vec<Diagnostic>> {
    if documents.iter().all(|document| document.objects.is_empty()) {
        return Ok(Vec::new());
    }
    let mut files = match shape.layout {
        Layout::Single => vec![single(documents)],
        Layout::KindName | Layout::Kustomize | Layout::Kpt => {
            let objects: Vec<_> = documents.iter().flat_map(parts).collect();
            let named: Vec<_> = objects.iter().map(|(named, _)| named.clone()).collect();
            let paths = name_all(&named, shape.layout)?;
            let files = paths.into_iter().zip(objects);
            files
                .map(|(path, (_, part))| TreeFile { path, text: part.text, secret: part.secret })
                .collect()
        }
    };
    if shape.kustomization {
        files.push(kustomization::of(&files));
    }
    files.iter_mut().for_each(|file| file.path.insert_str(0, folder));
    Ok(files)
}

/// The text of an object, and whether a Secret is inside.
struct Part {
    text: String,
    secret: bool,
}

/// Returns each object of a document with its text: the document's own where it is the only one.
fn parts(document: &RenderedDocument<'_>) -> Vec<(Named, Part)> {
    let alone = document.objects.len() == 1;
    let part = |object: &RenderedObject<'_>| {
        let text =
            if alone { document.text.clone().into_owned() } else { to_yaml(&object.value()) };
        let secret = (object.may_hold_secret()
            && (holds_secret(&object.value()) || comments_on_secret(&text)))
            || (!document.secrets.is_empty() && repeats_secret(&object.value(), &document.secrets));
        (Named::of(object), Part { text, secret })
    };
    document.objects.iter().map(part).collect()
}

/// Joins the documents as the stream joins them.
fn single(documents: &[RenderedDocument]) -> TreeFile {
    const SEPARATOR: &str = "---\n";
    let mut text = String::new();
    for document in documents {
        if !text.is_empty() && !document.text.starts_with(SEPARATOR) {
            text.push_str(SEPARATOR);
        }
        text.push_str(&document.text);
    }
    let mut objects = documents.iter().flat_map(|document| &document.objects);
    let secret = objects.any(|object| object.may_hold_secret() && holds_secret(&object.value()))
        || comments_on_secret(&text);
    TreeFile { path: SINGLE.to_owned(), text, secret }
}
