//! Rules that leave routing to another VirtualService.
//!
//! Istio unites the conditions of such a rule with those of each rule that it leaves routing to, and
//! drops, with a line in its log, what it cannot unite: a twin in the other VirtualService would be lost
//! without a word.

use super::{Before, RoutePlan, RuleChange};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::MATCH_CONFLICT;
use crate::model::{
    Action, CanaryRequests, NamedMatch, PathMatch, RequestMatch, Rule, RuleMatch, StepTraffic,
    StringMatch, VirtualService,
};

/// Reports rules that leave routing to another VirtualService and whose conditions Istio would not unite
/// with the step's.
pub(super) fn check<'a>(
    routes: &[Before<'_, 'a>],
    plans: &[RoutePlan],
    wanted: &StepTraffic,
) -> Vec<Problem<'a>> {
    let CanaryRequests::Matches { matches, .. } = CanaryRequests::of(wanted) else {
        return Vec::new();
    };
    let changed = routes.iter().zip(plans).filter(|(_, plan)| !plan.changes.is_empty());
    let pairs = changed.flat_map(|changed| routes.iter().map(move |root| (root, changed)));
    let mut found = Vec::new();
    for (root, (delegate, plan)) in pairs {
        let alone = has_twin_alone(plan);
        let is_lost = |entry: &RuleMatch| {
            (alone && must_be_repeated(entry))
                || matches.iter().any(|wanted| !unites(entry, wanted))
        };
        let lost = leaving(*root, delegate.route).filter(|rule| rule.matches.iter().any(is_lost));
        found.extend(lost.map(|rule| told(root.route, rule, delegate.route)));
    }
    found
}

/// Returns the rules of `root` that leave routing to `delegate`.
pub(super) fn leaving<'r>(
    root: Before<'r, '_>,
    delegate: &VirtualService<'_>,
) -> impl Iterator<Item = &'r Rule> {
    let identity = &delegate.resource.identity;
    root.rules.iter().filter(move |rule| match &rule.action {
        Action::Delegate(name) => {
            name.resolve(&root.route.resource.identity)
                == (identity.namespace.as_str(), identity.name.as_str())
        }
        Action::Route(_) | Action::Other => false,
    })
}

/// Returns whether a rule without a match has a twin, which has one with nothing but the step's
/// conditions.
fn has_twin_alone(plan: &RoutePlan) -> bool {
    plan.changes.iter().any(|planned| match &planned.change {
        RuleChange::Twins(twins) => {
            twins.iter().flat_map(|twin| &twin.matches).any(|twin_match| twin_match.entry.is_none())
        }
        RuleChange::Split { .. } => false,
    })
}

/// Returns whether Istio asks of every match of the delegate that it says the same (`hasConflict` in
/// the file that `unites` names); a rule without a match is free of that.
fn must_be_repeated(entry: &RuleMatch) -> bool {
    entry.ignores_uri_case || entry.source_namespace.is_some()
}

/// Returns whether Istio unites the two: no regular expression on a property of both, and the
/// delegate's condition within the root's (istio/istio:pilot/pkg/model/virtualservice.go
/// `mergeHTTPMatchRequest`).
fn unites(entry: &RuleMatch, wanted: &RequestMatch) -> bool {
    let uri = wanted.path.as_ref().map(|path| match path {
        PathMatch::Exact(text) => StringMatch::Exact(text.clone()),
        PathMatch::Prefix(text) => StringMatch::Prefix(text.clone()),
        PathMatch::Regex(text) => StringMatch::Regex(text.clone()),
    });
    let uris = entry.uri.as_ref().zip(uri.as_ref());
    uris.is_none_or(|(own, wanted)| is_within(own, wanted))
        && all_within(&entry.headers, &wanted.headers)
        && all_within(&entry.query_params, &wanted.query_params)
}

fn all_within(own: &[(String, StringMatch)], wanted: &[NamedMatch]) -> bool {
    wanted.iter().all(|named| {
        let mut same = own.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&named.name));
        same.all(|(_, own)| is_within(own, &StringMatch::from(&named.value)))
    })
}

fn is_within(own: &StringMatch, wanted: &StringMatch) -> bool {
    use StringMatch::{Exact, Prefix};
    match (own, wanted) {
        (Exact(own), Exact(wanted)) => own == wanted,
        (Prefix(own), Exact(wanted) | Prefix(wanted)) => wanted.starts_with(own),
        _ => false,
    }
}

fn told<'a>(root: &VirtualService<'a>, rule: &Rule, delegate: &VirtualService<'_>) -> Problem<'a> {
    let message = format!(
        "the rule leaves routing to {}, and Istio would drop the step's conditions there beside those of this rule",
        delegate.resource.called()
    );
    let problem = root.problem(&rule.path(), &MATCH_CONFLICT, message);
    problem.help("use another condition in the step, or move that of the rule to the delegate")
}
