//! A stage as documents and objects, for those who look at it rather than pass it on.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::stage::{Purpose, Rendering, with_stage};
use super::{Input, Options, Reading};
use crate::diagnostic::{Collector, Diagnostic};
use crate::emit;
use crate::manifest::ObjectKey;
use crate::model::{ObjectName, StageName};
use crate::plan::{Stage, stages};
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
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RenderedDocument {
    /// The text, with the comments around it and a newline at its end.
    pub text: String,
    /// The objects in it: one, or the items of a list that nobody changes.
    pub objects: Vec<RenderedObject>,
    /// Whether it is a routing object of a rollout, to be applied when the pods are there.
    pub routing: bool,
    /// Values of Secrets of the input that aliases repeat, perhaps here.
    pub secrets: Arc<BTreeSet<String>>,
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
    let mut problems = Collector::new(options.allow.clone());
    let reading = Reading::of(input, options.namespace(), &mut problems);
    let documents = documents(&reading, (options, purpose), &mut problems);
    RenderedStage { documents, diagnostics: problems.into_diagnostics() }
}

/// Renders every stage of the rollouts that the options choose.
///
/// There are as many steps as the longest of them has; those of fewer steps stay at their last.
pub fn render_stages(
    input: &Input,
    options: &Options,
    purpose: Purpose,
) -> Vec<(StageName, RenderedStage)> {
    let mut read = Collector::new(options.allow.clone());
    let reading = Reading::of(input, options.namespace(), &mut read);
    let all = each_stage(&reading, options).into_iter().map(|(stage, options)| {
        let mut problems = read.clone();
        let documents = documents(&reading, (&options, purpose), &mut problems);
        let diagnostics = problems.into_diagnostics();
        (stage, RenderedStage { documents, diagnostics })
    });
    all.collect()
}

/// Returns every stage, and the options that ask for it.
pub(crate) fn each_stage(reading: &Reading<'_>, options: &Options) -> Vec<(StageName, Options)> {
    let lengths = reading.lengths(options);
    let longest = lengths.iter().map(|(_, steps)| *steps).max().unwrap_or(0);
    let at = |stage| (StageName::from(stage), at_stage(options, &lengths, stage));
    stages(longest).map(at).collect()
}

/// Returns the options with every chosen rollout at the stage, or at its last step where it has fewer.
pub(crate) fn at_stage(
    options: &Options,
    lengths: &[(ObjectName, usize)],
    stage: Stage,
) -> Options {
    let mut options = Options { step: None, ..options.clone() };
    let at = |steps: usize| match stage {
        Stage::Step(index) if index >= steps => StageName::Last,
        stage => StageName::from(stage),
    };
    options.steps.extend(lengths.iter().map(|(rollout, steps)| (rollout.clone(), at(*steps))));
    options
}

pub(super) fn documents<'a>(
    reading: &Reading<'a>,
    (options, purpose): (&Options, Purpose),
    problems: &mut Collector<'a>,
) -> Option<Vec<RenderedDocument>> {
    with_stage(reading, (options, purpose), problems, |stage: &Rendering<'_, 'a>| {
        let secrets = Arc::new(reading.repeated_secrets());
        let of = |entry| RenderedDocument {
            secrets: Arc::clone(&secrets),
            ..document(entry, options.namespace())
        };
        Ok(stage.entries(options)?.iter().map(of).collect())
    })
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
    RenderedDocument { text, objects, routing: entry.routing, secrets: Arc::default() }
}
