//! What becomes of the rules of a VirtualService at one step.
//!
//! A step with a share splits every rule that sends to stable; a step with matches puts twins before
//! it that send the described requests to the canary. Rules that do not send to stable are not
//! touched. Hosts are compared as Istio resolves them.

mod conjunction;
mod headers;

use super::weights::{Portion, split};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{
    HEADER_CONFLICT, MATCH_CONFLICT, NO_STABLE_DESTINATION, SUBSET_NOT_ON_CANARY, TWIN_NAME_TAKEN,
    UNSUPPORTED_RULE, WEIGHT_TOO_LARGE,
};
use crate::manifest::Identity;
use crate::model::{
    Action, CANARY_SUBSET, Destination, HeaderChange, Percent, Protocol, RequestMatch, Rule, Step,
    StepTraffic, VirtualService, is_host_of,
};
pub(crate) use conjunction::TwinMatch;

/// What changes in one VirtualService.
#[derive(Debug, Clone, Default)]
pub(crate) struct RoutePlan {
    /// By the index of the rule in `spec.http`; rules that are not here stay as they are.
    pub(crate) changes: Vec<(usize, RuleChange)>,
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

/// Who stable is, and who its canary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'s> {
    pub(crate) stable: &'s Identity,
    /// The name of the canary Service; none where it is a subset of the stable one.
    pub(crate) canary_name: Option<&'s str>,
}

/// The rules of one VirtualService at one step.
struct Routing<'r, 'a> {
    virtual_service: &'r VirtualService<'a>,
    sides: Sides<'r>,
    problems: Vec<Problem<'a>>,
}

/// Decides what changes in `virtual_service` at `step`; every problem is told.
pub(super) fn plan_route<'a>(
    virtual_service: &VirtualService<'a>,
    step: &Step,
    sides: Sides<'_>,
) -> (RoutePlan, Vec<Problem<'a>>) {
    let mut routing = Routing { virtual_service, sides, problems: Vec::new() };
    let plan = routing.plan(&step.traffic);
    (plan, routing.problems)
}

impl<'a> Routing<'_, 'a> {
    fn plan(&mut self, traffic: &StepTraffic) -> RoutePlan {
        let mut changes = Vec::new();
        if *traffic == StepTraffic::None {
            return RoutePlan { changes };
        }
        let rules = &self.virtual_service.rules;
        let mut concerned = false;
        for rule in rules {
            let Some(destinations) = self.stable_bound(rule) else { continue };
            concerned = true;
            let change = match traffic {
                StepTraffic::None => None,
                StepTraffic::Share(share) => self.plan_split(rule, destinations, *share),
                StepTraffic::Matches { matches, headers } => {
                    self.plan_twins(rule, destinations, (matches, headers.as_ref()))
                }
            };
            changes.extend(change.map(|change| (rule.index, change)));
        }
        if !concerned && self.problems.is_empty() {
            self.tell_no_stable_destination();
        }
        RoutePlan { changes }
    }

    /// Returns the destinations of a rule that sends something to stable, if it can be rewritten.
    fn stable_bound<'r>(&mut self, rule: &'r Rule) -> Option<&'r [Destination]> {
        let destinations = match &rule.action {
            Action::Route(destinations) => destinations,
            Action::Delegate => {
                self.unsupported(
                    rule,
                    "a rule that leaves routing to another VirtualService is not handled yet",
                );
                return None;
            }
            Action::Other => return None,
        };
        let sole = destinations.len() == 1;
        let receives = |destination: &Destination| sole || destination.weight.unwrap_or(0) > 0;
        if !destinations
            .iter()
            .any(|destination| self.is_stable(destination) && receives(destination))
        {
            return None;
        }
        if rule.protocol != Protocol::Http {
            self.unsupported(rule, "a rule of tcp or tls is not split yet");
            return None;
        }
        if destinations.iter().any(|destination| self.is_canary(destination)) {
            self.unsupported(rule, "a rule that already sends to the canary is not handled yet");
            return None;
        }
        self.warn_of_subsets(rule, destinations);
        Some(destinations)
    }

    fn plan_split(
        &mut self,
        rule: &Rule,
        destinations: &[Destination],
        share: Percent,
    ) -> Option<RuleChange> {
        let sources = self.canary_sources(destinations);
        let portions: Vec<Portion> = destinations
            .iter()
            .map(|destination| Portion {
                weight: effective_weight(destination, destinations.len()),
                canary: sources.iter().position(|&(_, source)| {
                    self.is_stable(destination) && same_canary(source, destination)
                }),
            })
            .collect();
        let Some(weights) = split(&portions, share) else {
            let path = rule.path().key("route");
            let message = "the exact weights of this split are larger than Istio takes";
            let problem = self.virtual_service.problem(&path, &WEIGHT_TOO_LARGE, message);
            self.problems.push(problem.help("give the rule smaller weights"));
            return None;
        };
        let canaries = sources
            .iter()
            .zip(&weights.canaries)
            .map(|(&(copy_of, source), &weight)| CanaryEntry {
                copy_of,
                target: self.target(&source.host),
                weight,
            })
            .collect();
        Some(RuleChange::Split { weights: weights.kept, canaries })
    }

    /// Returns the stable destinations whose canaries differ, each with its index.
    fn canary_sources<'r>(&self, destinations: &'r [Destination]) -> Vec<(usize, &'r Destination)> {
        let mut sources: Vec<(usize, &Destination)> = Vec::new();
        for (index, destination) in destinations.iter().enumerate() {
            let known = sources.iter().any(|&(_, source)| same_canary(source, destination));
            if self.is_stable(destination) && !known {
                sources.push((index, destination));
            }
        }
        sources
    }

    /// One twin per match of the step, the last match's first, as the controller orders them.
    fn plan_twins(
        &mut self,
        rule: &Rule,
        destinations: &[Destination],
        (matches, headers): (&[RequestMatch], Option<&HeaderChange>),
    ) -> Option<RuleChange> {
        let headers = match headers.map(|change| headers::over(&rule.request_headers, change)) {
            None => None,
            Some(Ok(merged)) => Some(merged),
            Some(Err(name)) => {
                let message =
                    format!("the rule and the step both change header `{name}`, in different ways");
                self.push(
                    rule,
                    &HEADER_CONFLICT,
                    (message, "change the header in one of the two only"),
                );
                return None;
            }
        };
        let targets: Vec<_> = destinations
            .iter()
            .enumerate()
            .filter(|(_, destination)| self.is_stable(destination))
            .map(|(index, destination)| (index, self.target(&destination.host)))
            .collect();
        let mut twins = Vec::new();
        for (number, wanted) in matches.iter().enumerate() {
            let name = rule.name.as_deref().map(|name| twin_name(name, number));
            self.check_name(rule, name.as_deref());
            match conjunction::conjoin(&rule.matches, wanted) {
                Ok(matches) => {
                    twins.push(Twin {
                        name,
                        matches,
                        targets: targets.clone(),
                        headers: headers.clone(),
                    });
                }
                Err(what) => {
                    let message = format!(
                        "the rule and the step both set a condition on {what}, which cannot be combined yet"
                    );
                    self.push(
                        rule,
                        &MATCH_CONFLICT,
                        (message, "use another condition in the step"),
                    );
                }
            }
        }
        twins.reverse();
        Some(RuleChange::Twins(twins))
    }

    fn check_name(&mut self, rule: &Rule, twin: Option<&str>) {
        let Some(twin) = twin else { return };
        // Of two rules of one name both would have a twin of that name.
        let same = |other: &&Rule| other.name == rule.name && other.index != rule.index;
        let taken = |other: &&Rule| other.name.as_deref() == Some(twin);
        let mut rules =
            self.virtual_service.rules.iter().filter(|other| other.protocol == rule.protocol);
        if rules.any(|other| same(&other) || taken(&other)) {
            let message =
                format!("there would be two rules `{twin}`, the name of this rule's twin");
            self.push(rule, &TWIN_NAME_TAKEN, (message, "give each rule a name of its own"));
        }
    }

    fn is_host_of(&self, host: &str, name: &str) -> bool {
        let namespace = &self.virtual_service.resource.identity.namespace;
        is_host_of(host, namespace, (name, &self.sides.stable.namespace))
    }

    fn is_stable(&self, destination: &Destination) -> bool {
        self.is_host_of(&destination.host, &self.sides.stable.name) && !self.is_canary(destination)
    }

    fn is_canary(&self, destination: &Destination) -> bool {
        match self.sides.canary_name {
            Some(canary) => self.is_host_of(&destination.host, canary),
            None => {
                self.is_host_of(&destination.host, &self.sides.stable.name)
                    && destination.subset.as_deref() == Some(CANARY_SUBSET)
            }
        }
    }

    /// Returns the canary of a stable host, written as that is.
    fn target(&self, stable: &str) -> Target {
        match (self.sides.canary_name, stable.split_once('.')) {
            (None, _) => Target::Subset,
            (Some(canary), Some((_, rest))) => Target::Host(format!("{canary}.{rest}")),
            (Some(canary), None) => Target::Host(canary.to_owned()),
        }
    }

    fn warn_of_subsets(&mut self, rule: &Rule, destinations: &[Destination]) {
        if self.sides.canary_name.is_none() {
            return;
        }
        let mut subsets = destinations.iter().filter(|destination| self.is_stable(destination));
        if let Some(subset) = subsets.find_map(|destination| destination.subset.clone()) {
            let message = format!(
                "subset `{subset}` belongs to the stable host; the canary's destination goes without it"
            );
            let help = "see that the canary needs none of the policies that its DestinationRule has for the subset";
            self.push(rule, &SUBSET_NOT_ON_CANARY, (message, help));
        }
    }

    fn unsupported(&mut self, rule: &Rule, message: &str) {
        self.push(
            rule,
            &UNSUPPORTED_RULE,
            (message.to_owned(), "route to the stable Service by a plain http rule"),
        );
    }

    fn tell_no_stable_destination(&mut self) {
        let route = &self.virtual_service.resource;
        let service = &self.sides.stable.name;
        let message = format!("no rule of {} sends to service `{service}`", route.called());
        let path = crate::manifest::FieldPath::of_keys(&["spec", "http"]);
        let problem = self.virtual_service.problem(&path, &NO_STABLE_DESTINATION, message);
        let help = format!("add a rule with destination host `{service}`, or correct the names");
        self.problems.push(problem.help(help));
    }

    fn push(
        &mut self,
        rule: &Rule,
        code: &'static crate::diagnostic::Code,
        (message, help): (String, &str),
    ) {
        let problem = self.virtual_service.problem(&rule.path(), code, message);
        self.problems.push(problem.help(help));
    }
}

/// A sole destination gets everything, whatever its weight; of several, an absent weight is 0.
fn effective_weight(destination: &Destination, count: usize) -> u64 {
    if count == 1 { 1 } else { u64::from(destination.weight.unwrap_or(0)) }
}

/// Destinations that differ in weight and subset only have one canary.
fn same_canary(one: &Destination, other: &Destination) -> bool {
    one.rest == other.rest
}

/// Returns `NAME-canary`, `NAME-canary-2` and so on, in the order of the step's matches.
fn twin_name(name: &str, number: usize) -> String {
    match number {
        0 => format!("{name}-canary"),
        number => format!("{name}-canary-{}", number + 1),
    }
}
