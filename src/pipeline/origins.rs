//! Which rule of the input a rule of a stage comes from.
//!
//! A twin comes from the rule that it is a copy of, however many rollouts have put twins before it. The
//! rules that the controller's script adds are copies of none.

use crate::diagnostic::Lines;
use crate::manifest::{FieldPath, Resource};
use crate::model::{
    Compat, ORIGINAL_ANNOTATION, StageName, StepTraffic, VirtualService, is_host_of,
};
use crate::plan::{Plan, RuleChange, Stage, without_pods};
use crate::simulate::{Name, Protocol};

use super::Rendering;
use super::proof::{Side, Sides};

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
}

impl<'a> Rendering<'_, 'a> {
    /// Returns the rule of the input that a rule of the stage is, or is a copy of.
    pub(crate) fn find_source(
        &self,
        name: &Name,
        (protocol, index): (Protocol, usize),
    ) -> Option<SourceRule> {
        let group = "networking.istio.io";
        let id = self.manifest.find([group, "VirtualService", &name.namespace, &name.name])?;
        let resource = self.manifest.resource(id)?;
        let (index, is_twin) = self.find_origin(name, (protocol, index))?;
        let stored = self.changing(name).any(|(.., route)| route.original.stored);
        Some(source_rule(&resource, stored, (protocol, index), is_twin))
    }

    /// Returns the index that a rule of the stage has in the input, and whether it is a copy of that.
    ///
    /// Nothing for a rule that the controller's script adds.
    pub(crate) fn find_origin(
        &self,
        name: &Name,
        (protocol, index): (Protocol, usize),
    ) -> Option<(usize, bool)> {
        let mut changing: Vec<_> = self.changing(name).collect();
        changing.sort_by_key(|(plan, ..)| {
            let identity = &plan.rollout.resource.identity;
            (&identity.namespace, &identity.name)
        });
        let (mut index, mut is_twin) = (index, false);
        for (plan, stage, number, _) in changing.iter().rev() {
            let (before, added) = before((plan, *stage), *number, (protocol, index))?;
            (index, is_twin) = (before, is_twin || added);
        }
        Some((index, is_twin))
    }

    /// Returns the rollouts that lead requests by the VirtualService, and at which stage they are.
    pub(crate) fn stages_of(&self, name: &Name) -> Vec<(Name, StageName)> {
        let stages = self.changing(name).map(|(plan, stage, ..)| {
            let identity = &plan.rollout.resource.identity;
            (Name::new(&identity.namespace, &identity.name), StageName::from(stage))
        });
        stages.collect()
    }

    /// Returns which version of a workload that is rolled out has the host and the subset.
    pub(crate) fn version(&self, resolved: &str, subset: Option<&str>) -> Option<Version> {
        self.plans.iter().find_map(|(plan, _)| {
            let traffic = plan.rollout.traffic.as_ref()?;
            let stable = &traffic.service.resource.identity;
            let sides = Sides {
                namespace: &stable.namespace,
                stable: (&stable.name, &stable.namespace),
                canary: plan.service_name.as_deref(),
            };
            match sides.of(resolved, subset) {
                Side::Stable => Some(Version::Stable),
                Side::Canary => Some(Version::Canary),
                Side::Other => None,
            }
        })
    }

    /// Returns what to say of a subset of a stable Service that holds no pod at the stage.
    pub(crate) fn without_pods(&self, resolved: &str, subset: &str) -> Option<String> {
        self.plans.iter().find_map(|(plan, stage)| {
            let stable = &plan.rollout.traffic.as_ref()?.service.resource.identity;
            let is_stable =
                is_host_of(resolved, &stable.namespace, (&stable.name, &stable.namespace));
            if is_stable { without_pods(plan, *stage, subset) } else { None }
        })
    }

    fn changing<'s>(
        &'s self,
        name: &Name,
    ) -> impl Iterator<Item = (&'s Plan<'s, 'a>, Stage, usize, &'s VirtualService<'a>)> {
        self.plans.iter().filter_map(move |(plan, stage)| {
            let mut routes = plan.rollout.routes().enumerate();
            let (number, route) = routes.find(|(_, route)| {
                let identity = &route.resource.identity;
                identity.namespace == *name.namespace && identity.name == name.name
            })?;
            Some((plan, *stage, number, route))
        })
    }
}

/// Returns where the rule was before this rollout, and whether it was added as a copy of that.
fn before(
    (plan, stage): (&Plan<'_, '_>, Stage),
    number: usize,
    (protocol, index): (Protocol, usize),
) -> Option<(usize, bool)> {
    let Some(step) = stage.step_index(plan.steps.len()) else { return Some((index, false)) };
    let traffic = &plan.rollout.steps.get(step)?.traffic;
    let StepTraffic::Matches { matches, .. } = traffic else { return Some((index, false)) };
    if plan.rollout.compat == Some(Compat::Kruise) {
        let added = if protocol == Protocol::Http { matches.len() } else { 0 };
        return index.checked_sub(added).map(|index| (index, false));
    }
    let changes = &plan.steps.get(step)?.routes.get(number)?.changes;
    let mut added = 0;
    for change in changes.iter().filter(|change| change.protocol.field() == protocol.key()) {
        let RuleChange::Twins(twins) = &change.change else { continue };
        let first = change.index + added;
        if index < first {
            break;
        }
        if index < first + twins.len() {
            return Some((change.index, true));
        }
        added += twins.len();
    }
    Some((index.checked_sub(added)?, false))
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
