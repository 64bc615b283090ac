//! Routing objects, one file per kind.
//!
//! Made anew from the original each time, so that no stage depends on the one before it.

mod original;
mod virtual_service;

use serde_json::Value;

use crate::model::VirtualService;
use crate::plan::RoutePlan;

/// Returns the VirtualService with the planned changes, or as it was without any.
pub(super) fn render(virtual_service: &VirtualService<'_>, plan: Option<&RoutePlan>) -> Value {
    let VirtualService { resource, original, .. } = virtual_service;
    match plan {
        Some(plan) => {
            let spec = virtual_service::render_spec(&original.spec, plan);
            original::render_changed(resource, original, spec)
        }
        None => original::render_original(resource, original),
    }
}
