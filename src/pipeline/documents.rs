//! A stage as documents and objects, for those who look at it rather than pass it on.

use serde_json::Value;

use super::planned::{Planned, Rollouts, Selection};
use super::stage::{Purpose, StageOutcome};
use super::{Input, Options, Reading};
use crate::diagnostic::Diagnostic;
use crate::emit;
use crate::manifest::ObjectKey;
use crate::model::StageName;
use crate::render::{Content, Entry};

/// A stage as documents, and what is to be said of it.
#[derive(Debug, Clone)]
pub struct RenderedStage {
    /// The documents, in the order of the output; none where something is wrong.
    pub documents: Option<Vec<RenderedDocument>>,
    /// Every problem found, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// A document of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedDocument {
    /// The text, with the comments around it and a newline at its end.
    pub text: String,
    /// The objects in it: one, or the items of a list that nobody changes.
    pub objects: Vec<RenderedObject>,
    /// Whether it is a routing object of a rollout, to be applied when the pods are there.
    pub routing: bool,
}

/// An object of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedObject {
    /// Who it is.
    pub key: ObjectKey,
    /// What became of it.
    pub origin: Origin,
    /// The object as Kubernetes sees it.
    pub value: Value,
}

/// Where an object of a result comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the input, as it was.
    Untouched,
    /// From the input, changed by the stage.
    Changed,
    /// Added by the stage.
    Added,
}

/// Renders the stage that the options ask for.
pub fn render_stage(input: &Input, options: &Options, purpose: Purpose) -> RenderedStage {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, purpose);
    planned.documents(&planned.by_options())
}

/// Renders every stage of the rollouts that the options choose.
///
/// There are as many steps as the longest of them has; those of fewer steps stay at their last.
pub fn render_stages(
    input: &Input,
    options: &Options,
    purpose: Purpose,
) -> Vec<(StageName, RenderedStage)> {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, purpose);
    let stages = planned.each_stage().into_iter();
    stages.map(|(stage, selection)| (stage, planned.documents(&selection))).collect()
}

impl Planned<'_, '_> {
    /// Renders a stage as documents.
    pub(super) fn documents(&self, selection: &Selection) -> RenderedStage {
        let options = self.rollouts.options;
        let StageOutcome { result, problems } = self.render(selection, |stage| {
            let entries = stage.entries(options)?;
            Ok(entries.iter().map(|entry| document(entry, options.namespace())).collect())
        });
        RenderedStage { documents: result, diagnostics: problems.into_diagnostics() }
    }
}

fn document(entry: &Entry<'_, '_>, namespace: &str) -> RenderedDocument {
    let origin = match entry.content {
        Content::Document(_) | Content::Item(_) => Origin::Untouched,
        Content::Edited(_) | Content::Replaced(_) => Origin::Changed,
        Content::New(_) => Origin::Added,
    };
    let object = |value| RenderedObject { key: ObjectKey::of(&value, namespace), origin, value };
    let objects = emit::values(&entry.content).into_iter().map(object).collect();
    let text = emit::to_parts(std::slice::from_ref(entry)).concat();
    RenderedDocument { text, objects, routing: entry.routing }
}
