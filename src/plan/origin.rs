//! The rule of the input that a rule of a stage comes from.
//!
//! A twin comes from the rule that it is a copy of, however many rollouts have put twins before it. The
//! rules that the controller's script adds are copies of none.

use super::{Plan, RuleChange, Stage};
use crate::model::{CanaryRequests, Compat, VirtualService};
use crate::simulate::Protocol;

/// A VirtualService as one of the rollouts that change it has it.
pub(crate) struct Changing<'p, 'm, 'a> {
    pub(crate) plan: &'p Plan<'m, 'a>,
    pub(crate) stage: Stage,
    /// The index of the VirtualService among those of the rollout.
    pub(crate) number: usize,
    pub(crate) route: &'m VirtualService<'a>,
}

/// Returns the rollouts that change a VirtualService.
pub(crate) fn changing<'p, 'm, 'a>(
    plans: &'p [(Plan<'m, 'a>, Stage)],
    namespace: &str,
    name: &str,
) -> impl Iterator<Item = Changing<'p, 'm, 'a>> {
    plans.iter().filter_map(move |(plan, stage)| {
        let mut routes = plan.rollout.routes().enumerate();
        let (number, route) = routes.find(|(_, route)| {
            let identity = &route.resource.identity;
            identity.namespace == namespace && identity.name == name
        })?;
        Some(Changing { plan, stage: *stage, number, route })
    })
}

/// Returns the index that a rule of the stage has in the input, and whether it is a copy of that.
///
/// None for a rule that the controller's script adds.
pub(crate) fn find_origin(
    plans: &[(Plan<'_, '_>, Stage)],
    namespace: &str,
    name: &str,
    (protocol, index): (Protocol, usize),
) -> Option<(usize, bool)> {
    let mut changing: Vec<_> = changing(plans, namespace, name).collect();
    changing.sort_by_key(|one| {
        let identity = &one.plan.rollout.resource.identity;
        (&identity.namespace, &identity.name)
    });
    let (mut index, mut is_twin) = (index, false);
    for one in changing.iter().rev() {
        let (before, added) = before((one.plan, one.stage), one.number, (protocol, index))?;
        (index, is_twin) = (before, is_twin || added);
    }
    Some((index, is_twin))
}

/// Returns where the rule was before this rollout, and whether it was added as a copy of that.
fn before(
    (plan, stage): (&Plan<'_, '_>, Stage),
    number: usize,
    (protocol, index): (Protocol, usize),
) -> Option<(usize, bool)> {
    let Some(step) = stage.step_index(plan.steps.len()) else { return Some((index, false)) };
    let traffic = &plan.rollout.steps.get(step)?.traffic;
    let CanaryRequests::Matches { matches, .. } = CanaryRequests::of(traffic) else {
        return Some((index, false));
    };
    if plan.rollout.compat == Some(Compat::Kruise) {
        let added = if protocol == Protocol::Http { matches.len() } else { 0 };
        return index.checked_sub(added).map(|index| (index, false));
    }
    let changes = &plan.steps.get(step)?.routes.get(number)?.changes;
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
