//! How requests spread over destinations, and how they should after a step.

use std::collections::BTreeMap;

use super::sides::{Side, Sides};
use crate::model::Percent;
use crate::simulate::{Destination, Share};

/// The share of each destination that has one.
pub(super) type Spread = BTreeMap<Target, Share>;

/// A destination, whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    side: Side,
    host: String,
    subset: Option<String>,
    port: Option<u16>,
}

/// What a step does to the requests of a rule.
#[derive(Debug, Clone, Copy)]
pub(super) enum Effect {
    Nothing,
    /// The canary gets this part of what it and stable have.
    Split(Percent),
    /// The canary gets all that stable has.
    Redirect,
}

/// Returns how requests spread over the destinations of a rule.
pub(super) fn spread(destinations: &[Destination], sides: Sides<'_>) -> Spread {
    let mut spread = Spread::new();
    for destination in destinations {
        let subset = destination.subset.clone();
        let side = sides.of(&destination.host, subset.as_deref());
        let host = destination.resolved.clone();
        add(&mut spread, Target { side, host, subset, port: destination.port }, destination.share);
    }
    spread
}

/// Returns how the requests of a rule should spread.
pub(super) fn expected(before: Spread, effect: Effect, sides: Sides<'_>) -> Spread {
    let share = match effect {
        Effect::Nothing => return before,
        Effect::Redirect => Share::ALL,
        Effect::Split(share) => part(share.hundredths()),
    };
    let rest = match effect {
        Effect::Nothing | Effect::Redirect => Share::NONE,
        Effect::Split(share) => part(100u8.saturating_sub(share.hundredths())),
    };
    let mut after = Spread::new();
    for (target, had) in before {
        if target.side == Side::Stable {
            add(&mut after, target.canary(sides), had.times(share));
            add(&mut after, target, had.times(rest));
        } else {
            add(&mut after, target, had);
        }
    }
    after
}

/// Returns the spread with stable and canary as one destination each.
///
/// Where a rule has canaries of its own, which of several gets how much is a matter of taste.
pub(super) fn by_side(spread: Spread) -> Spread {
    let mut merged = Spread::new();
    for (target, share) in spread {
        let side = target.side;
        let whole = Target { side, host: String::new(), subset: None, port: None };
        add(&mut merged, if side == Side::Other { target } else { whole }, share);
    }
    merged
}

/// Returns the spread with what stable and canary have divided anew between them.
pub(super) fn pooled(before: Spread, share: Percent) -> Spread {
    let had = by_side(before);
    let whole = |side| Target { side, host: String::new(), subset: None, port: None };
    let has = |side| had.get(&whole(side)).copied().unwrap_or(Share::NONE);
    let pool = has(Side::Stable).plus(has(Side::Canary)).unwrap_or(Share::ALL);
    let mut after: Spread =
        had.into_iter().filter(|(target, _)| target.side == Side::Other).collect();
    let percent = share.hundredths();
    add(&mut after, whole(Side::Canary), pool.times(part(percent)));
    add(&mut after, whole(Side::Stable), pool.times(part(100u8.saturating_sub(percent))));
    after
}

/// Returns what a side gets.
pub(super) fn share_of(spread: &Spread, side: Side) -> Share {
    let theirs = spread.iter().filter(|(target, _)| target.side == side);
    theirs.fold(Share::NONE, |sum, (_, share)| sum.plus(*share).unwrap_or(Share::ALL))
}

fn add(spread: &mut Spread, target: Target, share: Share) {
    if share.is_none() {
        return;
    }
    let sum = spread.get(&target).map_or(Some(share), |had| had.plus(share));
    spread.insert(target, sum.unwrap_or(Share::ALL));
}

fn part(percent: u8) -> Share {
    Share::of(percent.into(), 100).unwrap_or(Share::ALL)
}

impl Target {
    fn canary(&self, sides: Sides<'_>) -> Self {
        let (host, subset) = sides.canary_of(&self.host);
        Self { side: Side::Canary, host, subset: subset.map(ToOwned::to_owned), port: self.port }
    }
}
