//! The rules of a VirtualService after a rollout has changed them.
//!
//! The next rollout that changes the same VirtualService plans on these. `render` writes the same
//! changes into the object; a test holds the two together.

use super::{CanaryEntry, RoutePlan, RuleChange, Target, Twin, TwinMatch};
use crate::model::{
    Action, CANARY_SUBSET, Destination, HeaderChange, Rule, RuleMatch, Rules, StringMatch,
};

impl Rules {
    /// Returns the rules with the changes of a plan, numbered anew.
    pub(crate) fn after(&self, plan: &RoutePlan) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        for rule in self {
            match plan.change_of(rule) {
                None => rules.push(rule.clone()),
                Some(RuleChange::Split { weights, canaries }) => {
                    rules.push(split(rule, weights, canaries));
                }
                Some(RuleChange::Twins(twins)) => {
                    rules.extend(twins.iter().map(|twin| twin_of(rule, twin)));
                    rules.push(rule.clone());
                }
            }
        }
        number(&mut rules);
        rules.into_iter().collect()
    }
}

/// Numbers the rules of each list from 0.
fn number(rules: &mut [Rule]) {
    let mut list = None;
    let mut next = 0;
    for rule in rules {
        if list != Some(rule.protocol) {
            list = Some(rule.protocol);
            next = 0;
        }
        rule.index = next;
        next += 1;
    }
}

fn split(rule: &Rule, weights: &[u32], canaries: &[CanaryEntry]) -> Rule {
    let Action::Route(destinations) = &rule.action else { return rule.clone() };
    let is_sole = destinations.len() == 1;
    let mut kept = destinations.clone();
    for (destination, &weight) in kept.iter_mut().zip(weights) {
        // Beside other destinations an absent weight is 0 already.
        if is_sole || weight > 0 || destination.weight.is_some() {
            destination.weight = Some(weight);
        }
    }
    for canary in canaries {
        let Some(stable) = destinations.get(canary.copy_of) else { continue };
        kept.push(Destination {
            weight: Some(canary.weight),
            ..redirected(stable, &canary.target)
        });
    }
    Rule { action: Action::Route(kept), ..rule.clone() }
}

fn twin_of(rule: &Rule, twin: &Twin) -> Rule {
    let mut copy = rule.clone();
    copy.name.clone_from(&twin.name);
    copy.matches = twin.matches.iter().map(|added| match_of(&rule.matches, added)).collect();
    if let Action::Route(destinations) = &mut copy.action {
        for (index, target) in &twin.targets {
            if let Some(destination) = destinations.get_mut(*index) {
                *destination = redirected(destination, target);
            }
        }
    }
    if let Some(headers) =
        twin.headers.as_ref().filter(|headers| **headers != HeaderChange::default())
    {
        copy.request_headers = headers.clone();
    }
    copy
}

fn match_of(entries: &[RuleMatch], added: &TwinMatch) -> RuleMatch {
    let mut entry = added.entry.and_then(|index| entries.get(index)).cloned().unwrap_or_default();
    if let Some(uri) = &added.uri {
        entry.uri = Some(uri.clone());
    }
    lay_over(&mut entry.headers, &added.headers);
    lay_over(&mut entry.query_params, &added.query_params);
    entry
}

/// Adds conditions; one of a name that is there takes its place.
fn lay_over(conditions: &mut Vec<(String, StringMatch)>, added: &[(String, StringMatch)]) {
    for (name, value) in added {
        match conditions.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => *own = value.clone(),
            None => conditions.push((name.clone(), value.clone())),
        }
    }
}

/// Returns a stable destination as that of its canary.
fn redirected(stable: &Destination, target: &Target) -> Destination {
    let mut canary = stable.clone();
    match target {
        Target::Host(host) => {
            canary.host.clone_from(host);
            canary.subset = None;
            if let Some(written) = canary.rest.pointer_mut("/destination/host") {
                *written = host.as_str().into();
            }
        }
        Target::Subset => canary.subset = Some(CANARY_SUBSET.to_owned()),
    }
    canary
}
