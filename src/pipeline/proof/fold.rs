//! Folding back: without twins and canaries, every rule is what it was, where it was.
//!
//! Of each rule for stable the shares are compared as well, whether or not a request can be made up
//! that meets its conditions.

use serde_json::Value;

use super::sides::{Side, entries};
use super::spread::{Effect, Spread, by_side, expected, pooled, share_of, spread};
use super::{Rewrite, twin};
use crate::model::{CanaryRequests, Percent};
use crate::simulate::read_destinations;

const LISTS: [&str; 3] = ["http", "tls", "tcp"];

/// A rule before, and what became of it.
pub(super) struct Pair<'r> {
    list: &'static str,
    index: usize,
    before: &'r Value,
    after: &'r Value,
    /// The rules that stand before it and were not there.
    twins: Vec<&'r Value>,
}

impl Pair<'_> {
    fn told(&self, what: &str) -> String {
        format!("`spec.{}[{}]` {what}", self.list, self.index)
    }
}

/// Finds every rule again.
pub(super) fn pair_rules<'r>(rewrite: &Rewrite<'r>) -> Result<Vec<Pair<'r>>, String> {
    if without(rewrite.before, &LISTS) != without(rewrite.after, &LISTS) {
        return Err("a field besides the rules is not what it was".to_owned());
    }
    let mut pairs = Vec::new();
    for list in LISTS {
        let (before, after) = (rules(rewrite.before, list), rules(rewrite.after, list));
        // Neither is a list, or both are: an empty one is not the same as none.
        let kind = |spec: &'r Value| spec.get(list).filter(|rules| !is_filled(rules));
        let found = match rewrite.traffic {
            CanaryRequests::Matches { .. } => align((before, after), list),
            CanaryRequests::None | CanaryRequests::Share(_) => side_by_side((before, after), list),
        };
        match found {
            Some(found) if kind(rewrite.before) == kind(rewrite.after) => pairs.extend(found),
            _ => {
                return Err(format!("the rules of `spec.{list}` are not those that were there"));
            }
        }
    }
    Ok(pairs)
}

fn is_filled(rules: &Value) -> bool {
    rules.as_array().is_some_and(|rules| !rules.is_empty())
}

type Rules<'r> = &'r [Value];

fn side_by_side<'r>(
    (before, after): (Rules<'r>, Rules<'r>),
    list: &'static str,
) -> Option<Vec<Pair<'r>>> {
    let both = before.iter().zip(after).enumerate();
    let pair = |(index, (before, after))| Pair { list, index, before, after, twins: Vec::new() };
    (before.len() == after.len()).then(|| both.map(pair).collect())
}

/// Pairs each rule with the one that it was. What is not the next rule, as it was, is a twin of it.
fn align<'r>((before, after): (Rules<'r>, Rules<'r>), list: &'static str) -> Option<Vec<Pair<'r>>> {
    let mut pairs = Vec::new();
    let mut twins = Vec::new();
    for rule in after {
        let index = pairs.len();
        if before.get(index) == Some(rule) {
            let twins = std::mem::take(&mut twins);
            pairs.push(Pair { list, index, before: rule, after: rule, twins });
        } else {
            twins.push(rule);
        }
    }
    (pairs.len() == before.len() && twins.is_empty()).then_some(pairs)
}

/// Checks one rule and its twins.
pub(super) fn check_rule(rewrite: &Rewrite<'_>, pair: &Pair<'_>) -> Result<(), String> {
    let (bound, had) = match rewrite.sides.are_in(pair.before, Side::Stable) {
        true => is_bound(shares(rewrite, pair.before)),
        false => (false, None),
    };
    match rewrite.traffic {
        CanaryRequests::Share(share) if bound => check_split(rewrite, (pair, had), share),
        CanaryRequests::Matches { headers, .. } if bound && pair.list == "http" => {
            let twin = |twin: &&Value| {
                twin::check(rewrite.sides, (pair.before, twin), headers)
                    .map_err(|what| pair.told(what))
            };
            pair.twins.iter().try_for_each(twin)
        }
        _ if !pair.twins.is_empty() => Err(pair.told("has a twin and is not for stable")),
        _ if pair.before != pair.after => Err(pair.told("is not for stable, and was changed")),
        _ => Ok(()),
    }
}

/// Returns whether any request of a rule reaches stable, or a canary beside it.
///
/// Of a rule that Istio refuses nothing can be said.
fn is_bound(had: Option<Spread>) -> (bool, Option<Spread>) {
    let ours = [Side::Stable, Side::Canary];
    let bound = |had: &Spread| ours.iter().any(|side| !share_of(had, *side).is_none());
    (had.as_ref().is_none_or(bound), had)
}

fn shares(rewrite: &Rewrite<'_>, rule: &Value) -> Option<Spread> {
    let route = rule.get("route").unwrap_or(&Value::Null);
    let destinations = read_destinations(route, rewrite.sides.namespace).ok()?;
    Some(spread(&destinations, rewrite.sides))
}

fn check_split(
    rewrite: &Rewrite<'_>,
    (pair, had): (&Pair<'_>, Option<Spread>),
    share: Percent,
) -> Result<(), String> {
    if without(pair.before, &["route"]) != without(pair.after, &["route"]) {
        return Err(pair.told("differs in more than its destinations"));
    }
    let (before, after) = (entries(pair.before), entries(pair.after));
    let (kept, added) = after.split_at(before.len().min(after.len()));
    let stable = before.iter().filter(|entry| rewrite.sides.of_entry(entry) == Side::Stable);
    let canaries: Vec<_> = stable.map(|entry| rewrite.sides.redirected(entry)).collect();
    let is_canary = |entry: &Value| canaries.iter().any(|canary| bare(canary) == bare(entry));
    if !before.iter().map(bare).eq(kept.iter().map(bare)) || !added.iter().all(is_canary) {
        return Err(pair.told("has destinations that it should not have"));
    }
    let Some(had) = had else { return Ok(()) };
    let Some(has) = shares(rewrite, pair.after) else {
        return Err(pair.told("has weights that Istio refuses"));
    };
    let has_canary = rewrite.sides.are_in(pair.before, Side::Canary);
    let right = if has_canary {
        pooled(had, share) == by_side(has)
    } else {
        expected(had, Effect::Split(share), rewrite.sides) == has
    };
    right.then_some(()).ok_or_else(|| {
        pair.told(&format!("gives the canary another share than {} %", share.hundredths()))
    })
}

pub(super) fn rules<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns an entry of a `route` without its weight.
fn bare(entry: &Value) -> Vec<(&String, &Value)> {
    without(entry, &["weight"])
}

/// Returns the fields of a map besides some, in one order.
pub(super) fn without<'v>(value: &'v Value, keys: &[&str]) -> Vec<(&'v String, &'v Value)> {
    let fields = value.as_object().into_iter().flatten();
    let mut rest: Vec<_> = fields.filter(|(key, _)| !keys.contains(&key.as_str())).collect();
    rest.sort_by_key(|(key, _)| *key);
    rest
}
