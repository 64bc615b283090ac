//! Objects that more than one wants.
//!
//! A VirtualService may be shared: the rollouts change it one after the other. Nothing else may.

use crate::diagnostic::codes::SHARED_OBJECT;
use crate::diagnostic::{Collector, Problem};
use crate::model::{Rollout, is_conflict};

/// Tells objects that two rollouts change and that cannot be shared.
pub(crate) fn check_shared<'a>(rollouts: &[&Rollout<'a>], problems: &mut Collector<'a>) {
    for (index, rollout) in rollouts.iter().enumerate() {
        let earlier = rollouts.iter().take(index);
        let found = earlier.filter_map(|earlier| unshareable(earlier, rollout));
        found.collect::<Vec<_>>().into_iter().for_each(|problem| problems.push(problem));
    }
}

fn unshareable<'a>(earlier: &Rollout<'a>, rollout: &Rollout<'a>) -> Option<Problem<'a>> {
    // That two have one workload is told where both are read.
    let both_chosen = !earlier.companion && !rollout.companion;
    if both_chosen && is_conflict(&earlier.resource, &rollout.resource) {
        return None;
    }
    let mut shared =
        rollout.objects().filter(|object| earlier.objects().any(|other| other.id == object.id));
    let object =
        shared.find(|object| !rollout.routes().any(|route| route.resource.id == object.id))?;
    let message =
        format!("{} and {} both change {}", earlier.called(), rollout.called(), object.called());
    let problem = rollout.resource.root().problem(&SHARED_OBJECT, message);
    Some(problem.help("give each an object of its own; only a VirtualService can be shared"))
}
