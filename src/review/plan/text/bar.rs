//! A share drawn as a bar: who answers the requests, and in which version.

use super::lines::{Paint, painted};
use super::{BAR, Look};
use crate::review::plan::{RolloutPlan, RuleView, StageView, Version};
use crate::simulate::Share;

/// Who answers a part of the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Canary,
    StableNew,
    StableOld,
    Others,
}

impl Part {
    const ALL: [Self; 4] = [Self::Canary, Self::StableNew, Self::StableOld, Self::Others];

    fn of_stable(version: Version) -> Self {
        match version {
            Version::Old => Self::StableOld,
            Version::New => Self::StableNew,
        }
    }

    fn sign(self, look: Look) -> char {
        match (self, look.blocks) {
            (Self::Canary, true) => '█',
            (Self::StableNew, true) => '▓',
            (Self::StableOld, true) => '░',
            (Self::Others, true) => '·',
            (Self::Canary, false) => '#',
            (Self::StableNew, false) => '=',
            (Self::StableOld, false) => '.',
            (Self::Others, false) => '-',
        }
    }

    fn paint(self) -> Paint {
        match self {
            Self::Canary => Paint::Canary,
            Self::StableNew => Paint::New,
            Self::StableOld | Self::Others => Paint::Faint,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::StableNew => "stable, new version",
            Self::StableOld => "stable, old version",
            Self::Others => "other destinations",
        }
    }
}

/// Returns a line of the legend with its signs as the bars have them.
pub(super) fn paint_signs(line: &str, look: Look) -> String {
    let mut line = line.to_owned();
    for part in Part::ALL {
        let sign = part.sign(look).to_string();
        let painted = painted(&sign, part.paint(), look);
        let words = part.words();
        line = line.replacen(&format!("{sign} {words}"), &format!("{painted} {words}"), 1);
    }
    line
}

/// Returns the bar of a rule.
pub(super) fn bar(rule: &RuleView, version: Version, look: Look) -> String {
    if !rule.reached {
        return " ".repeat(BAR);
    }
    let stable = Part::of_stable(version);
    let parts = [(Part::Canary, rule.canary), (stable, rule.stable), (Part::Others, rule.others)];
    let cells = cells(parts.map(|(_, share)| share));
    let drawn = parts.iter().zip(cells).map(|((part, _), count)| {
        let signs: String = std::iter::repeat_n(part.sign(look), count).collect();
        painted(&signs, part.paint(), look)
    });
    drawn.collect()
}

/// Returns how many characters each share gets; whoever has a share has one at least.
fn cells(shares: [Share; 3]) -> [usize; 3] {
    let exact = |share: Share| {
        let scaled = u128::from(share.numerator()) * BAR as u128;
        let denominator = u128::from(share.denominator());
        let rounded = (scaled + denominator / 2) / denominator;
        let least = u128::from(!share.is_none());
        usize::try_from(rounded.max(least)).unwrap_or(BAR)
    };
    let mut cells = shares.map(exact);
    // Rounding may give one too many or too few; the widest part bears it.
    while cells.iter().sum::<usize>() != BAR {
        let sum: usize = cells.iter().sum();
        let Some(widest) = cells.iter_mut().max() else { break };
        *widest = if sum > BAR { *widest - 1 } else { *widest + 1 };
    }
    cells
}

/// Says what the signs mean that the plans use, if they use any.
pub(super) fn legend(rollouts: &[RolloutPlan], look: Look) -> Option<String> {
    let stages = rollouts.iter().flat_map(|rollout| &rollout.stages);
    let views = stages.filter_map(|stage| stage.view.as_ref().ok());
    let used: Vec<Part> = views.flat_map(parts_of).collect();
    let said = Part::ALL.into_iter().filter(|part| used.contains(part));
    let said: Vec<_> = said.map(|part| format!("{} {}", part.sign(look), part.words())).collect();
    (!said.is_empty()).then(|| format!("{}; percents are those of the canary", said.join(", ")))
}

fn parts_of(view: &StageView) -> impl Iterator<Item = Part> {
    let stable = Part::of_stable(view.stable_version);
    let shares = view.rules.iter().flat_map(move |rule| {
        [(Part::Canary, rule.canary), (stable, rule.stable), (Part::Others, rule.others)]
    });
    shares.filter(|(_, share)| !share.is_none()).map(|(part, _)| part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BAR, cells};
    use crate::simulate::Share;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_bar_is_full_and_shows_whoever_has_a_share(canary in 0u64..1000, stable in 0u64..1000, others in 0u64..1000) {
            let sum = canary + stable + others;
            prop_assume!(sum > 0);
            let shares = [canary, stable, others].map(|one| Share::of(one, sum).unwrap());
            let cells = cells(shares);
            prop_assert_eq!(cells.iter().sum::<usize>(), BAR);
            for (cells, share) in cells.iter().zip(shares) {
                prop_assert_eq!(*cells == 0, share.is_none());
            }
        }
    }
}
