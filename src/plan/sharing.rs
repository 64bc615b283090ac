//! Objects that more than one wants.

use crate::diagnostic::Collector;
use crate::diagnostic::codes::SHARED_OBJECT;
use crate::model::Rollout;

/// Tells objects that two rollouts change.
pub(crate) fn check_shared<'a>(rollouts: &[&Rollout<'a>], problems: &mut Collector<'a>) {
    for (index, rollout) in rollouts.iter().enumerate() {
        for earlier in rollouts.iter().take(index) {
            let shared = rollout
                .objects()
                .find(|object| earlier.objects().any(|other| other.id == object.id));
            if let Some(object) = shared {
                let message = format!(
                    "{} and {} both change {}, which is not rendered yet",
                    earlier.called(),
                    rollout.called(),
                    object.called()
                );
                let problem = rollout.resource.root().problem(&SHARED_OBJECT, message);
                problems.push(
                    problem.help("choose one with `--rollout`, or give each an object of its own"),
                );
            }
        }
    }
}
