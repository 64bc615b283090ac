//! The rules that lead to a workload, and the share that each sends to its canary.

use serde_json::Value;

use super::RuleView;
use super::words::requests_in_words;
use crate::model::{Backends, Side};
use crate::simulate::{Answer, Destination, Mesh, Outcome, Place, RuleShares, Share};

/// The rollout whose destinations are looked for.
pub(super) struct Viewer<'s> {
    pub(super) backends: &'s Backends,
    /// The namespace of the rollout.
    pub(super) namespace: &'s str,
}

impl Viewer<'_> {
    fn side(&self, destination: &Destination) -> Side {
        // A full name is the same in whatever namespace it is written.
        self.backends.side(&destination.resolved, "", destination.subset.as_deref())
    }
}

/// Returns the rules of the VirtualServices that lead to either version; none of one that is invalid.
pub(super) fn plan_rules(routes: &[Value], viewer: &Viewer<'_>, namespace: &str) -> Vec<RuleView> {
    let of_route = |route: &Value| {
        let mesh = Mesh::new(&[route], namespace).ok()?;
        let rules = mesh.rule_shares().ok()?;
        Some(rules.into_iter().filter_map(|rule| view(route, viewer, rule)).collect::<Vec<_>>())
    };
    routes.iter().filter_map(of_route).flatten().collect()
}

fn view(route: &Value, viewer: &Viewer<'_>, rule: RuleShares) -> Option<RuleView> {
    let RuleShares { place, destinations } = rule;
    let written = written(route, &place);
    let called = &place.virtual_service;
    let virtual_service = match called.namespace == viewer.namespace {
        true => called.name.clone(),
        false => called.to_string(),
    };
    let path = format!("{}[{}]", place.protocol.key(), place.rule);
    let requests = requests_in_words(route, &place);
    let answer = Answer::Route { place, destinations, mirrors: Vec::new() };
    let outcome = Outcome { answer, misses: Vec::new(), notes: Vec::new() };
    let share = |side: Side| outcome.share_where(|destination| viewer.side(destination) == side);
    let [canary, stable, others] = [Side::Canary, Side::Stable, Side::Foreign].map(share);
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
