//! Changes of the rules of VirtualServices at one step.
//!
//! A step with a share splits every rule that sends to stable; a step with matches puts twins before
//! it that send the described requests to the canary. Rules that do not send to stable are not
//! touched. Hosts are compared as Istio resolves them.

mod after;
mod conjunction;
mod delegates;
mod headers;
mod names;
mod split;
mod told;
mod twins;
mod view;

use std::collections::BTreeSet;

use crate::diagnostic::Problem;
use crate::model::{
    Action, Backends, CanaryRequests, Destination, HeaderChange, Protocol, Rule, Rules, Step,
    StepTraffic, Traffic, VirtualService,
};
pub(crate) use conjunction::TwinMatch;
use names::TwinNames;
use told::Told;
use view::View;

/// A VirtualService as it is before a rollout changes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before<'r, 'a> {
    pub(crate) route: &'r VirtualService<'a>,
    /// The rules of its original, or what the rollouts that come first have made of them.
    pub(crate) rules: &'r Rules,
}

impl<'r, 'a> Before<'r, 'a> {
    /// Returns the VirtualService with the rules of its original.
    pub(crate) fn original(route: &'r VirtualService<'a>) -> Self {
        Self { route, rules: &route.rules }
    }
}

/// What changes in one VirtualService.
#[derive(Debug, Clone, Default)]
pub(crate) struct RoutePlan {
    /// Rules that are not here stay as they are.
    pub(crate) changes: Vec<PlannedRule>,
}

impl RoutePlan {
    /// Returns what changes at a rule.
    pub(crate) fn change_of(&self, rule: &Rule) -> Option<&RuleChange> {
        let planned = self
            .changes
            .iter()
            .find(|planned| planned.protocol == rule.protocol && planned.index == rule.index)?;
        Some(&planned.change)
    }
}

/// A rule that changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlannedRule {
    pub(crate) protocol: Protocol,
    /// The index in the list of its protocol.
    pub(crate) index: usize,
    pub(crate) change: RuleChange,
}

/// What changes at one rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RuleChange {
    /// Its destinations get these weights, and canaries stand behind them.
    Split { weights: Vec<u32>, canaries: Vec<CanaryEntry> },
    /// These twins stand before it, in this order.
    Twins(Vec<Twin>),
}

/// A destination of the rule once more, for the canary.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CanaryEntry {
    /// The index of the destination that it is a copy of.
    pub(crate) copy_of: usize,
    pub(crate) target: Target,
    pub(crate) weight: u32,
}

/// What a copied destination is changed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The canary Service, by this host.
    Host(String),
    /// The canary's subset of the same host.
    Subset,
}

/// A copy of a rule whose stable destinations are the canary.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Twin {
    pub(crate) name: Option<String>,
    pub(crate) matches: Vec<TwinMatch>,
    /// The destinations that become the canary.
    pub(crate) targets: Vec<(usize, Target)>,
    /// The headers that the twin changes, where the step changes any.
    pub(crate) headers: Option<HeaderChange>,
}

/// Decides what changes in the VirtualServices of a rollout at `step`; every problem is reported.
pub(super) fn plan_routes<'a>(
    traffic: &Traffic<'a>,
    routes: &[Before<'_, 'a>],
    step: &Step,
) -> (Vec<RoutePlan>, Vec<Problem<'a>>) {
    let mut problems = Vec::new();
    let mut plans = Vec::new();
    for route in routes {
        let (plan, told) = plan_route(*route, &step.traffic, &traffic.backends);
        plans.push(plan);
        problems.extend(told);
    }
    if step.traffic.directs() {
        problems.extend(delegates::check(routes, &plans, &step.traffic));
        if problems.is_empty() {
            problems.extend(find_idle(traffic, routes, &plans));
        }
        if !problems.iter().any(Problem::is_error) {
            problems.extend(without_effect(routes, &plans));
        }
        for route in routes {
            let view = View::of(&traffic.backends, route.route);
            problems.extend(told::foreign_subsets(*route, view));
        }
    }
    (plans, problems)
}

/// Decides what changes in one VirtualService.
pub(crate) fn plan_route<'a>(
    before: Before<'_, 'a>,
    traffic: &StepTraffic,
    backends: &Backends,
) -> (RoutePlan, Vec<Problem<'a>>) {
    let requests = CanaryRequests::of(traffic);
    let mut routing = Routing {
        view: View::of(backends, before.route),
        told: Told::of(before.route),
        names: TwinNames::of(before),
        changes: Vec::new(),
        without_requests: Vec::new(),
        met: BTreeSet::new(),
    };
    for rule in before.rules {
        if let Some(destinations) = bound_for_stable(rule, routing.view) {
            routing.plan_rule((rule, destinations), requests);
        } else if traffic.directs() && is_weightless(rule, routing.view) {
            routing.told.weightless(rule);
        }
    }
    let alone = routing.changes.is_empty();
    routing.told.without_requests(&routing.without_requests, alone);
    if !routing.met.is_empty() {
        routing.told.never_met(requests.matches().len(), &routing.met);
    }
    (RoutePlan { changes: routing.changes }, routing.told.into_problems())
}

/// Returns the destinations of a rule, if any of its requests reach stable.
fn bound_for_stable<'r>(rule: &'r Rule, view: View<'_>) -> Option<&'r [Destination]> {
    match &rule.action {
        Action::Route(destinations) if view.is_bound(destinations) => Some(destinations),
        Action::Route(_) | Action::Delegate(_) | Action::Other => None,
    }
}

/// Returns whether Istio refuses a rule that names stable, since all its weights are 0.
fn is_weightless(rule: &Rule, view: View<'_>) -> bool {
    let Action::Route(destinations) = &rule.action else { return false };
    let weightless = |destination: &Destination| destination.weight.unwrap_or(0) == 0;
    destinations.len() > 1
        && destinations.iter().all(weightless)
        && destinations.iter().any(|destination| view.is_stable(destination))
}

/// The rules of one VirtualService at one step.
struct Routing<'r, 'a> {
    view: View<'r>,
    told: Told<'r, 'a>,
    names: TwinNames<'r>,
    changes: Vec<PlannedRule>,
    /// Rules of tcp and tls at a step that describes requests.
    without_requests: Vec<&'r Rule>,
    /// The step's matches that some request of some rule meets, by index.
    met: BTreeSet<usize>,
}

impl<'r> Routing<'r, '_> {
    fn plan_rule(&mut self, bound: (&'r Rule, &'r [Destination]), requests: CanaryRequests<'_>) {
        let (rule, destinations) = bound;
        let change = match requests {
            CanaryRequests::None => return,
            CanaryRequests::Share(share) => {
                let split = split::plan_split(self.view, destinations, share);
                if split.is_none() {
                    self.told.weight_too_large(rule);
                }
                split
            }
            CanaryRequests::Matches { .. } if rule.protocol != Protocol::Http => {
                self.without_requests.push(rule);
                return;
            }
            CanaryRequests::Matches { matches, headers } => {
                let step = (matches, headers);
                let twins::Twins { twins, missing, met } =
                    twins::plan_twins(self.view, bound, step, &mut self.names);
                for why in &missing {
                    self.told.no_twin(rule, why);
                }
                self.met.extend(met);
                Some(RuleChange::Twins(twins))
            }
        };
        self.told.subsets(rule, destinations, self.view);
        let Some(change) = change else { return };
        self.told.names(rule, &change, &self.names);
        let Rule { protocol, index, .. } = *rule;
        self.changes.push(PlannedRule { protocol, index, change });
    }
}

/// Reports a step whose rules for the canary would all be empty.
fn without_effect<'a>(routes: &[Before<'_, 'a>], plans: &[RoutePlan]) -> Option<Problem<'a>> {
    let mut changes = plans.iter().flat_map(|plan| &plan.changes).peekable();
    changes.peek()?;
    let none = |planned: &PlannedRule| planned.change == RuleChange::Twins(Vec::new());
    let before = routes.iter().zip(plans).find(|(_, plan)| !plan.changes.is_empty())?.0;
    changes.all(none).then(|| told::without_effect(before.route))
}

/// Reports VirtualServices that the rollout names and that send nothing to stable, nor does one that
/// they leave routing to.
fn find_idle<'a>(
    traffic: &Traffic<'a>,
    routes: &[Before<'_, 'a>],
    plans: &[RoutePlan],
) -> Vec<Problem<'a>> {
    let concerned = |named: Before<'_, '_>| {
        let mut pairs = routes.iter().zip(plans);
        pairs.any(|(before, plan)| {
            let delegated = || delegates::leaving(named, before.route).next().is_some();
            let is_it = before.route.resource.id == named.route.resource.id;
            !plan.changes.is_empty() && (is_it || delegated())
        })
    };
    let named = routes.iter().filter(|before| before.route.delegated_by.is_none());
    named
        .filter(|before| !concerned(**before))
        .map(|before| told::idle(*before, &traffic.backends))
        .collect()
}
