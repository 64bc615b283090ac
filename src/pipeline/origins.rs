//! The rules of the input that the rules of a stage come from.
//!
//! A twin comes from the rule that it is a copy of, however many rollouts have put twins before it. The
//! rules that the controller's script adds are copies of none.

use crate::diagnostic::Lines;
use crate::manifest::{FieldPath, ObjectId, Resource};
use crate::model::{ISTIO, ORIGINAL_ANNOTATION, Side, StageName};
use crate::plan::{RuleOrigin, find_origin, reaches_both, without_pods};
use crate::simulate::{Name, Protocol};

use super::Rendering;

/// A rule of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRule {
    /// The name of the source.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The path of the rule, as `spec.http[1]`.
    pub field: String,
    /// Whether the rule of the stage is a copy of it for the canary.
    pub is_twin: bool,
}

/// A version of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The old one.
    Stable,
    /// The new one.
    Canary,
    /// Both, where one Service stands before both and no subset parts them.
    Both,
}

impl<'a> Rendering<'_, 'a> {
    /// Returns the rule of the input that a rule of the stage is, or is a copy of.
    pub(crate) fn find_source(
        &self,
        name: &Name,
        (protocol, index): (Protocol, usize),
    ) -> Option<SourceRule> {
        let id = self.find_route(name)?;
        let resource = self.manifest.resource(id)?;
        let changing = self.leading.changing(id);
        let RuleOrigin { index, added } = find_origin(changing, protocol, index)?;
        let stored = changing.iter().any(|one| one.route.original.stored);
        Some(source_rule(&resource, stored, (protocol, index), added))
    }

    fn find_route(&self, name: &Name) -> Option<ObjectId> {
        self.manifest.find([ISTIO, "VirtualService", &name.namespace, &name.name])
    }

    /// Returns the rollouts that lead requests by the VirtualService, and at which stage they are.
    pub(crate) fn stages_of(&self, name: &Name) -> Vec<(Name, StageName)> {
        let changing = self.find_route(name).map_or(&[][..], |id| self.leading.changing(id));
        let stages = changing.iter().map(|one| {
            let identity = &one.at.plan.rollout.resource.identity;
            (Name::new(&identity.namespace, &identity.name), StageName::from(one.at.stage))
        });
        stages.collect()
    }

    /// Returns which version of a workload that is rolled out has the host and the subset.
    pub(crate) fn version(&self, resolved: &str, subset: Option<&str>) -> Option<Version> {
        self.plans.iter().find_map(|at| {
            let (plan, stage) = (at.plan, at.stage);
            let backends = &plan.rollout.traffic.as_ref()?.backends;
            match backends.side(resolved, "", subset) {
                Side::Stable if reaches_both(plan, stage, subset) => Some(Version::Both),
                Side::Stable => Some(Version::Stable),
                Side::Canary => Some(Version::Canary),
                Side::Foreign => None,
            }
        })
    }

    /// Returns what to say of a subset of a stable Service that holds no pod at the stage.
    pub(crate) fn without_pods(&self, resolved: &str, subset: &str) -> Option<String> {
        self.plans.iter().find_map(|at| {
            let (plan, stage) = (at.plan, at.stage);
            let backends = &plan.rollout.traffic.as_ref()?.backends;
            let is_stable = backends.is_stable_host(resolved, "");
            if is_stable { without_pods(plan, stage, "", subset) } else { None }
        })
    }
}

fn source_rule(
    resource: &Resource<'_>,
    stored: bool,
    (protocol, index): (Protocol, usize),
    is_twin: bool,
) -> SourceRule {
    let rule = FieldPath::of_keys(&["spec", protocol.key()]).index(index);
    // A stored original has no bytes of its own; its annotation stands for it.
    let place = if stored {
        resource.place_at(&FieldPath::of_keys(&["metadata", "annotations", ORIGINAL_ANNOTATION]))
    } else {
        resource.place_at(&rule)
    };
    let line = Lines::default().find(place.source, place.offset).line;
    SourceRule { file: place.source.name().to_owned(), line, field: rule.to_string(), is_twin }
}
