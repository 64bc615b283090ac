//! Objects that several rollouts change.
//!
//! A VirtualService may be shared: the rollouts change it one after the other. Nothing else may.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::codes::SHARED_OBJECT;
use crate::diagnostic::{Collector, Problem};
use crate::manifest::{ObjectId, Resource};
use crate::model::{Rollout, is_conflict};

/// Reports objects that two rollouts change and that cannot be shared.
pub(crate) fn check_shared<'a>(rollouts: &[&Rollout<'a>], problems: &mut Collector<'a>) {
    let mut changed: BTreeMap<ObjectId, Vec<&Rollout<'a>>> = BTreeMap::new();
    for rollout in rollouts {
        let mut reported = BTreeSet::new();
        for object in rollout.objects() {
            let others = changed.entry(object.id).or_default();
            let unshareable = others.iter().filter(|earlier| !may_share(earlier, rollout, object));
            for earlier in unshareable.filter(|earlier| reported.insert(earlier.resource.id)) {
                problems.push(shared(earlier, rollout, object));
            }
        }
        for object in rollout.objects() {
            changed.entry(object.id).or_default().push(rollout);
        }
    }
}

fn may_share(earlier: &Rollout<'_>, rollout: &Rollout<'_>, object: &Resource<'_>) -> bool {
    // That two have one workload is reported where both are read.
    let both_chosen = !earlier.companion && !rollout.companion;
    rollout.routes().any(|route| route.resource.id == object.id)
        || (both_chosen && is_conflict(&earlier.resource, &rollout.resource))
}

fn shared<'a>(earlier: &Rollout<'a>, rollout: &Rollout<'a>, object: &Resource<'a>) -> Problem<'a> {
    let message =
        format!("{} and {} both change {}", earlier.called(), rollout.called(), object.called());
    let problem = rollout.resource.root().problem(&SHARED_OBJECT, message);
    problem.help("give each an object of its own; only a VirtualService can be shared")
}
