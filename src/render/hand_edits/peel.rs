//! The stages that a VirtualService of several rollouts was rendered at, found from the object itself.
//!
//! The rollouts are taken off one by one, from the last to the first: what leads to the canary of one is
//! folded back into stable, and the step is the one that makes of the rest what was there. So time is
//! linear in rollouts and steps, where all combinations of stages would never end.

use serde_json::Value;

use super::Linked;
use crate::model::{Rollout, Rules, Side};
use crate::plan::{Before, plan_route};
use crate::render::edit::edits_between;
use crate::render::routing;

/// How a stage is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    Planned,
    /// As the controller's script does.
    Scripted,
}

/// Returns the indices of the steps that direct traffic.
pub(super) fn directing_steps(rollout: &Rollout<'_>) -> impl Iterator<Item = usize> {
    let steps = rollout.steps.iter().enumerate();
    steps.filter(|(_, step)| step.traffic.directs()).map(|(index, _)| index)
}

/// Returns the spec that a step of a rollout makes of `before`. None where the script fails.
pub(super) fn written(
    linked: &Linked<'_, '_>,
    before: &Value,
    step: usize,
    way: Way,
) -> Option<Value> {
    let backends = &linked.plan.rollout.traffic.as_ref()?.backends;
    let wanted = &linked.plan.rollout.steps.get(step)?.traffic;
    match way {
        Way::Scripted => routing::script(before, wanted, backends),
        Way::Planned => {
            let rules = Rules::of_spec(before);
            let before_it = Before { route: linked.route, rules: &rules };
            let (plan, _) = plan_route(before_it, wanted, backends);
            Some(routing::render_spec(before, &plan))
        }
    }
}

/// A step of a rollout, and how it is written. None for a stage that directs no traffic.
type Shown = Option<(usize, Way)>;

/// Returns the spec that the rollouts make of the original, each at the stage that the object shows.
pub(super) fn replay(links: &[Linked<'_, '_>]) -> Value {
    let Some(first) = links.first() else { return Value::Null };
    let object = first.route.resource.to_value();
    let mut spec = object.get("spec").cloned().unwrap_or_default();
    let mut shown = Vec::with_capacity(links.len());
    for linked in links.iter().rev() {
        let before = fold(&spec, linked);
        shown.push(find_step(linked, &before, &spec));
        spec = before;
    }
    shown.reverse();
    at_steps(links, &shown)
}

/// Returns the spec with each rollout at its step, one after the other.
fn at_steps(links: &[Linked<'_, '_>], shown: &[Shown]) -> Value {
    let original = links.first().map(|first| first.route.original.spec.clone());
    let mut spec = original.unwrap_or_default();
    for (linked, step) in links.iter().zip(shown) {
        if let Some(after) = step.and_then(|(step, way)| written(linked, &spec, step, way)) {
            spec = after;
        }
    }
    spec
}

/// Returns the step that makes `after` of `before`, or that comes nearest. None where nothing changes.
fn find_step(linked: &Linked<'_, '_>, before: &Value, after: &Value) -> Shown {
    if before == after {
        return None;
    }
    let after = with_lowest_weights(after);
    let mut nearest = None;
    let mut least = usize::MAX;
    for step in directing_steps(linked.plan.rollout) {
        for way in [Way::Planned, Way::Scripted] {
            let Some(spec) = written(linked, before, step, way) else { continue };
            let edits = edits_between(&with_lowest_weights(&spec), &after).len();
            if edits < least {
                least = edits;
                nearest = Some((step, way));
            }
        }
    }
    nearest
}

/// Returns the spec without what leads to the canary of a rollout.
///
/// Rules for the canary alone go. Of a rule that is split, stable has back what the canary has; its weights
/// may be a multiple of those that it had.
fn fold(spec: &Value, linked: &Linked<'_, '_>) -> Value {
    let mut spec = spec.clone();
    for list in ["http", "tls", "tcp"] {
        let Some(rules) = spec.get_mut(list).and_then(Value::as_array_mut) else { continue };
        rules.retain_mut(|rule| {
            let Some(entries) = rule.get_mut("route").and_then(Value::as_array_mut) else {
                return true;
            };
            let sides: Vec<_> = entries.iter().map(|entry| side(entry, linked)).collect();
            if !sides.contains(&Side::Canary) {
                return true;
            }
            if sides.contains(&Side::Stable) {
                fold_entries(entries, &sides);
                return true;
            }
            false
        });
    }
    spec
}

fn side(entry: &Value, linked: &Linked<'_, '_>) -> Side {
    let Some(traffic) = &linked.plan.rollout.traffic else { return Side::Foreign };
    let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
    let host = text("/destination/host").unwrap_or_default();
    let namespace = &linked.route.resource.identity.namespace;
    traffic.backends.side(host, namespace, text("/destination/subset"))
}

fn fold_entries(entries: &mut Vec<Value>, sides: &[Side]) {
    let of = |wanted: Side| {
        let theirs = entries.iter().zip(sides).filter(|(_, side)| **side == wanted);
        theirs.fold(0, |sum: u64, (entry, _)| sum.saturating_add(weight(entry)))
    };
    let (stable, canary) = (of(Side::Stable), of(Side::Canary));
    let both = stable.saturating_add(canary);
    let mut is_first = true;
    for (entry, side) in entries.iter_mut().zip(sides) {
        let own = weight(entry);
        let folded = match side {
            Side::Canary => continue,
            // Nothing is left of the proportions that they had.
            Side::Stable if stable == 0 => {
                let all = if is_first { canary } else { 0 };
                is_first = false;
                all
            }
            Side::Stable => own.saturating_mul(both),
            Side::Foreign => own.saturating_mul(stable.max(1)),
        };
        if let Some(fields) = entry.as_object_mut() {
            fields.insert("weight".to_owned(), Value::from(folded));
        }
    }
    let mut sides = sides.iter();
    entries.retain(|_| sides.next() != Some(&Side::Canary));
    lower_weights(entries);
}

fn weight(entry: &Value) -> u64 {
    entry.get("weight").and_then(Value::as_u64).unwrap_or(0)
}

/// Returns the spec with the weights of each rule in lowest terms, so that multiples are the same.
fn with_lowest_weights(spec: &Value) -> Value {
    let mut spec = spec.clone();
    for list in ["http", "tls", "tcp"] {
        let rules = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for entries in rules.filter_map(|rule| rule.get_mut("route")?.as_array_mut()) {
            lower_weights(entries);
        }
    }
    spec
}

/// Divides the weights of a rule as far as they go; that of a sole destination means nothing.
fn lower_weights(entries: &mut [Value]) {
    let divisor = entries.iter().map(weight).fold(0, greatest_common_divisor);
    let is_sole = entries.len() == 1;
    for entry in entries {
        let lowest = if is_sole { 1 } else { weight(entry).checked_div(divisor).unwrap_or(0) };
        if let Some(fields) = entry.as_object_mut() {
            fields.insert("weight".to_owned(), Value::from(lowest));
        }
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
