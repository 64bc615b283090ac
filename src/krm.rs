//! rollstep as a KRM function: a ResourceList in, a ResourceList out.
//!
//! kustomize and kpt run programs that read and write a `ResourceList`
//! (kubernetes-sigs/kustomize:cmd/config/docs/api-conventions/functions-spec.md). The step comes from
//! a RollStep or a ConfigMap as `functionConfig`, or from RollSteps among the items. Items that the
//! stage does not change come back as they were, and so do all of them where anything is wrong:
//! what an orchestrator does not get back it deletes.
//!
//! Text to text; reading standard input and exit codes are the caller's business. The contract asks
//! for an exit code other than 0 on failure (its examples say 1); the command ends with 2, as it does
//! everywhere when something could not be done.

mod config;
mod item;
mod local;
mod merge;
mod previous;
mod references;
mod resource_list;
mod results;
mod transform;

use std::borrow::Cow;

use item::Item;
use resource_list::ResourceList;
use transform::transform;

use crate::diagnostic::codes::INVALID_FIELD;
use crate::diagnostic::{Collector, Diagnostic};
use crate::manifest::{DEFAULT_NAMESPACE, Manifest};
use crate::source::Source;

/// What the function answers.
#[derive(Debug)]
pub struct Answer {
    /// What is written to standard output; empty where the input could not be read at all.
    pub text: String,
    /// Whether the exit code must not be 0, the one thing that orchestrators look at.
    pub failed: bool,
    /// What is said to a person as well: kustomize drops the results.
    pub diagnostics: Vec<Diagnostic>,
}

/// Answers a `ResourceList`.
///
/// ```
/// let list = "
/// apiVersion: config.kubernetes.io/v1
/// kind: ResourceList
/// items:
/// - apiVersion: v1
///   kind: ConfigMap
///   metadata: {name: a} # as it was
/// ";
/// let answer = rollstep::krm::run(list);
/// assert!(!answer.failed);
/// assert!(answer.text.contains("  metadata: {name: a} # as it was\n"));
/// assert_eq!(answer.diagnostics[0].code.name, "passed-through");
/// ```
pub fn run(text: &str) -> Answer {
    let list = match ResourceList::read(&Source::new("-", text)) {
        Ok(list) => list,
        Err(diagnostics) => return refused(diagnostics),
    };
    let done = transform(&list.items, list.config.as_ref());
    let text = match &done.items {
        Some(items) => list.write(text, items.iter().map(Cow::as_ref), &done.results),
        None => list.write(text, list.items.iter(), &done.results),
    };
    Answer { text, failed: done.items.is_none(), diagnostics: done.diagnostics }
}

/// Answers kustomize's older kind of plugin: its configuration, and manifests as a stream.
///
/// This is what `kubectl kustomize --enable-alpha-plugins` can run
/// (kubernetes-sigs/kustomize:api/internal/plugins/execplugin/execplugin.go).
pub fn run_plugin(config: &str, manifests: &str) -> Answer {
    let read = |name: &str, text: &str| read_stream(&Source::new(name, text));
    let (config, items) = match (read("the configuration", config), read("-", manifests)) {
        (Ok(config), Ok(items)) => (config, items),
        (config, items) => {
            let errors = [config.err(), items.err()];
            return refused(errors.into_iter().flatten().flatten().collect());
        }
    };
    let [config] = config.as_slice() else {
        let message = format!("expected one RollStep as configuration, found {}", config.len());
        let diagnostic = Diagnostic::new(&INVALID_FIELD, message);
        return refused(vec![
            diagnostic.with_help("list a file with one RollStep under `transformers`"),
        ]);
    };
    let done = transform(&items, Some(config));
    let texts: Vec<_> = done.items.iter().flatten().map(|item| item.text.as_str()).collect();
    Answer {
        text: texts.join("---\n"),
        failed: done.items.is_none(),
        diagnostics: done.diagnostics,
    }
}

fn refused(diagnostics: Vec<Diagnostic>) -> Answer {
    Answer { text: String::new(), failed: true, diagnostics }
}

/// Reads manifests as items, with the comments around them.
fn read_stream(source: &Source) -> Result<Vec<Item>, Vec<Diagnostic>> {
    let mut problems = Collector::default();
    let manifest = Manifest::read(std::slice::from_ref(source), DEFAULT_NAMESPACE, &mut problems);
    if manifest.incomplete {
        return Err(problems.into_diagnostics());
    }
    let items = manifest.documents.iter().map(|document| {
        let texts = document.comments().chain([document.text()]).chain(document.trailing());
        let ended = texts.map(|text| format!("{}\n", text.trim_end_matches('\n')));
        Item::new(ended.collect(), document.to_value())
    });
    Ok(items.filter(|item| item.value().is_object()).collect())
}
