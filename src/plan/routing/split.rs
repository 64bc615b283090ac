//! A rule at a step with a share.

use super::view::{View, effective_weight};
use super::{CanaryEntry, RuleChange};
use crate::model::{Destination, Percent};
use crate::plan::weights::{Portion, Side, split};

/// Returns how the destinations of a rule are split; nothing where the exact weights are too large.
pub(super) fn plan_split(
    view: View<'_>,
    destinations: &[Destination],
    share: Percent,
) -> Option<RuleChange> {
    let sources = canary_sources(view, destinations);
    let side = |destination: &Destination| {
        let number = sources.iter().position(|&(_, source)| same_canary(source, destination));
        match number.filter(|_| view.is_stable(destination)) {
            Some(canary) => Side::Stable { canary },
            None if view.is_canary(destination) => Side::Canary,
            None => Side::Other,
        }
    };
    let count = destinations.len();
    let portion = |destination: &Destination| Portion {
        weight: effective_weight(destination, count),
        side: side(destination),
    };
    let portions: Vec<Portion> = destinations.iter().map(portion).collect();
    let weights = split(&portions, share)?;
    let canaries = sources.iter().zip(&weights.canaries);
    let canaries = canaries.map(|(&(copy_of, source), &weight)| CanaryEntry {
        copy_of,
        target: view.target(&source.host),
        weight,
    });
    Some(RuleChange::Split { canaries: canaries.collect(), weights: weights.kept })
}

/// Returns the stable destinations whose canaries differ, each with its index.
fn canary_sources<'r>(
    view: View<'_>,
    destinations: &'r [Destination],
) -> Vec<(usize, &'r Destination)> {
    let mut sources: Vec<(usize, &Destination)> = Vec::new();
    for (index, destination) in destinations.iter().enumerate() {
        let known = sources.iter().any(|&(_, source)| same_canary(source, destination));
        if view.is_stable(destination) && !known {
            sources.push((index, destination));
        }
    }
    sources
}

/// Destinations that differ in weight and subset only have one canary.
fn same_canary(one: &Destination, other: &Destination) -> bool {
    one.rest == other.rest
}
