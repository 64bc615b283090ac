//! A stage as documents and objects, for those who look at it rather than pass it on.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::object::{Origin, RenderedObject};
use super::planned::{Planned, Rollouts, Selection};
use super::stage::{Purpose, Rendering, StageOutcome};
use super::{Input, Options, Reading};
use crate::diagnostic::Diagnostic;
use crate::emit;
use crate::model::StageName;
use crate::render::{Content, Entry};

/// A stage as documents, and what is to be said of it.
#[derive(Debug, Clone)]
pub struct RenderedStage<'a> {
    /// The documents, in the order of the output; none where something is wrong.
    pub documents: Option<Vec<RenderedDocument<'a>>>,
    /// Every problem found, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// A document of a result.
#[derive(Debug, Clone, Default)]
pub struct RenderedDocument<'a> {
    /// The text, with the comments around it and a newline at its end.
    pub text: Cow<'a, str>,
    /// The objects in it: one, or the items of a list that no rollout changes.
    pub objects: Vec<RenderedObject<'a>>,
    /// Whether it is a routing object of a rollout, to be applied when the pods are there.
    pub routing: bool,
    /// Values of Secrets of the input that aliases repeat, perhaps here.
    pub secrets: Rc<BTreeSet<String>>,
}

/// Renders the stage that the options ask for.
pub fn render_stage<'a>(
    input: &'a Input,
    options: &Options,
    purpose: Purpose,
) -> RenderedStage<'a> {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, purpose);
    planned.documents(&planned.by_options())
}

/// Renders every stage of the rollouts that the options choose.
///
/// There are as many steps as the longest of them has; those of fewer steps stay at their last.
pub fn render_stages<'a>(
    input: &'a Input,
    options: &Options,
    purpose: Purpose,
) -> Vec<(StageName, RenderedStage<'a>)> {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, purpose);
    let stages = planned.each_stage().into_iter();
    stages.map(|(stage, selection)| (stage, planned.documents(&selection))).collect()
}

impl<'a> Planned<'_, 'a> {
    /// Renders a stage as documents.
    pub(super) fn documents(&self, selection: &Selection) -> RenderedStage<'a> {
        let options = self.rollouts.options;
        let StageOutcome { result, problems } = self.render(selection, |stage| {
            let entries = stage.entries(options)?;
            let secrets = self.rollouts.reading.repeated_secrets();
            let of = |entry| RenderedDocument {
                secrets: Rc::clone(&secrets),
                ..document(stage, entry, options.namespace())
            };
            Ok(entries.iter().map(of).collect())
        });
        RenderedStage { documents: result, diagnostics: problems.into_diagnostics() }
    }
}

fn document<'a>(
    stage: &Rendering<'_, 'a>,
    entry: &Entry<'_, 'a>,
    namespace: &str,
) -> RenderedDocument<'a> {
    let mut parts = emit::to_parts(std::slice::from_ref(entry));
    let text = match parts.as_mut_slice() {
        [only] => std::mem::take(only),
        several => Cow::Owned(several.concat()),
    };
    let objects = objects(stage, entry, namespace);
    RenderedDocument { text, objects, routing: entry.routing, secrets: Rc::default() }
}

fn objects<'a>(
    stage: &Rendering<'_, 'a>,
    entry: &Entry<'_, 'a>,
    namespace: &str,
) -> Vec<RenderedObject<'a>> {
    let origin = match entry.content {
        Content::Document(_) | Content::Item(_) => Origin::Untouched,
        Content::Edited(_) | Content::Replaced(_) => Origin::Changed,
        Content::New(_) => Origin::Added,
    };
    if let (Content::Document(document), Some(id)) = (&entry.content, entry.object)
        && let Some(object) = stage.manifest.object(id)
    {
        return vec![RenderedObject::unread(object, document)];
    }
    let values = emit::values(&entry.content).into_iter();
    values.map(|value| RenderedObject::new(origin, value, namespace)).collect()
}
