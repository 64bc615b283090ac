//! The rules that lead to a workload, and the share that each sends to its canary.

use std::borrow::Cow;

use serde_json::Value;

use super::RuleView;
use super::words::{requests_in_words, unreached};
use crate::lint::unreachable_rules;
use crate::model::{Backends, Side};
use crate::simulate::{
    Answer, Destination, Mesh, Name, Outcome, Place, Protocol, Request, RuleShares, Share, witness,
};

/// The rollout whose destinations are looked for.
pub(super) struct Viewer<'s> {
    pub(super) backends: &'s Backends,
    /// The namespace of the rollout.
    pub(super) namespace: &'s str,
}

impl Viewer<'_> {
    /// Returns whose a destination of a VirtualService in `namespace` is.
    fn side(&self, destination: &Destination, namespace: &str) -> Side {
        self.backends.side(&destination.resolved, namespace, destination.subset.as_deref())
    }
}

/// Returns the rules of the VirtualServices that lead to either version; none of one that is invalid.
///
/// The shares are those of a request that gets to the rule. Where no such request is known, they are
/// those of the rule's weights; where it is certain that no request gets there, they are nothing.
pub(super) fn plan_rules(
    routes: &[Cow<'_, Value>],
    viewer: &Viewer<'_>,
    namespace: &str,
) -> Vec<RuleView> {
    let mut views = Vec::new();
    for route in routes.iter().map(Cow::as_ref) {
        let Ok(mesh) = Mesh::new(&[route], namespace) else { continue };
        let Ok(rules) = mesh.rule_shares() else { continue };
        let spec = route.get("spec").unwrap_or(&Value::Null);
        let unreachable = unreachable_rules(spec);
        let mut requests = None;
        for rule in rules {
            let place = &rule.place;
            let reached = !unreachable.contains(&(place.protocol.key(), place.rule));
            let requests =
                requests.get_or_insert_with(|| Requests::to(&place.virtual_service, spec));
            let destinations = requests.destinations(place).unwrap_or(rule.destinations);
            let place = rule.place;
            views.extend(view(route, viewer, RuleShares { place, destinations }, reached));
        }
    }
    views
}

/// A VirtualService that requests are sent through.
struct Requests<'s> {
    spec: &'s Value,
    namespace: String,
    mesh: Option<Mesh>,
}

impl<'s> Requests<'s> {
    fn to(name: &Name, spec: &'s Value) -> Self {
        let mesh = Mesh::of_spec(name, spec, witness::ANY_HOST).ok();
        Self { spec, namespace: name.namespace.clone(), mesh }
    }

    /// Returns where a request goes that gets to the rule, if one is found.
    fn destinations(&self, place: &Place) -> Option<Vec<Destination>> {
        if place.protocol != Protocol::Http {
            return None;
        }
        let mesh = self.mesh.as_ref()?;
        let rule = self.spec.get(place.protocol.key())?.get(place.rule)?;
        let base = witness::of_spec(self.spec, &self.namespace);
        let entries = rule.get("match").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut requests: Vec<Request> = entries
            .iter()
            .filter_map(|entry| witness::of_entry(&base, entry, &self.namespace))
            .collect();
        if entries.is_empty() {
            requests.push(base);
        }
        let outcomes = requests.iter().filter_map(|request| mesh.simulate(request).ok());
        let mut there = outcomes.filter(|outcome| outcome.place() == Some(place));
        there.next().map(|outcome| outcome.destinations().to_vec())
    }
}

fn view(route: &Value, viewer: &Viewer<'_>, rule: RuleShares, reached: bool) -> Option<RuleView> {
    let RuleShares { place, destinations } = rule;
    let written = written(route, &place);
    let called = &place.virtual_service;
    let namespace = called.namespace.clone();
    let virtual_service = match called.namespace == viewer.namespace {
        true => called.name.clone(),
        false => called.to_string(),
    };
    let path = format!("{}[{}]", place.protocol.key(), place.rule);
    let mut requests = requests_in_words(route, &place);
    if !reached {
        requests = unreached(&requests);
    }
    let answer = Answer::Route { place, destinations, mirrors: Vec::new() };
    let outcome = Outcome { answer, misses: Vec::new(), notes: Vec::new() };
    let share = |side: Side| {
        outcome.share_where(|destination| viewer.side(destination, &namespace) == side)
    };
    let [canary, stable, others] = [Side::Canary, Side::Stable, Side::Foreign].map(share);
    let shown = |share: Share| if reached { share } else { Share::NONE };
    (others < Share::ALL).then(|| RuleView {
        virtual_service,
        path,
        name: written.and_then(|rule| rule.get("name")?.as_str()).map(str::to_owned),
        requests,
        reached,
        canary: shown(canary),
        stable: shown(stable),
        others: shown(others),
    })
}

/// Returns the rule as it is written.
pub(super) fn written<'v>(route: &'v Value, place: &Place) -> Option<&'v Value> {
    route.get("spec")?.get(place.protocol.key())?.get(place.rule)
}
