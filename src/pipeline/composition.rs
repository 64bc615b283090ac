//! VirtualServices that several rollouts change.
//!
//! Each rollout changes what those before it, by namespace and name, have made of the original. The
//! last one writes the object.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::manifest::ObjectId;
use crate::model::{Earlier, Rollout, VirtualService};
use crate::plan::Stage;
use crate::render::route_spec;

/// How many results of stages are kept to know a rendered object by.
const MAX_RESULTS: usize = 10_000;

/// Gives each rollout what those before it make of the objects that they share.
pub(super) fn compose(rollouts: &mut [Rollout<'_>], stages: &[Option<Stage>]) {
    for id in shared_routes(rollouts) {
        let order = in_order(rollouts, id);
        let mut earlier: Option<Earlier> = None;
        for &index in &order {
            let (Some(rollout), Some(stage)) = (rollouts.get_mut(index), stages.get(index)) else {
                continue;
            };
            let Some(route) = rollout.route_mut(id) else { continue };
            route.superseded = Some(&index) != order.last();
            if let Some(earlier) = earlier.take() {
                *route = route.after(earlier);
            }
            earlier = Some(result(rollout, id, stage.unwrap_or(Stage::Done)));
        }
    }
}

fn shared_routes(rollouts: &[Rollout<'_>]) -> BTreeSet<ObjectId> {
    let (mut seen, mut shared) = (BTreeSet::new(), BTreeSet::new());
    for route in rollouts.iter().flat_map(Rollout::routes) {
        if !seen.insert(route.resource.id) {
            shared.insert(route.resource.id);
        }
    }
    shared
}

/// Returns the indices of the rollouts that change the object, by namespace and name.
fn in_order(rollouts: &[Rollout<'_>], id: ObjectId) -> Vec<usize> {
    let changes = |rollout: &Rollout<'_>| rollout.routes().any(|route| route.resource.id == id);
    let mut order: Vec<_> =
        rollouts.iter().enumerate().filter(|(_, rollout)| changes(rollout)).collect();
    order.sort_by_key(|(_, rollout)| {
        let identity = &rollout.resource.identity;
        (&identity.namespace, &identity.name)
    });
    order.into_iter().map(|(index, _)| index).collect()
}

/// Returns what the rollout makes of the object.
fn result(rollout: &Rollout<'_>, id: ObjectId, stage: Stage) -> Earlier {
    let Some(route) = rollout.routes().find(|route| route.resource.id == id) else {
        return Earlier::default();
    };
    let at = |route: &VirtualService<'_>, index: usize| -> Option<Value> {
        let step = rollout.steps.get(index).filter(|step| step.traffic.directs())?;
        route_spec(rollout.compat, route, &step.traffic, &rollout.traffic.as_ref()?.backends)
    };
    let step_index = stage.step_index(rollout.steps.len());
    let spec = step_index.and_then(|index| at(route, index));
    let spec = spec.unwrap_or_else(|| route.spec().clone());
    let mut any = match &route.earlier {
        Some(earlier) => earlier.any.clone(),
        None => vec![route.original.spec.clone()],
    };
    // Only an object that was rendered before is compared with them.
    if route.original.stored {
        let bases: Vec<_> = any.iter().map(|base| based(route, base)).collect();
        let steps = 0..rollout.steps.len();
        let results =
            bases.iter().flat_map(|base| steps.clone().filter_map(|index| at(base, index)));
        any.extend(results.take(MAX_RESULTS).collect::<Vec<_>>());
    }
    Earlier { spec, any }
}

fn based<'a>(route: &VirtualService<'a>, spec: &Value) -> VirtualService<'a> {
    route.after(Earlier { spec: spec.clone(), any: Vec::new() })
}
