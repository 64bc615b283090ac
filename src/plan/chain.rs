//! VirtualServices that several rollouts change, one after the other.
//!
//! Each rollout changes what those before it, by namespace and name, have made of the original. The
//! last one writes the object.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::{StagePlan, StageRoute};
use crate::manifest::ObjectId;
use crate::model::{Rollout, Rules};

/// The rollouts that change a VirtualService, in their order.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) links: Vec<Link>,
}

/// A rollout that changes a VirtualService.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// The index of the rollout.
    pub(crate) rollout: usize,
    /// The index of the VirtualService among those of the rollout.
    pub(crate) route: usize,
}

/// Returns which rollouts change each VirtualService.
pub(crate) fn find_chains(rollouts: &[&Rollout<'_>]) -> Vec<Chain> {
    let mut chains: BTreeMap<ObjectId, Chain> = BTreeMap::new();
    for index in in_order(rollouts) {
        let Some(rollout) = rollouts.get(index) else { continue };
        for (number, route) in rollout.routes().enumerate() {
            let chain = chains.entry(route.resource.id).or_insert(Chain { links: Vec::new() });
            chain.links.push(Link { rollout: index, route: number });
        }
    }
    chains.into_values().collect()
}

/// Returns the indices of rollouts by namespace and name.
fn in_order(rollouts: &[&Rollout<'_>]) -> Vec<usize> {
    let mut order: Vec<_> = (0..rollouts.len()).collect();
    order.sort_by_key(|index| rollouts.get(*index).map(|rollout| rollout.order()));
    order
}

/// What the rollouts so far have made of a VirtualService.
struct Made {
    rules: Rules,
    spec: Value,
}

/// Gives each rollout at its stage what those before it make of the VirtualServices that they share.
///
/// `write` returns the spec that a rollout makes of a VirtualService, or nothing where it changes none.
pub(crate) fn follow<'p, 'a>(
    stages: &mut [StagePlan<'p, 'a>],
    write: impl Fn(&StagePlan<'p, 'a>, &StageRoute<'p>) -> Option<Value>,
) {
    let rollouts: Vec<_> = stages.iter().map(|at| at.plan.rollout).collect();
    let order = in_order(&rollouts);
    let mut writers: BTreeMap<ObjectId, usize> = BTreeMap::new();
    for &index in &order {
        let routes = rollouts.get(index).into_iter().flat_map(|rollout| rollout.routes());
        writers.extend(routes.map(|route| (route.resource.id, index)));
    }
    let mut made: BTreeMap<ObjectId, Made> = BTreeMap::new();
    for index in order {
        let Some(at) = stages.get_mut(index) else { continue };
        take_over(at, &made);
        for (number, route) in at.plan.rollout.routes().enumerate() {
            let id = route.resource.id;
            let Some(led) = at.routes.get_mut(number) else { continue };
            led.superseded = writers.get(&id).is_some_and(|writer| *writer != index);
            if !led.superseded {
                continue;
            }
            let led = led.clone();
            made.extend(after(at, &led, &write).map(|after| (id, after)));
        }
    }
}

/// Gives a rollout what others have made of its VirtualServices, and plans it on that.
fn take_over<'p>(at: &mut StagePlan<'p, '_>, made: &BTreeMap<ObjectId, Made>) {
    let mut differs = false;
    for (route, led) in at.plan.rollout.routes().zip(&mut at.routes) {
        let Some(before) = made.get(&route.resource.id) else { continue };
        led.rules = Cow::Owned(before.rules.clone());
        led.spec = Cow::Owned(before.spec.clone());
        differs = true;
    }
    if differs {
        at.plan_routes_anew();
    }
}

fn after<'p, 'a>(
    at: &StagePlan<'p, 'a>,
    led: &StageRoute<'p>,
    write: impl Fn(&StagePlan<'p, 'a>, &StageRoute<'p>) -> Option<Value>,
) -> Option<Made> {
    let spec = write(at, led)?;
    let rules = match (&led.change, at.plan.rollout.compat) {
        (Some(change), None) => led.rules.after(change),
        // What a controller's script makes of the rules is known from the object alone.
        _ => Rules::of_spec(&spec),
    };
    debug_assert_eq!(rules, Rules::of_spec(&spec), "the rules are those of the object");
    Some(Made { rules, spec })
}
