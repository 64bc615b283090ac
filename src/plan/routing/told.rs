//! Problems with the rules of a VirtualService at a step.

use std::collections::BTreeSet;

use super::names::TwinNames;
use super::twins::NoTwin;
use super::view::View;
use super::{Before, RuleChange};
use crate::diagnostic::codes::{
    CONNECTION_RULE_UNCHANGED, FOREIGN_SUBSET, HEADER_CONFLICT, INVALID_ROUTE, MATCH_CONFLICT,
    MATCH_NEEDS_HTTP, MATCH_NEVER_MET, NO_STABLE_DESTINATION, STEP_WITHOUT_EFFECT,
    SUBSET_NOT_ON_CANARY, TWIN_NAME_TAKEN, WEIGHT_TOO_LARGE,
};
use crate::diagnostic::{Code, Problem};
use crate::manifest::FieldPath;
use crate::model::{Action, Backends, Destination, Rule, VirtualService};

/// The problems of one VirtualService.
pub(super) struct Told<'r, 'a> {
    route: &'r VirtualService<'a>,
    problems: Vec<Problem<'a>>,
}

impl<'r, 'a> Told<'r, 'a> {
    pub(super) fn of(route: &'r VirtualService<'a>) -> Self {
        Self { route, problems: Vec::new() }
    }

    pub(super) fn into_problems(self) -> Vec<Problem<'a>> {
        self.problems
    }

    fn push(&mut self, rule: &Rule, code: &'static Code, (message, help): (String, &str)) {
        let problem = self.route.problem(&rule.path(), code, message);
        self.problems.push(problem.help(help));
    }

    pub(super) fn weight_too_large(&mut self, rule: &Rule) {
        let path = rule.path().key("route");
        let message = "the exact weights of this split are larger than Istio takes";
        let problem = self.route.problem(&path, &WEIGHT_TOO_LARGE, message);
        self.problems.push(problem.help("give the rule smaller weights"));
    }

    /// Reports a rule of several destinations that gives none of them a request.
    pub(super) fn weightless(&mut self, rule: &Rule) {
        let path = rule.path().key("route");
        let message = "the rule has several destinations, and all their weights are 0";
        let problem = self.route.problem(&path, &INVALID_ROUTE, message);
        self.problems
            .push(problem.help("give them weights; Istio refuses the VirtualService as well"));
    }

    /// Reports rules of tcp and tls at a step that describes requests, which they know nothing of.
    pub(super) fn without_requests(&mut self, rules: &[&Rule], alone: bool) {
        for rule in rules {
            let message =
                "the step describes requests, and a rule of tcp or tls knows connections only";
            let (code, help) = if alone {
                (&MATCH_NEEDS_HTTP, "use `traffic` in the step, or an http rule")
            } else {
                (
                    &CONNECTION_RULE_UNCHANGED,
                    "know that all of its connections stay with stable at this step",
                )
            };
            self.push(rule, code, (message.to_owned(), help));
        }
    }

    pub(super) fn no_twin(&mut self, rule: &Rule, why: &NoTwin) {
        let (code, message, help) = match why {
            NoTwin::HeaderConflict(name) => (
                &HEADER_CONFLICT,
                format!("the rule and the step both change header `{name}`, in different ways"),
                "change the header in one of the two only",
            ),
            NoTwin::MatchConflict(what) => (
                &MATCH_CONFLICT,
                format!("the rule and the step both set a condition on {what}"),
                "use another condition in the step, or split the rule in two",
            ),
        };
        self.push(rule, code, (message, help));
    }

    /// Reports matches of the step that no request of any rule meets.
    pub(super) fn never_met(&mut self, matches: usize, met: &BTreeSet<usize>) {
        let path = FieldPath::of_keys(&["spec", "http"]);
        let help = "correct the conditions of the step: the rules for stable have others";
        for number in (0..matches).filter(|index| !met.contains(index)).map(|index| index + 1) {
            let message = format!(
                "no request that match {number} of the step describes meets the conditions of a rule for stable"
            );
            let problem = self.route.problem(&path, &MATCH_NEVER_MET, message);
            self.problems.push(problem.help(help));
        }
    }

    /// Reports twins whose name the source has given to another rule.
    pub(super) fn names(&mut self, rule: &Rule, change: &RuleChange, names: &TwinNames<'_>) {
        let RuleChange::Twins(twins) = change else { return };
        let named = twins.iter().filter_map(|twin| twin.name.as_deref());
        for name in named.filter(|name| names.is_written(name)) {
            let message =
                format!("there would be two rules `{name}`, the name of this rule's twin");
            self.push(rule, &TWIN_NAME_TAKEN, (message, "give each rule a name of its own"));
        }
    }

    /// Reports destinations with a subset, since the canary's host has none.
    pub(super) fn subsets(&mut self, rule: &Rule, destinations: &[Destination], view: View<'_>) {
        if view.backends.canary_name.is_none() {
            return;
        }
        let mut stable = destinations.iter().filter(|destination| view.is_stable(destination));
        if let Some(subset) = stable.find_map(|destination| destination.subset.clone()) {
            let message = format!(
                "subset `{subset}` belongs to the stable host; the canary's destination goes without it"
            );
            let help = "see that the canary needs none of the policies that its DestinationRule has for the subset";
            self.push(rule, &SUBSET_NOT_ON_CANARY, (message, help));
        }
    }
}

/// Reports a step whose matches no request of any rule for stable meets.
pub(super) fn without_effect<'a>(route: &VirtualService<'a>) -> Problem<'a> {
    let path = FieldPath::of_keys(&["spec", "http"]);
    let message = "no request that the step describes meets the conditions of a rule for stable";
    let problem = route.problem(&path, &STEP_WITHOUT_EFFECT, message);
    problem.help("correct the conditions of the step: the rules for stable have others")
}

/// Reports a VirtualService that sends nothing to stable.
pub(super) fn idle<'a>(before: Before<'_, 'a>, backends: &Backends) -> Problem<'a> {
    let route = before.route;
    let service = &backends.stable.name;
    let view = View::of(backends, route);
    let destinations = || before.rules.iter().filter_map(destinations_of).flatten();
    let is_foreign = destinations().any(|one| view.foreign_pods(one).is_some());
    let called = route.resource.called();
    let message = if is_foreign {
        format!(
            "no rule of {called} sends to pods of the rollout behind service `{service}`: the subsets that it names belong to other workloads"
        )
    } else {
        format!("no rule of {called} sends to service `{service}`")
    };
    let path = FieldPath::of_keys(&["spec", "http"]);
    let problem = route.problem(&path, &NO_STABLE_DESTINATION, message);
    let same_namespace = route.resource.identity.namespace == backends.stable.namespace;
    let host = if same_namespace {
        service.clone()
    } else {
        format!("{service}.{}.svc.cluster.local", backends.stable.namespace)
    };
    problem.help(if destinations().any(|one| view.is_stable(one)) {
        format!("give destination host `{host}` a weight above 0")
    } else if is_foreign {
        "add a rule for a subset that holds the pods of the workload, or correct the labels of the subsets".to_owned()
    } else {
        format!("add a rule with destination host `{host}`, or correct the names")
    })
}

fn destinations_of(rule: &Rule) -> Option<&Vec<Destination>> {
    match &rule.action {
        Action::Route(destinations) => Some(destinations),
        Action::Delegate(_) | Action::Other => None,
    }
}

/// Notes the subsets of the stable host that belong to other workloads.
pub(super) fn foreign_subsets<'a>(before: Before<'_, 'a>, view: View<'_>) -> Vec<Problem<'a>> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for rule in before.rules {
        for (index, destination) in destinations_of(rule).into_iter().flatten().enumerate() {
            let Some(subset) = destination.subset.as_deref() else { continue };
            let Some(pods) = view.foreign_pods(destination) else { continue };
            if !seen.insert(subset) {
                continue;
            }
            let owners: Vec<_> = pods.others.iter().map(|pods| pods.identity.called()).collect();
            let message = format!(
                "subset `{subset}` of service `{}` belongs to {}: the step leaves its requests as they are",
                view.backends.stable.name,
                owners.join(", "),
            );
            let path = rule.path().key("route").index(index).key("destination").key("subset");
            let problem = before.route.problem(&path, &FOREIGN_SUBSET, message);
            problems.push(problem.help(
                "correct the labels of the subset in its DestinationRule, if it is meant to be stable",
            ));
        }
    }
    problems
}
