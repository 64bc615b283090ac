//! Items in, items out: what is rendered, and what only passes through.
//!
//! Each item is a source of its own, so that whatever is said of it can be said of the item: an
//! orchestrator knows files and positions, and not the lines of its list.

use std::borrow::Cow;

use serde_json::Value;

use super::config::{self, Asked, CONFIG};
use super::item::Item;
use super::local;
use super::merge::merge;
use super::previous::Names;
use super::references::resolved;
use super::results;
use crate::diagnostic::codes::{DUPLICATE_OBJECT, PASSED_THROUGH};
use crate::diagnostic::{Diagnostic, Location};
use crate::manifest::DEFAULT_NAMESPACE;
use crate::pipeline::{Input, Purpose, RenderedStage, render_stage};
use crate::source::Source;

/// What became of the items.
pub(super) struct Transformed<'i> {
    /// The items; none where something is wrong.
    pub(super) items: Option<Vec<Cow<'i, Item>>>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) results: Vec<Value>,
}

/// An item that is rendered.
pub(super) struct Part<'i> {
    /// As it came.
    pub(super) item: &'i Item,
    /// As it is rendered: with the names of now.
    pub(super) resolved: Cow<'i, Item>,
    /// Its name in diagnostics.
    source: String,
}

/// Renders the stage that the configuration or RollSteps among the items ask for.
pub(super) fn transform<'i>(items: &'i [Item], config: Option<&Item>) -> Transformed<'i> {
    let names = Names::of(items, DEFAULT_NAMESPACE);
    let mut asked = match config::read(config, &names) {
        Ok(asked) => asked,
        Err(diagnostics) => return failed(&[], config, diagnostics),
    };
    // kustomize changes the names of a resource, and not those of the same file as a transformer.
    let is_item = |step: &Item| items.iter().any(|item| local::is_renamed(item, step));
    if asked.roll_step.as_ref().is_some_and(is_item) {
        asked.roll_step = None;
    }
    let namespace = asked.options.namespace().to_owned();
    let parts = parts(items, &asked, &namespace);
    if parts.is_empty() && !items.is_empty() {
        return passed_through(items);
    }
    let input = input(&parts, &asked);
    let RenderedStage { documents, diagnostics } =
        render_stage(&input, &asked.options, Purpose::Apply);
    let diagnostics = placed(diagnostics, &parts);
    let Some(documents) = documents else { return failed(&parts, config, diagnostics) };
    let merged = merge(items, &parts, &documents, &namespace);
    let mut results = results::of_diagnostics(&diagnostics, &parts, config);
    results.extend(merged.results);
    let items = local::mark(merged.items, &parts, &namespace);
    Transformed { items: Some(items), diagnostics, results }
}

fn failed<'i>(
    parts: &[Part<'i>],
    config: Option<&Item>,
    diagnostics: Vec<Diagnostic>,
) -> Transformed<'i> {
    let results = results::of_diagnostics(&diagnostics, parts, config);
    Transformed { items: None, diagnostics, results }
}

fn passed_through(items: &[Item]) -> Transformed<'_> {
    let message = "there is nothing to render; everything is passed through";
    let diagnostics = vec![Diagnostic::new(&PASSED_THROUGH, message)];
    let results = results::of_diagnostics(&diagnostics, &[], None);
    Transformed { items: Some(items.iter().map(Cow::Borrowed).collect()), diagnostics, results }
}

/// Returns the items that are rendered.
///
/// A RollStep that is the configuration may be an item as well, as files of a package are; then it is
/// read once.
fn parts<'i>(items: &'i [Item], asked: &Asked, namespace: &str) -> Vec<Part<'i>> {
    let names = Names::of(items, namespace);
    let config = asked.roll_step.as_ref().map(|step| step.key(namespace));
    let mut parts: Vec<Part<'i>> = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        if item.is_for_others() || Some(item.key(namespace)) == config {
            continue;
        }
        parts.push(Part {
            item,
            resolved: resolved(item, &names, namespace),
            source: source_name(item, position),
        });
    }
    parts
}

/// Returns the file of the item, and which object of it is meant.
fn source_name(item: &Item, position: usize) -> String {
    match (item.path(), item.index()) {
        (Some(path), None | Some(0)) => path.to_owned(),
        (Some(path), Some(index)) => format!("{path}, object {}", index + 1),
        (None, _) => {
            let known = ["/kind", "/metadata/name"].map(|pointer| item.text_at(pointer));
            let known: Vec<_> = known.into_iter().flatten().collect();
            let comma = if known.is_empty() { "" } else { ", " };
            format!("item {}{comma}{}", position + 1, known.join(" "))
        }
    }
}

fn input(parts: &[Part<'_>], asked: &Asked) -> Input {
    let sources = parts.iter().map(|part| Source::new(&part.source, &part.resolved.text));
    let config = asked.roll_step.iter().map(|step| Source::new(CONFIG, &step.text));
    let stable = asked.stable.as_ref();
    let stable = stable.map(|text| vec![Source::new(format!("{CONFIG} (data.stable)"), text)]);
    Input::new(sources.chain(config).collect(), stable)
}

/// Leaves out the lines, which are those of an item as the orchestrator wrote it.
fn placed(diagnostics: Vec<Diagnostic>, parts: &[Part<'_>]) -> Vec<Diagnostic> {
    let place = |location: Location| {
        let known = location.file == CONFIG || item_of(parts, &location.file).is_some();
        if !known {
            return location;
        }
        Location { line: 0, column: 0, source_line: None, ..location }
    };
    let place_one = |diagnostic: Diagnostic| Diagnostic {
        location: diagnostic.location.map(place),
        // An item is the first and only document of its source.
        message: match diagnostic.message.strip_suffix(":1") {
            Some(message) if *diagnostic.code == DUPLICATE_OBJECT => message.to_owned(),
            _ => diagnostic.message,
        },
        // There is no command line to give it on.
        help: diagnostic
            .help
            .map(|help| help.replace("`--stable PATH`", "`--stable`"))
            .map(|help| help.replace("`--stable`", "`spec.stable` of a RollStep"))
            .map(|help| help.replace("`--step`", "`step`")),
        ..diagnostic
    };
    diagnostics.into_iter().map(place_one).collect()
}

/// Returns the item that is known by this name.
pub(super) fn item_of<'i>(parts: &[Part<'i>], source: &str) -> Option<&'i Item> {
    parts.iter().find(|part| part.source == source).map(|part| part.item)
}
