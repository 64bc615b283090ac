//! The rules that lead to a workload, and the share that each sends to its canary.

use serde_json::Value;

use super::RuleView;
use super::words::requests_in_words;
use crate::model::{CANARY_SUBSET, is_host_of};
use crate::plan::Sides;
use crate::simulate::{Answer, Destination, Mesh, Outcome, Place, RuleShares, Share};

/// Whose the destinations are.
pub(super) struct Side<'s> {
    pub(super) sides: Sides<'s>,
    /// The namespace of the rollout.
    pub(super) namespace: &'s str,
}

impl Side<'_> {
    fn is(&self, destination: &Destination, name: &str) -> bool {
        // A full name is the same in whatever namespace it is written.
        is_host_of(&destination.resolved, "", (name, &self.sides.stable.namespace))
    }

    fn is_canary(&self, destination: &Destination) -> bool {
        match self.sides.canary_name {
            Some(canary) => self.is(destination, canary),
            None => {
                self.is(destination, &self.sides.stable.name)
                    && destination.subset.as_deref() == Some(CANARY_SUBSET)
            }
        }
    }

    fn is_stable(&self, destination: &Destination) -> bool {
        self.is(destination, &self.sides.stable.name) && !self.is_canary(destination)
    }
}

/// Returns the rules of the VirtualServices that lead to either version; none of one that is invalid.
pub(super) fn plan_rules(routes: &[Value], side: &Side<'_>, namespace: &str) -> Vec<RuleView> {
    let of_route = |route: &Value| {
        let mesh = Mesh::new(&[route], namespace).ok()?;
        let rules = mesh.rule_shares().ok()?;
        Some(rules.into_iter().filter_map(|rule| view(route, side, rule)).collect::<Vec<_>>())
    };
    routes.iter().filter_map(of_route).flatten().collect()
}

fn view(route: &Value, side: &Side<'_>, rule: RuleShares) -> Option<RuleView> {
    let RuleShares { place, destinations } = rule;
    let written = written(route, &place);
    let called = &place.virtual_service;
    let virtual_service = match called.namespace == side.namespace {
        true => called.name.clone(),
        false => called.to_string(),
    };
    let path = format!("{}[{}]", place.protocol.key(), place.rule);
    let requests = requests_in_words(route, &place);
    let answer = Answer::Route { place, destinations, mirrors: Vec::new() };
    let outcome = Outcome { answer, misses: Vec::new(), notes: Vec::new() };
    let canary = outcome.share_where(|destination| side.is_canary(destination));
    let stable = outcome.share_where(|destination| side.is_stable(destination));
    let ours =
        |destination: &Destination| side.is_canary(destination) || side.is_stable(destination);
    let others = outcome.share_where(|destination| !ours(destination));
    (others < Share::ALL).then(|| RuleView {
        virtual_service,
        path,
        name: written.and_then(|rule| rule.get("name")?.as_str()).map(str::to_owned),
        requests,
        canary,
        stable,
        others,
    })
}

/// Returns the rule as it is written.
pub(super) fn written<'v>(route: &'v Value, place: &Place) -> Option<&'v Value> {
    route.get("spec")?.get(place.protocol.key())?.get(place.rule)
}
