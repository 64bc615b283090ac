//! Exact shares of the traffic of one rule.
//!
//! Only what goes to stable is split; everybody else keeps their share. Weights are whole numbers, so
//! all are scaled up until the split comes out even, then brought down as far as they go, and to a
//! sum of 100 where that is possible. Istio has taken weights of any sum since 1.15.

use crate::model::Percent;

/// Envoy's limit for the sum of the weights of one rule.
const MAX_SUM: u64 = u32::MAX as u64;

/// What one destination of a rule gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Portion {
    pub(super) weight: u64,
    /// For a stable destination, the canary that its share goes to; equal numbers are one canary.
    pub(super) canary: Option<usize>,
}

/// The weights of a rule after the split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weights {
    /// Of each destination, in order.
    pub(super) kept: Vec<u32>,
    /// Of each canary, by its number.
    pub(super) canaries: Vec<u32>,
}

/// Moves `share` of what the stable destinations have to their canaries.
///
/// Returns nothing where the exact weights are larger than Istio takes.
pub(super) fn split(portions: &[Portion], share: Percent) -> Option<Weights> {
    let moved = u64::from(share.hundredths());
    let count =
        portions.iter().filter_map(|portion| portion.canary).max().map_or(0, |last| last + 1);
    let mut canaries = vec![0u64; count];
    let mut kept = Vec::with_capacity(portions.len());
    for portion in portions {
        match portion.canary.and_then(|number| canaries.get_mut(number)) {
            Some(canary) => {
                *canary += portion.weight * moved;
                kept.push(portion.weight * (100 - moved));
            }
            None => kept.push(portion.weight * 100),
        }
    }
    reduce(&kept, &canaries)
}

fn reduce(kept: &[u64], canaries: &[u64]) -> Option<Weights> {
    let all = || kept.iter().chain(canaries).copied();
    let divisor = all().fold(0, greatest_common_divisor).max(1);
    let sum: u64 = all().map(|weight| weight / divisor).sum();
    let factor = if sum > 0 && 100 % sum == 0 { 100 / sum } else { 1 };
    if sum * factor > MAX_SUM {
        return None;
    }
    let weight = |raw: u64| {
        i32::try_from(raw / divisor * factor).ok().and_then(|weight| u32::try_from(weight).ok())
    };
    Some(Weights {
        kept: kept.iter().map(|&raw| weight(raw)).collect::<Option<_>>()?,
        canaries: canaries.iter().map(|&raw| weight(raw)).collect::<Option<_>>()?,
    })
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Portion, Weights, split};
    use crate::model::Percent;

    fn percent(share: u8) -> Percent {
        format!("{share}%").parse().unwrap()
    }

    fn split_of(portions: &[(u64, Option<usize>)], share: u8) -> (Vec<u32>, Vec<u32>) {
        let portions: Vec<_> =
            portions.iter().map(|&(weight, canary)| Portion { weight, canary }).collect();
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

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Shares compared as fractions: each destination's part of the sum, before and after.
        #[test]
        fn shares_are_exact(
            portions in prop::collection::vec((0u64..5000, prop::option::of(0usize..2)), 1..6),
            share in 1u8..=100,
        ) {
            let portions: Vec<_> =
                portions.into_iter().map(|(weight, canary)| Portion { weight, canary }).collect();
            let before: u128 = portions.iter().map(|portion| u128::from(portion.weight)).sum();
            prop_assume!(before > 0);
            let weights = split(&portions, percent(share)).unwrap();
            let after: u128 =
                weights.kept.iter().chain(&weights.canaries).map(|&weight| u128::from(weight)).sum();
            let moved: u128 = portions
                .iter()
                .filter(|portion| portion.canary.is_some())
                .map(|portion| u128::from(portion.weight) * u128::from(share))
                .sum();
            let canary: u128 = weights.canaries.iter().map(|&weight| u128::from(weight)).sum();
            prop_assert_eq!(moved * after, canary * before * 100);
            for (portion, &kept) in portions.iter().zip(&weights.kept) {
                if portion.canary.is_none() {
                    prop_assert_eq!(u128::from(portion.weight) * after, u128::from(kept) * before);
                }
            }
        }
    }
}
