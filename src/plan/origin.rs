//! The rule of the input that a rule of a stage comes from.
//!
//! A twin comes from the rule that it is a copy of, however many rollouts have put twins before it. The
//! rules that the controller's script adds are copies of none.

use super::{RuleChange, StagePlan, StageRoute};
use crate::model::{Compat, StepTraffic, VirtualService};
use crate::simulate::Protocol;

/// A VirtualService as one of the rollouts that change it has it.
pub(crate) struct Changing<'p, 'a> {
    pub(crate) at: &'p StagePlan<'p, 'a>,
    pub(crate) route: &'p VirtualService<'a>,
    led: &'p StageRoute<'p>,
}

/// Returns the rollouts that change a VirtualService.
pub(crate) fn changing<'p, 'a>(
    plans: &'p [StagePlan<'p, 'a>],
    namespace: &str,
    name: &str,
) -> impl Iterator<Item = Changing<'p, 'a>> {
    plans.iter().filter_map(move |at| {
        let (route, led) = at.led().find(|(route, _)| {
            let identity = &route.resource.identity;
            identity.namespace == namespace && identity.name == name
        })?;
        Some(Changing { at, route, led })
    })
}

/// Returns the index that a rule of the stage has in the input, and whether it is a copy of that.
///
/// None for a rule that the controller's script adds.
pub(crate) fn find_origin(
    plans: &[StagePlan<'_, '_>],
    namespace: &str,
    name: &str,
    (protocol, index): (Protocol, usize),
) -> Option<(usize, bool)> {
    let mut changing: Vec<_> = changing(plans, namespace, name).collect();
    changing.sort_by_key(|one| {
        let identity = &one.at.plan.rollout.resource.identity;
        (&identity.namespace, &identity.name)
    });
    let (mut index, mut is_twin) = (index, false);
    for one in changing.iter().rev() {
        let (before, added) = before(one, (protocol, index))?;
        (index, is_twin) = (before, is_twin || added);
    }
    Some((index, is_twin))
}

/// Returns where the rule was before this rollout, and whether it was added as a copy of that.
fn before(one: &Changing<'_, '_>, (protocol, index): (Protocol, usize)) -> Option<(usize, bool)> {
    let rollout = one.at.plan.rollout;
    let Some(step) = one.at.standing.canary else { return Some((index, false)) };
    let traffic = &rollout.steps.get(step)?.traffic;
    let StepTraffic::Matches { matches, .. } = traffic else { return Some((index, false)) };
    if rollout.compat == Some(Compat::Kruise) {
        let added = if protocol == Protocol::Http { matches.len() } else { 0 };
        return index.checked_sub(added).map(|index| (index, false));
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
            return Some((change.index, true));
        }
        added += twins.len();
    }
    Some((index.checked_sub(added)?, false))
}
