//! A whole rollout at a glance: every stage with its pods, its traffic, and what it changes.
//!
//! What is shown is what a render of each stage gives: the objects are those that would be written,
//! and the shares are simulated on them, so that a plan cannot promise what the manifests do not say.
//! The view is found out by [`stages`](mod@stages) and is data; the formats are in [`text`],
//! [`markdown`], [`mermaid`], [`html`] and [`json`].

pub mod html;
pub mod json;
pub mod markdown;
pub mod mermaid;
mod objects;
mod quoted;
mod stages;
pub mod text;
mod traffic;
mod words;

use crate::diagnostic::{Diagnostic, listed};
use crate::model::StageName;
use crate::pipeline::{Input, Options};
use crate::simulate::Share;
pub use objects::{AffectedObject, Change};

/// The plans of all chosen rollouts, and what is to be said of them.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The plans, in the order of the input; none where the input cannot be read.
    pub rollouts: Option<Vec<RolloutPlan>>,
    /// Every problem of every stage, each once, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// All stages of one rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct RolloutPlan {
    /// The namespace of the rollout.
    pub namespace: String,
    /// The name of the rollout.
    pub name: String,
    /// The name of the Deployment.
    pub workload: String,
    /// The name of the stable Service; none where the rollout directs no traffic.
    pub service: Option<String>,
    /// The names of the VirtualServices, with their namespace where it is another.
    pub virtual_services: Vec<String>,
    /// The other namespaces that the rollout writes objects of.
    pub other_namespaces: Vec<String>,
    /// The pods that shares are counted of.
    pub pods: u32,
    /// Whether the input holds the old version alone, so that there is nothing to roll out.
    pub nothing_new: bool,
    /// The stages, from `stable` to `done`.
    pub stages: Vec<StagePlan>,
}

/// A stage of a rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct StagePlan {
    /// Its name.
    pub stage: StageName,
    /// Whether it is the one that a RollStep or `--step` asks for.
    pub asked: bool,
    /// What it looks like, or the codes of the errors that forbid rendering it.
    pub view: Result<StageView, Vec<&'static str>>,
}

/// What a stage looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct StageView {
    /// How many pods the stable Deployment has.
    pub stable_pods: u32,
    /// The version that they run.
    pub stable_version: Version,
    /// How many pods the canary has; they run the new version.
    pub canary_pods: u32,
    /// What the canary's pods can carry; none where there are none to be asked.
    pub capacity: Option<Capacity>,
    /// The requests that the step describes, in words; any of them goes to the canary.
    pub matches: Vec<String>,
    /// The rules that lead to the workload, as the stage has them.
    pub rules: Vec<RuleView>,
    /// What a controller would wait for at the end of the step.
    pub pause: Option<Pause>,
    /// What differs from the stage before.
    pub objects: Vec<AffectedObject>,
    /// The codes of the errors for which `render` refuses the stage although it can be shown.
    pub refused: Vec<&'static str>,
}

/// The version of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// What runs before the rollout.
    Old,
    /// What is rolled out.
    New,
}

/// What a controller would wait for at the end of a step; nothing here waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// A person decides.
    Manual,
    /// So many seconds pass.
    Seconds(u64),
}

/// The canary's pods beside the traffic that they get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Its pods as a share of those that carry all traffic today.
    pub pods: Share,
    /// The share of the traffic that the step sends to it; none where requests are described.
    pub traffic: Option<Share>,
}

impl Capacity {
    /// Returns whether each canary pod gets more requests than a stable pod does today.
    pub fn is_short(self) -> bool {
        self.traffic.is_some_and(|traffic| traffic > self.pods)
    }
}

/// A rule that leads to the workload, and the shares of its requests.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleView {
    /// The VirtualService, with its namespace where that is not the rollout's.
    pub virtual_service: String,
    /// Where the rule stands in `spec`, such as `http[0]`.
    pub path: String,
    /// The name of the rule.
    pub name: Option<String>,
    /// Which requests it is for, in words.
    pub requests: String,
    /// Whether any request gets to the rule. Where the rules before it take them all, every share is
    /// nothing.
    pub reached: bool,
    /// The share that the canary gets.
    pub canary: Share,
    /// The share that stable gets.
    pub stable: Share,
    /// The share of destinations that are neither.
    pub others: Share,
}

impl RolloutPlan {
    /// Returns the sentence that says which other namespaces are written, less its first word `the`.
    pub(super) fn written_elsewhere(&self) -> Option<String> {
        let noun = match self.other_namespaces.len() {
            0 => return None,
            1 => "namespace",
            _ => "namespaces",
        };
        let names = listed(&self.other_namespaces);
        Some(format!("rollout writes objects of {noun} {names} as well"))
    }
}

impl StageView {
    /// Returns the requests that the step describes and that no rule says.
    pub(super) fn unsaid_matches(&self) -> impl Iterator<Item = &String> {
        let said = |wanted: &String| self.rules.iter().any(|rule| rule.requests.contains(wanted));
        self.matches.iter().filter(move |wanted| !said(wanted))
    }

    /// Returns the objects of which the stage makes `change`.
    pub fn objects_that_are(&self, change: Change) -> impl Iterator<Item = &AffectedObject> {
        self.objects.iter().filter(move |object| object.change == change)
    }
}

/// Finds out what every stage of the rollouts of `input` looks like.
///
/// Other rollouts that share an object with one stand at the stage that is asked of them, or are done.
///
/// ```
/// use rollstep::{Input, Options, Source, review};
///
/// let input = Input::new(vec![Source::new("empty.yaml", "# nothing yet\n")], None);
/// let outcome = review::plan(&input, &Options::default());
/// assert!(outcome.rollouts.is_none());
/// ```
pub fn plan(input: &Input, options: &Options) -> Outcome {
    let (rollouts, problems) = stages::plan_rollouts(input, options);
    Outcome { rollouts, diagnostics: problems }
}
