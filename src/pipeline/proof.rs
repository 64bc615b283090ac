//! Proof that a stage leads requests as its step says.
//!
//! What `plan` decided and `render` placed is looked at once more, by other means: each VirtualService
//! that a stage changes is folded back to what it was, and simulated before and after. A step with a
//! share gives the canary exactly that of what stable had; a step with matches leads what it describes
//! to the canary and nothing else; everybody else keeps what they had. A break is our fault and is
//! never written.
//!
//! The controller's own script is not judged here: each way in which it differs is reported, at its rule,
//! by `render::routing::script`.

mod fold;
mod foreign;
mod objects;
mod requests;
mod sides;
mod spread;
mod twin;
mod wanted;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::Problem;
use crate::diagnostic::codes::INTERNAL;
use crate::manifest::{Manifest, ObjectId};
use crate::model::{CanaryRequests, VirtualService};
use crate::plan::StagePlan;
use crate::render::StageRender;
use foreign::ForeignSubsets;
pub(super) use objects::ProofIndex;
use sides::Sides;

/// A VirtualService before and after a stage of one rollout.
struct Rewrite<'r> {
    name: &'r str,
    before: &'r Value,
    after: &'r Value,
    sides: Sides<'r>,
    /// What the step asks for; nothing where the stage directs no traffic.
    traffic: CanaryRequests<'r>,
}

/// Reports every VirtualService that the stage does not lead as it should.
pub(super) fn prove<'a>(
    manifest: &Manifest<'a>,
    proof_index: &ProofIndex,
    plans: &[StagePlan<'_, 'a>],
    rendered: &[StageRender<'_, 'a>],
) -> Vec<Problem<'a>> {
    let taken_over = find_taken_over(plans);
    let mut broken = Vec::new();
    for (index, (at, result)) in plans.iter().zip(rendered).enumerate() {
        let plan = at.plan;
        if plan.rollout.compat.is_some() {
            continue;
        }
        for (route, led) in at.led() {
            let after = match led.superseded {
                true => taken_over.get(&(index, route.resource.id)).copied(),
                false => changed(result, route),
            };
            let Some(after) = after else { continue };
            let namespace = &route.resource.identity.namespace;
            let foreign = proof_index.foreign(manifest, plan.rollout, namespace);
            let Some(rewrite) = rewrite(at, (route, &led.spec), after, &foreign) else { continue };
            let found = find_breaks(&rewrite).into_iter();
            broken.extend(found.map(|message| internal(route, &message)));
        }
    }
    broken
}

/// Returns the spec that the stage gives to a VirtualService, if it changes it.
fn changed<'r>(result: &'r StageRender<'_, '_>, route: &VirtualService<'_>) -> Option<&'r Value> {
    result.edited(route.resource.id)?.after.get("spec")
}

/// Returns each shared VirtualService as the next rollout, by namespace and name, takes it over, by the
/// index of the rollout before it.
fn find_taken_over<'p>(plans: &'p [StagePlan<'_, '_>]) -> BTreeMap<(usize, ObjectId), &'p Value> {
    let mut order: Vec<_> = plans.iter().enumerate().collect();
    order.sort_by_key(|(_, at)| {
        let identity = &at.plan.rollout.resource.identity;
        (&identity.namespace, &identity.name)
    });
    let mut before: BTreeMap<ObjectId, usize> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (index, at) in order {
        for (route, led) in at.led() {
            let id = route.resource.id;
            if let Some(earlier) = before.insert(id, index) {
                found.insert((earlier, id), &*led.spec);
            }
        }
    }
    found
}

fn rewrite<'r>(
    at: &StagePlan<'r, '_>,
    (route, before): (&'r VirtualService<'_>, &'r Value),
    after: &'r Value,
    foreign: &'r ForeignSubsets,
) -> Option<Rewrite<'r>> {
    let plan = at.plan;
    let traffic = plan.rollout.traffic.as_ref()?;
    let step = at.standing.canary.and_then(|index| plan.rollout.steps.get(index));
    let stable = &traffic.service.resource.identity;
    Some(Rewrite {
        name: &route.resource.identity.name,
        before,
        after,
        sides: Sides {
            namespace: &route.resource.identity.namespace,
            stable: (&stable.name, &stable.namespace),
            canary: plan.service_name.as_deref(),
            foreign,
        },
        traffic: step.map_or(CanaryRequests::None, |step| CanaryRequests::of(&step.traffic)),
    })
}

fn find_breaks(rewrite: &Rewrite<'_>) -> Vec<String> {
    let broken = match fold::pair_rules(rewrite) {
        Ok(pairs) => {
            let found = pairs.iter().filter_map(|pair| fold::check_rule(rewrite, pair).err());
            found.collect()
        }
        Err(message) => vec![message],
    };
    // Where a rule is wrong, its requests are as well.
    if broken.is_empty() { requests::check(rewrite).err().into_iter().collect() } else { broken }
}

fn internal<'a>(route: &VirtualService<'a>, message: &str) -> Problem<'a> {
    let message = format!("{}: {message}", route.resource.called());
    let problem = route.resource.root().problem(&INTERNAL, message);
    problem.help("nothing was written; please report this with the manifests")
}

#[cfg(test)]
mod tests;
