//! Rules and matches that no request reaches.
//!
//! Rules are tried in order and the first that fits takes the request, so a match that is as wide as a
//! later one leaves it nothing. `istioctl analyze` reports some of them (IST0130, IST0131:
//! istio/istio:pkg/config/validation/validation.go `analyzeUnreachableHTTPRules`); here `match: [{}]`
//! and paths that hold for all count as well. What cannot be decided is not reported.

mod cover;

use std::collections::BTreeSet;

use serde_json::Value;

use super::route::{PROTOCOLS, Route};
use super::spot::Spot;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::{UNREACHABLE_MATCH, UNREACHABLE_RULE};
use cover::covers;

/// With how many matches before it a match is compared: the first ones, where the widest usually stand.
const MAX_BEFORE: usize = 200;

/// A match of a rule; a rule without any has one that is empty.
struct Entry<'r> {
    protocol: &'static str,
    rule: usize,
    spot: Spot<'r>,
    conditions: &'r Value,
    /// Whether a request that meets it goes no further.
    is_final: bool,
}

/// A rule all of whose requests the rules before it take.
pub(super) struct Unreachable {
    pub(super) protocol: &'static str,
    /// The index of the rule in the list of its protocol.
    pub(super) rule: usize,
    /// The rule that takes them, as messages name it.
    pub(super) taken_by: String,
}

/// Returns the rules of a VirtualService that no request reaches, where that is certain.
pub(super) fn find_unreachable(route: &Route<'_>) -> Vec<Unreachable> {
    let mut found = Vec::new();
    for protocol in PROTOCOLS {
        let entries = entries_of_list(&route.spec(), protocol);
        for (rule, by) in taken_rules(&entries) {
            found.push(Unreachable { protocol, rule, taken_by: who(route, by) });
        }
    }
    found
}

/// Returns the rules of a `spec` that no request reaches, by list and index.
pub(crate) fn unreachable_rules(spec: &Value) -> BTreeSet<(&'static str, usize)> {
    let mut found = BTreeSet::new();
    for protocol in PROTOCOLS {
        let entries = entries_of_list(&Spot::of_spec(spec), protocol);
        found.extend(taken_rules(&entries).into_iter().map(|(rule, _)| (protocol, rule)));
    }
    found
}

/// Returns each rule whose matches rules before it take, with the first of these.
fn taken_rules<'e, 'r>(entries: &'e [Entry<'r>]) -> Vec<(usize, &'e Entry<'r>)> {
    let count = entries.last().map_or(0, |entry| entry.rule + 1);
    let mut found = Vec::new();
    for rule in 0..count {
        let by = taken_by_others(rule, &covered(rule, entries));
        found.extend(by.map(|by| (rule, by)));
    }
    found
}

/// Returns the matches of all rules of a list.
fn entries_of_list<'r>(spec: &Spot<'r>, protocol: &'static str) -> Vec<Entry<'r>> {
    let rules = spec.list(protocol);
    let rules = rules.iter().enumerate();
    rules.flat_map(|(index, rule)| entries_of((protocol, index), rule)).collect()
}

/// Reports rules and matches that no request reaches.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    PROTOCOLS.into_iter().flat_map(|protocol| check_list(route, protocol)).collect()
}

fn check_list<'a>(route: &Route<'a>, protocol: &'static str) -> Vec<Problem<'a>> {
    let rules = route.rules(protocol);
    let entries = entries_of_list(&route.spec(), protocol);
    let rules = rules.iter().enumerate();
    let (added, own): (Vec<_>, Vec<_>) = rules.partition(|(_, rule)| is_added(route, rule));
    let mut problems = Vec::new();
    let mut unreachable = BTreeSet::new();
    for (index, rule) in own {
        let mut covered = covered(index, &entries);
        let others = taken_by_others(index, &covered);
        // A step may ask for all of a rule's requests.
        let count = covered.len();
        covered.retain(|(_, by)| !by.is_some_and(|by| is_twin_of(route, by, rule)));
        match others.filter(|_| covered.len() == count) {
            Some(by) => {
                unreachable.extend(origin_of(route, rule));
                problems.push(unreachable_rule(route, (rule, "the rule"), by));
            }
            None => problems.extend(unreachable_matches(route, covered)),
        }
    }
    // A rule that no request reaches needs no copy; and the matches of a copy are those of its rule.
    for (index, rule) in added {
        let of_unreachable = origin_of(route, rule).is_some_and(|rule| unreachable.contains(&rule));
        let covered = covered(index, &entries);
        let by = taken_by_others(index, &covered).filter(|_| !of_unreachable);
        // The copy of another rollout, made of this one.
        let by = by.filter(|by| !is_twin_of(route, by, rule));
        let what = "the canary's copy of this rule";
        problems.extend(by.map(|by| unreachable_rule(route, (rule, what), by)));
    }
    problems
}

/// Returns whether a match is that of the canary's copy of the rule.
fn is_twin_of(route: &Route<'_>, entry: &Entry<'_>, rule: &Spot<'_>) -> bool {
    route.copies_rules
        && is_added(route, &entry.spot)
        && origin_of(route, &entry.spot) == origin_of(route, rule)
}

fn is_added(route: &Route<'_>, rule: &Spot<'_>) -> bool {
    route.origin(&rule.path).is_some_and(|origin| origin.added)
}

fn origin_of(route: &Route<'_>, rule: &Spot<'_>) -> Option<usize> {
    route.origin(&rule.path).map(|origin| origin.index)
}

fn entries_of<'r>((protocol, rule): (&'static str, usize), spot: &Spot<'r>) -> Vec<Entry<'r>> {
    let is_final = !spot.has("delegate");
    let matches = spot.list("match");
    if matches.is_empty() {
        let conditions = &Value::Null;
        return vec![Entry { protocol, rule, spot: spot.clone(), conditions, is_final }];
    }
    let entry = |spot: Spot<'r>| Entry { protocol, rule, conditions: spot.value, spot, is_final };
    matches.into_iter().map(entry).collect()
}

/// A match, and the one before that takes all of its requests.
type Covered<'e, 'r> = (&'e Entry<'r>, Option<&'e Entry<'r>>);

fn covered<'e, 'r>(rule: usize, entries: &'e [Entry<'r>]) -> Vec<Covered<'e, 'r>> {
    // Entries stand in the order of their rules.
    let first = entries.partition_point(|entry| entry.rule < rule);
    let own = entries.iter().enumerate().skip(first).take_while(|(_, entry)| entry.rule == rule);
    let cover = |(position, entry): (usize, &'e Entry<'r>)| {
        let before = entries.get(..position.min(MAX_BEFORE)).unwrap_or_default();
        let taken = |other: &&Entry<'_>| other.is_final && other.takes_all_of(entry);
        (entry, before.iter().find(taken))
    };
    own.map(cover).collect()
}

impl Entry<'_> {
    /// Returns whether what meets the other match meets this one.
    ///
    /// Of connections only what is the same is certain: their rules are not tried in order.
    fn takes_all_of(&self, other: &Self) -> bool {
        match self.protocol {
            "http" => covers(self.conditions, other.conditions),
            _ => self.conditions.is_null() || self.conditions == other.conditions,
        }
    }

    fn noun(&self) -> &'static str {
        if self.protocol == "http" { "request" } else { "connection" }
    }
}

/// Returns what takes the requests of a rule, where rules before it take all of them.
fn taken_by_others<'e, 'r>(rule: usize, covered: &[Covered<'e, 'r>]) -> Option<&'e Entry<'r>> {
    let by_others = |(_, by): &Covered<'e, 'r>| by.is_some_and(|by| by.rule != rule);
    covered.first().filter(|_| covered.iter().all(by_others)).and_then(|(_, by)| *by)
}

fn unreachable_rule<'a>(
    route: &Route<'a>,
    (rule, what): (&Spot<'_>, &str),
    by: &Entry<'_>,
) -> Problem<'a> {
    let (noun, who) = (by.noun(), who(route, by));
    let message = format!("no {noun} reaches {what}: {who} takes all that it is for");
    let problem = route.problem(rule, &UNREACHABLE_RULE, message);
    problem.help(if is_added(route, &by.spot) {
        "know it, or let the step describe fewer requests"
    } else {
        "put the rule before the wider one, or remove it"
    })
}

/// Returns who takes the requests, as the file of the user has it.
fn who(route: &Route<'_>, by: &Entry<'_>) -> String {
    if !is_added(route, &by.spot) {
        return format!("`{}`", route.source_path(&by.spot.path));
    }
    match origin_of(route, &by.spot).filter(|_| route.copies_rules) {
        Some(index) => format!("the canary's copy of `spec.{}[{index}]`", by.protocol),
        None => "a rule of the step".to_owned(),
    }
}

fn unreachable_matches<'a>(route: &Route<'a>, covered: Vec<Covered<'_, '_>>) -> Vec<Problem<'a>> {
    let pairs = covered.into_iter().filter_map(|(entry, by)| Some((entry, by?)));
    pairs.map(|(entry, by)| unreachable_match(route, entry, by)).collect()
}

fn unreachable_match<'a>(route: &Route<'a>, entry: &Entry<'_>, by: &Entry<'_>) -> Problem<'a> {
    let (noun, who) = (by.noun(), who(route, by));
    let message = format!("no {noun} reaches the match: {who} takes all that it is for");
    let problem = route.problem(&entry.spot, &UNREACHABLE_MATCH, message);
    problem.help("remove the match, or correct it")
}
