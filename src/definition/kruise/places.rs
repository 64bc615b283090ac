//! The places of the parts of a Rollout, and the words of its users for them.

use crate::manifest::{FieldPath, Resource};
use crate::rollout::{Part, Places};

/// The places and words of a Rollout of v1beta1, which is the form that every Rollout is read in.
pub(super) static PLACES: Places = Places { path, word };

fn path(_: &Resource<'_>, part: Part) -> FieldPath {
    let canary = FieldPath::of_keys(&["spec", "strategy", "canary"]);
    let step = |index| canary.key("steps").index(index);
    match part {
        Part::Steps => canary.key("steps"),
        Part::Step(index) => step(index),
        Part::ReplicasOfStep(index) => step(index).key("replicas"),
        Part::ShareOfStep(index) => step(index).key("traffic"),
        Part::MatchesOfStep(index) => step(index).key("matches"),
        Part::MatchOfStep { step: number, index } => step(number).key("matches").index(index),
        // The webhook refuses a second entry.
        Part::Traffic => canary.key("trafficRoutings").index(0),
        Part::Routes => canary.key("trafficRoutings").index(0).key("customNetworkRefs"),
        Part::PodMetadata => canary.key("patchPodTemplateMetadata"),
        Part::PodLabels => canary.key("patchPodTemplateMetadata").key("labels"),
        Part::OneServiceSwitch => canary.key("disableGenerateCanaryService"),
        Part::Disabled => FieldPath::of_keys(&["spec", "disabled"]),
        Part::Paused => FieldPath::of_keys(&["spec", "strategy", "paused"]),
        Part::StableRevision => FieldPath::of_keys(&["status", "canaryStatus", "stableRevision"]),
        Part::CanaryRevision => FieldPath::of_keys(&["status", "canaryStatus", "podTemplateHash"]),
    }
}

fn word(part: Part) -> &'static str {
    match part {
        Part::Steps => "steps",
        Part::Step(_) => "step",
        Part::ReplicasOfStep(_) => "replicas",
        Part::ShareOfStep(_) => "traffic",
        Part::MatchesOfStep(_) | Part::MatchOfStep { .. } => "matches",
        Part::Traffic => "trafficRoutings",
        Part::Routes => "customNetworkRefs",
        Part::PodMetadata => "patchPodTemplateMetadata",
        Part::PodLabels => "patchPodTemplateMetadata.labels",
        Part::OneServiceSwitch => "disableGenerateCanaryService",
        Part::Disabled => "spec.disabled",
        Part::Paused => "spec.strategy.paused",
        Part::StableRevision => "status.canaryStatus.stableRevision",
        Part::CanaryRevision => "status.canaryStatus.podTemplateHash",
    }
}
