//! The move of a canary whose stable Service is pinned.
//!
//! A pinned Service keeps off the canary's pods, so that it is pinned before there are any.

use super::Entry;
use super::order::Order;
use crate::model::Rollout;

/// Moves the canary Deployment behind the stable Service, which would send to its pods until it is
/// pinned: openkruise/rollouts:pkg/controller/rollout/rollout_canary.go pins it first as well.
///
/// The comments at the end of the file stay where they are.
pub(super) fn move_canary_back(
    order: &mut Order,
    entries: &mut [Entry<'_, '_>],
    rollout: &Rollout<'_>,
) {
    let Some(traffic) = &rollout.traffic else { return };
    let Some(workload) = order.entries_of(rollout.workload.resource.id) else { return };
    let (twin, canary) = (workload.object, workload.beside.last().copied());
    let pinned = order.last_place_of(traffic.service.resource.id);
    let (Some(canary), Some(pinned)) = (canary, pinned) else { return };
    if order.place_of(canary) > pinned {
        return;
    }
    order.move_close_behind(canary, pinned);
    let comments = entries.get_mut(canary).and_then(|canary| canary.comments.as_mut());
    let after = comments.map(|comments| std::mem::take(&mut comments.after));
    if let Some(twin) = twin.and_then(|twin| entries.get_mut(twin)) {
        twin.add_after(after.into_iter().flatten());
    }
}
