//! The rule of the input that a rule of a stage comes from.
//!
//! A twin comes from the rule that it is a copy of, however many rollouts have put twins before it. The
//! rules that the controller's script adds are copies of none.

use std::collections::BTreeMap;

use super::{RuleChange, StagePlan, StageRoute};
use crate::manifest::ObjectId;
use crate::model::{CanaryRequests, Compat, VirtualService};
use crate::simulate::Protocol;

/// A VirtualService as one of the rollouts that change it has it.
pub(crate) struct Changing<'p, 'a> {
    pub(crate) at: &'p StagePlan<'p, 'a>,
    pub(crate) route: &'p VirtualService<'a>,
    led: &'p StageRoute<'p>,
}

/// The rollouts at a stage by the VirtualServices that they change, those of one by namespace and name.
pub(crate) struct Leading<'p, 'a>(BTreeMap<ObjectId, Vec<Changing<'p, 'a>>>);

impl<'p, 'a> Leading<'p, 'a> {
    pub(crate) fn of(plans: &'p [StagePlan<'p, 'a>]) -> Self {
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for at in plans {
            for (route, led) in at.led() {
                let changing = Changing { at, route, led };
                found.entry(route.resource.id).or_default().push(changing);
            }
        }
        for changing in found.values_mut() {
            changing.sort_by_key(|one: &Changing<'_, '_>| one.at.plan.rollout.order());
        }
        Self(found)
    }

    /// Returns the rollouts that change a VirtualService.
    pub(crate) fn changing(&self, route: ObjectId) -> &[Changing<'p, 'a>] {
        self.0.get(&route).map_or(&[], Vec::as_slice)
    }
}

/// The rule of the input that a rule of a stage comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RuleOrigin {
    /// The index of the rule in the input.
    pub(crate) index: usize,
    /// Whether a render has put a copy before that rule.
    pub(crate) added: bool,
}

/// Returns the rule of the input that a rule of the stage is, or is a copy of.
///
/// None for a rule that the controller's script adds.
pub(crate) fn find_origin(
    changing: &[Changing<'_, '_>],
    protocol: Protocol,
    index: usize,
) -> Option<RuleOrigin> {
    let mut origin = RuleOrigin { index, added: false };
    for one in changing.iter().rev() {
        let before = before(one, protocol, origin.index)?;
        origin = RuleOrigin { index: before.index, added: origin.added || before.added };
    }
    Some(origin)
}

/// Returns where the rule was before this rollout, and whether it was added as a copy of that.
fn before(one: &Changing<'_, '_>, protocol: Protocol, index: usize) -> Option<RuleOrigin> {
    let kept = |index| RuleOrigin { index, added: false };
    let rollout = one.at.plan.rollout;
    let Some(step) = one.at.standing.canary else { return Some(kept(index)) };
    let traffic = &rollout.steps.get(step)?.traffic;
    let CanaryRequests::Matches { matches, .. } = CanaryRequests::of(traffic) else {
        return Some(kept(index));
    };
    if rollout.compat == Some(Compat::Kruise) {
        let added = if protocol == Protocol::Http { matches.len() } else { 0 };
        return index.checked_sub(added).map(kept);
    }
    let changes = &one.led.change.as_ref()?.changes;
    let mut added = 0;
    for change in changes.iter().filter(|change| change.protocol.field() == protocol.key()) {
        let RuleChange::Twins(twins) = &change.change else { continue };
        let first = change.index + added;
        if index < first {
            break;
        }
        if index < first + twins.len() {
            return Some(RuleOrigin { index: change.index, added: true });
        }
        added += twins.len();
    }
    index.checked_sub(added).map(kept)
}
