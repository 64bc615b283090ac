//! Exact shares of the traffic of one rule.
//!
//! Only what goes to stable, or to its canary already, is split; everybody else keeps their share. Weights are whole numbers, so
//! all are scaled up until the split comes out even, then brought down as far as they go, and to a
//! sum of 100 where that is possible. Istio has taken weights of any sum since 1.15.

use crate::model::Percent;

/// Envoy's limit for the sum of the weights of one rule.
const MAX_SUM: u128 = u32::MAX as u128;

/// What one destination of a rule gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Portion {
    pub(super) weight: u64,
    pub(super) side: Side,
}

/// Whose a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Stable's; its share goes to the canary of that number, equal numbers being one canary.
    Stable { canary: usize },
    /// The canary's already.
    Canary,
    /// Somebody else's.
    Other,
}

/// The weights of a rule after the split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weights {
    /// Of each destination, in order.
    pub(super) kept: Vec<u32>,
    /// Of each canary that is added, by its number.
    pub(super) canaries: Vec<u32>,
}

/// Gives the canary `share` of what it and stable have.
///
/// Where the rule has canaries of its own they get all of it, in the proportions that they have, and
/// none is added. Returns nothing where the exact weights are larger than Istio takes.
pub(super) fn split(portions: &[Portion], share: Percent) -> Option<Weights> {
    let share = u128::from(share.hundredths());
    if portions.iter().any(|portion| portion.side == Side::Canary) {
        return reduce(&redistribute(portions, share), &[]);
    }
    let numbers = portions.iter().filter_map(|portion| match portion.side {
        Side::Stable { canary } => Some(canary),
        Side::Canary | Side::Other => None,
    });
    let mut canaries = vec![0u128; numbers.max().map_or(0, |last| last + 1)];
    let mut kept = Vec::with_capacity(portions.len());
    for portion in portions {
        let weight = u128::from(portion.weight);
        let canary = match portion.side {
            Side::Stable { canary } => canaries.get_mut(canary),
            Side::Canary | Side::Other => None,
        };
        let moved = if canary.is_some() { share } else { 0 };
        canary.into_iter().for_each(|canary| *canary += weight * moved);
        kept.push(weight * (100 - moved));
    }
    reduce(&kept, &canaries)
}

/// Divides what stable and its canaries have together among those that are there.
///
/// Within a side the proportions stay; a side that has nothing is given to its first destination.
fn redistribute(portions: &[Portion], share: u128) -> Vec<u128> {
    let is_stable = |portion: &Portion| matches!(portion.side, Side::Stable { .. });
    let is_canary = |portion: &Portion| portion.side == Side::Canary;
    let stable = proportions(portions, is_stable);
    let canary = proportions(portions, is_canary);
    let sum = |side: &[u128]| side.iter().sum::<u128>();
    let has = |holds: &dyn Fn(&Portion) -> bool| -> u128 {
        let theirs = portions.iter().filter(|portion| holds(portion));
        theirs.map(|portion| u128::from(portion.weight)).sum()
    };
    let pool = has(&is_stable) + has(&is_canary);
    let each = portions.iter().zip(stable.iter().zip(&canary));
    each.map(|(portion, (stable_part, canary_part))| match portion.side {
        Side::Stable { .. } => stable_part * pool * (100 - share) * sum(&canary),
        Side::Canary => canary_part * pool * share * sum(&stable),
        Side::Other => u128::from(portion.weight) * 100 * sum(&stable) * sum(&canary),
    })
    .collect()
}

/// Returns each portion's part of its side, in lowest terms; nothing for portions of other sides.
fn proportions(portions: &[Portion], holds: impl Fn(&Portion) -> bool) -> Vec<u128> {
    let theirs = |portion: &Portion| if holds(portion) { u128::from(portion.weight) } else { 0 };
    let mut parts: Vec<_> = portions.iter().map(theirs).collect();
    let divisor = parts.iter().copied().fold(0, greatest_common_divisor);
    if divisor == 0 {
        let first = portions.iter().position(holds).and_then(|first| parts.get_mut(first));
        first.into_iter().for_each(|part| *part = 1);
    } else {
        parts.iter_mut().for_each(|part| *part /= divisor);
    }
    parts
}

fn reduce(kept: &[u128], canaries: &[u128]) -> Option<Weights> {
    let all = || kept.iter().chain(canaries).copied();
    let divisor = all().fold(0, greatest_common_divisor).max(1);
    let sum: u128 = all().map(|weight| weight / divisor).sum();
    let factor = if sum > 0 && 100 % sum == 0 { 100 / sum } else { 1 };
    if sum * factor > MAX_SUM {
        return None;
    }
    let weight = |raw: u128| {
        i32::try_from(raw / divisor * factor).ok().and_then(|weight| u32::try_from(weight).ok())
    };
    Some(Weights {
        kept: kept.iter().map(|&raw| weight(raw)).collect::<Option<_>>()?,
        canaries: canaries.iter().map(|&raw| weight(raw)).collect::<Option<_>>()?,
    })
}

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Portion, Side, Weights, split};
    use crate::model::Percent;

    fn percent(share: u8) -> Percent {
        format!("{share}%").parse().unwrap()
    }

    fn of((weight, canary): (u64, Option<usize>)) -> Portion {
        Portion { weight, side: canary.map_or(Side::Other, |canary| Side::Stable { canary }) }
    }

    fn split_of(portions: &[(u64, Option<usize>)], share: u8) -> (Vec<u32>, Vec<u32>) {
        let portions: Vec<_> = portions.iter().map(|&portion| of(portion)).collect();
        let Weights { kept, canaries } = split(&portions, percent(share)).unwrap();
        (kept, canaries)
    }

    #[test]
    fn only_the_share_of_stable_is_split() {
        assert_eq!(split_of(&[(1, Some(0))], 20), (vec![80], vec![20]));
        assert_eq!(split_of(&[(33, Some(0)), (67, None)], 10), (vec![297, 670], vec![33]));
        assert_eq!(split_of(&[(50, Some(0)), (50, Some(0))], 20), (vec![40, 40], vec![20]));
        assert_eq!(split_of(&[(900, Some(0)), (100, None)], 20), (vec![72, 10], vec![18]));
        assert_eq!(split_of(&[(1, Some(0))], 100), (vec![0], vec![100]));
    }

    #[test]
    fn a_canary_that_is_there_is_pooled() {
        let portion = |weight, side| Portion { weight, side };
        let stable = Side::Stable { canary: 0 };
        let pooled = |portions: &[Portion], share| split(portions, percent(share)).unwrap();
        let before = [portion(90, stable), portion(10, Side::Canary)];
        assert_eq!(pooled(&before, 20), Weights { kept: vec![80, 20], canaries: vec![] });
        let before = [portion(0, stable), portion(50, Side::Canary), portion(50, Side::Other)];
        assert_eq!(pooled(&before, 20).kept, [40, 10, 50]);
        let before = [portion(30, stable), portion(60, stable), portion(0, Side::Canary)];
        assert_eq!(pooled(&before, 10).kept, [30, 60, 10]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Shares compared as fractions: each destination's part of the sum, before and after.
        #[test]
        fn shares_are_exact(
            portions in prop::collection::vec((0u64..5000, prop::option::of(0usize..2)), 1..6),
            share in 1u8..=100,
        ) {
            let portions: Vec<_> = portions.into_iter().map(of).collect();
            let before: u128 = portions.iter().map(|portion| u128::from(portion.weight)).sum();
            prop_assume!(before > 0);
            let weights = split(&portions, percent(share)).unwrap();
            let after: u128 =
                weights.kept.iter().chain(&weights.canaries).map(|&weight| u128::from(weight)).sum();
            let moved: u128 = portions
                .iter()
                .filter(|portion| portion.side != Side::Other)
                .map(|portion| u128::from(portion.weight) * u128::from(share))
                .sum();
            let canary: u128 = weights.canaries.iter().map(|&weight| u128::from(weight)).sum();
            prop_assert_eq!(moved * after, canary * before * 100);
            for (portion, &kept) in portions.iter().zip(&weights.kept) {
                if portion.side == Side::Other {
                    prop_assert_eq!(u128::from(portion.weight) * after, u128::from(kept) * before);
                }
            }
        }
    }
}
