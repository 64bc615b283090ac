//! The way from sources to the text of a stage.
//!
//! Each layer hands its result to the next, and problems are collected along the way. Nothing is
//! written where one of them is an error.

mod change;
mod documents;
mod input;
mod object;
mod origins;
mod planned;
mod proof;
mod reading;
mod rollouts;
mod stage;
mod staging;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub use change::{Movement, RenderedChange, render_beside, render_change};
pub use documents::{RenderedDocument, RenderedStage, render_stage, render_stages};
pub use input::Input;
pub use object::{Origin, RenderedObject};
pub use origins::{SourceRule, Version};
pub(crate) use planned::{ASSUMED_REVISIONS, Planned, Rollouts, Selection, asked};
pub(crate) use reading::Reading;
pub use rollouts::{RolloutsRead, read_rollouts};
pub use stage::Purpose;
pub(crate) use stage::{Rendering, StageOutcome, with_stage};
pub(crate) use staging::disabled_in_mid_rollout;

use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::emit;
use crate::manifest::{DEFAULT_NAMESPACE, Manifest};
use crate::model::{Compat, GitOps, Isolate, ObjectName, StageName, Wishes};
use crate::render::Only;
use crate::source::Source;

/// The form of the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// YAML documents.
    #[default]
    Yaml,
    /// One `v1` List.
    Json,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The stage of every rollout that has none of its own.
    pub step: Option<StageName>,
    /// The stages of single rollouts. A name with its namespace wins over one without.
    pub steps: BTreeMap<ObjectName, StageName>,
    /// Whether everything is passed through where there is nothing to render.
    pub filter: bool,
    /// The rollout to render; all of the input, where none is named.
    pub rollout: Option<ObjectName>,
    /// The namespace of objects that name none; `default`, where none is given.
    pub namespace: Option<String>,
    /// How many pods a workload has, where an autoscaler decides.
    pub replicas: Vec<(ObjectName, u32)>,
    /// How the pods of the two versions are told apart; chosen by the manifests, where none is given.
    pub isolate: Option<Isolate>,
    /// The revision of the stable version, of all rollouts or of one.
    pub stable_revisions: Vec<(Option<ObjectName>, String)>,
    /// The revision of the canary.
    pub canary_revisions: Vec<(Option<ObjectName>, String)>,
    /// The controller whose results are written exactly.
    pub compat: Option<Compat>,
    /// The tool that applies the result, and is reported in which order.
    pub gitops: Option<GitOps>,
    /// The problems that are acknowledged.
    pub allow: Vec<&'static Code>,
    /// Which part of the result is written.
    pub only: Only,
    /// Whether Rollouts are written as well.
    pub keep_rollout: bool,
    /// The form of the result.
    pub format: Format,
}

impl Options {
    /// Returns the namespace of objects that name none.
    pub(crate) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE)
    }

    /// Returns what decides how the manifests are read.
    pub(crate) fn wishes(&self) -> Wishes<'_> {
        Wishes {
            rollout: self.rollout.as_ref(),
            compat: self.compat,
            isolate: self.isolate.as_ref(),
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The parts of the text, to be written one after the other; none where something is wrong.
    pub parts: Option<Vec<Cow<'a, str>>>,
    /// Every problem found, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

impl Outcome<'_> {
    /// Returns the text, if there is one.
    pub fn text(&self) -> Option<String> {
        self.parts.as_ref().map(|parts| parts.concat())
    }
}

/// Renders a stage of the rollouts of `input`.
///
/// Pure: the same input and options give the same bytes. Where anything is wrong there is no text at
/// all, and [`Outcome::diagnostics`] reports every problem.
///
/// ```
/// use rollstep::{Input, Options, Source, render};
///
/// let input = Input::new(vec![Source::new("empty.yaml", "# nothing yet\n")], None);
/// let outcome = render(&input, &Options::default());
/// assert!(outcome.parts.is_none());
/// assert_eq!(outcome.diagnostics[0].code.name, "nothing-to-render");
/// ```
pub fn render<'a>(input: &'a Input, options: &Options) -> Outcome<'a> {
    let reading = Reading::of(input, options.namespace());
    let StageOutcome { result, problems } =
        with_stage(&reading, (options, Purpose::Apply), |stage| {
            let entries = stage.entries(options)?;
            Ok(match options.format {
                Format::Yaml => emit::to_parts(&entries),
                Format::Json => vec![Cow::Owned(emit::to_json(&entries))],
            })
        });
    Outcome { parts: result, diagnostics: problems.into_diagnostics() }
}

/// Returns every object of `sources` as Kubernetes sees it.
///
/// Lists are taken apart; keys keep the order of the text.
///
/// # Errors
///
/// Every diagnostic, at least one of them an error.
pub fn read(sources: &[Source]) -> Result<Vec<serde_json::Value>, Vec<Diagnostic>> {
    let mut problems = Collector::default();
    let manifest = Manifest::read(sources, DEFAULT_NAMESPACE, &mut problems);
    if problems.has_errors() {
        return Err(problems.into_diagnostics());
    }
    let ids = manifest.objects().map(|(id, _)| id);
    Ok(ids.filter_map(|id| manifest.resource(id)).map(|resource| resource.to_value()).collect())
}
