//! What moves where the stable Service is pinned.
//!
//! A pinned Service keeps off the canary's pods, so that it is pinned before there are any.

use super::Entry;
use crate::model::Rollout;

/// Moves the canary Deployment behind the stable Service, which would send to its pods until it is
/// pinned: openkruise/rollouts:pkg/controller/rollout/rollout_canary.go pins it first as well.
///
/// The comments at the end of the file stay where they are.
pub(super) fn move_canary_back(entries: &mut [Entry<'_, '_>], rollout: &Rollout<'_>) {
    let Some(traffic) = &rollout.traffic else { return };
    let (workload, service) = (rollout.workload.resource.id, traffic.service.resource.id);
    let position = |wanted: &dyn Fn(&Entry<'_, '_>) -> bool| entries.iter().rposition(wanted);
    let canary = position(&|entry| entry.beside == Some(workload));
    let pinned = position(&|entry| entry.object.or(entry.beside) == Some(service));
    let (Some(canary), Some(pinned)) = (canary, pinned) else { return };
    if canary > pinned {
        return;
    }
    let Some(between) = entries.get_mut(canary..=pinned) else { return };
    between.rotate_left(1);
    let comments = between.last_mut().and_then(|canary| canary.comments.as_mut());
    let after = comments.map(|comments| std::mem::take(&mut comments.after));
    if let Some(twin) = canary.checked_sub(1).and_then(|twin| entries.get_mut(twin)) {
        twin.add_after(after.into_iter().flatten());
    }
}
