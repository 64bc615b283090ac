//! Harm that the traffic of a step does beside the routes, and that no render can mend.

use super::{RuleChange, StagePlan, Surroundings};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{FILTER_MISSES_TWIN, HASH_BEFORE_SPLIT};
use crate::manifest::{Field, Resource};
use crate::model::{ISTIO, Rollout, Sources, Traffic, route_names_of};

/// What is reported at the steps where it matters.
#[derive(Debug, Default)]
pub(crate) struct StepHazards<'a> {
    /// DestinationRules that keep each client at one pod.
    hashes: Vec<Problem<'a>>,
    /// EnvoyFilters that name rules of the routes.
    filters: Vec<NamedRule<'a>>,
}

/// A rule that an EnvoyFilter names.
#[derive(Debug)]
struct NamedRule<'a> {
    name: String,
    problem: Problem<'a>,
}

/// Finds what may matter at some step of the rollout.
pub(super) fn find<'a>(
    rollout: &Rollout<'a>,
    surroundings: Surroundings<'_, 'a>,
) -> StepHazards<'a> {
    let sources = surroundings.sources;
    StepHazards { hashes: find_hashes(rollout, sources), filters: find_filters(rollout, sources) }
}

impl<'a> StepHazards<'a> {
    /// Returns what matters at a stage.
    pub(super) fn at(&self, at: &StagePlan<'_, 'a>) -> Vec<Problem<'a>> {
        let mut found = Vec::new();
        let share = at.traffic().and_then(|traffic| traffic.share_alone());
        if share.is_some_and(|share| (1..100).contains(&share.hundredths())) {
            found.extend(self.hashes.iter().cloned());
        }
        for filter in &self.filters {
            if has_twin(at, &filter.name) {
                found.push(filter.problem.clone());
            }
        }
        found
    }
}

/// Returns whether a rule of that name gets a twin.
fn has_twin(at: &StagePlan<'_, '_>, name: &str) -> bool {
    at.led().any(|(_, led)| {
        let mut named = led.rules.iter().filter(|rule| rule.name.as_deref() == Some(name));
        named.any(|rule| {
            let change = led.change.as_ref().and_then(|change| change.change_of(rule));
            matches!(change, Some(RuleChange::Twins(_)))
        })
    })
}

/// Returns a warning for each DestinationRule of the stable Service that keeps a client at one pod.
///
/// Envoy chooses the version by weight for each request, and hashes among the pods of that version only.
fn find_hashes<'a>(rollout: &Rollout<'a>, sources: Sources<'_, 'a>) -> Vec<Problem<'a>> {
    let Sources { manifest, index, .. } = sources;
    let Some(traffic) = &rollout.traffic else { return Vec::new() };
    let ids = index.knowing_service(manifest, &traffic.service.resource.identity).into_iter();
    let rules = ids.filter(|id| {
        manifest.object(*id).is_some_and(|object| object.identity.is(ISTIO, "DestinationRule"))
    });
    let rules = rules.filter_map(|id| manifest.resource_mentioning(id, &["consistentHash"]));
    rules.filter_map(|rule| hash_before_split(traffic, &rule)).collect()
}

fn hash_before_split<'a>(traffic: &Traffic<'a>, rule: &Resource<'a>) -> Option<Problem<'a>> {
    let spec = rule.field(&["spec"])?;
    let host = spec.text("host")?;
    if !traffic.backends.is_host_or_wildcard(host, &rule.identity.namespace) {
        return None;
    }
    let mut policies: Vec<_> = spec.child("trafficPolicy").into_iter().collect();
    policies.extend(spec.list("subsets").iter().filter_map(|one| one.child("trafficPolicy")));
    let hash = policies.iter().find_map(find_hash)?;
    let message = format!(
        "{} keeps a client at one pod, but the weights choose a version anew for each request",
        rule.called()
    );
    let problem = hash.problem(&HASH_BEFORE_SPLIT, message);
    Some(problem.help(
        "use steps with `matches` on what the hash is taken of, or expect clients to change versions",
    ))
}

fn find_hash<'r, 'a>(policy: &Field<'r, 'a>) -> Option<Field<'r, 'a>> {
    let mut all = vec![policy.clone()];
    all.extend(policy.list("portLevelSettings"));
    all.iter().find_map(|one| one.child("loadBalancer")?.child("consistentHash"))
}

/// Returns what EnvoyFilters name of the rules of the rollout's routes.
///
/// Envoy's route has the name of the rule: istio/istio:pilot/pkg/networking/core/route/route.go. A twin has
/// another.
fn find_filters<'a>(rollout: &Rollout<'a>, sources: Sources<'_, 'a>) -> Vec<NamedRule<'a>> {
    let Sources { manifest, index, .. } = sources;
    let rules = rollout.routes().flat_map(|route| &route.rules);
    let names: Vec<_> = rules.filter_map(|rule| rule.name.clone()).collect();
    let mut found = Vec::new();
    for id in index.naming_rule(manifest, &names) {
        let Some(filter) = manifest.resource(id) else { continue };
        for field in route_names_of(&filter) {
            let name = field.node().as_str().unwrap_or_default();
            if names.iter().any(|own| own == name) {
                let problem = filter_misses_twin(&filter, &field, name);
                found.push(NamedRule { name: name.to_owned(), problem });
            }
        }
    }
    found
}

fn filter_misses_twin<'a>(filter: &Resource<'a>, field: &Field<'_, 'a>, name: &str) -> Problem<'a> {
    let message = format!(
        "{} is for the route `{name}`, and the twin that leads to the canary has another name",
        filter.called()
    );
    let problem = field.problem(&FILTER_MISSES_TWIN, message);
    problem.help(format!("add a patch for `{name}-canary`, or leave the name of the route out"))
}
