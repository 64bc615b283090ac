//! Turns one stage of a plan into edits and new objects.
//!
//! Places fields and decides nothing: one file per kind. What the numbers are is `plan`'s business,
//! how edits become text is `emit`'s.

mod deployment;
mod edit;
mod hand_edits;
mod invariants;
mod metadata;
mod pod_template;
mod routing;
mod service;
mod size;
mod stream;

use serde_json::Value;

pub(crate) use edit::{Changes, Edit, Own, apply, edits_between};
pub(crate) use hand_edits::find_hand_edits;
pub(crate) use invariants::check_invariants;
pub(crate) use size::check_sizes;
pub use stream::Only;
pub(crate) use stream::{Content, Entry, Selection, arrange, removed};

use crate::manifest::{ObjectId, Resource};
use crate::model::StepTraffic;
use crate::plan::{Plan, Stage};

/// What happens to an object of the input.
#[derive(Debug, Clone)]
pub(crate) enum Change<'m, 'a> {
    Edit(Edited<'m, 'a>),
    /// The object is written with the bytes of another manifest.
    Replace(&'m Resource<'a>),
}

/// An object of the input with changes.
#[derive(Debug, Clone)]
pub(crate) struct Edited<'m, 'a> {
    pub(crate) resource: &'m Resource<'a>,
    pub(crate) edits: Vec<Edit>,
    /// What the edits make of it.
    pub(crate) after: Value,
}

impl<'m, 'a> Edited<'m, 'a> {
    /// Returns the object as it becomes `after`, if that is anything else.
    fn into(resource: &'m Resource<'a>, after: Value) -> Option<Self> {
        let edits = edits_between(&resource.to_value(), &after);
        (!edits.is_empty()).then_some(Self { resource, edits, after })
    }
}

/// A new object, which stands beside its stable twin.
#[derive(Debug, Clone)]
pub(crate) struct Addition {
    pub(crate) beside: ObjectId,
    pub(crate) value: Value,
}

/// One stage of one rollout.
#[derive(Debug, Default)]
pub(crate) struct StageRender<'m, 'a> {
    pub(crate) changes: Vec<(ObjectId, Change<'m, 'a>)>,
    pub(crate) additions: Vec<Addition>,
}

/// Renders `stage` of the rollout.
pub(crate) fn render_stage<'m, 'a>(plan: &Plan<'m, 'a>, stage: Stage) -> StageRender<'m, 'a> {
    let mut rendered = StageRender::default();
    let workload = plan.rollout.workload.resource.id;
    let stable = deployment::render_stable(plan, stage);
    rendered.changes.extend(stable.map(|change| (workload, change)));
    let step_index = stage.step_index(plan.steps.len());
    if let Some(step) = step_index.and_then(|index| plan.steps.get(index)) {
        let value = deployment::render_canary(plan, step.replicas);
        rendered.additions.push(Addition { beside: workload, value });
    }
    render_traffic(plan, step_index, &mut rendered);
    rendered
}

fn render_traffic<'m, 'a>(
    plan: &Plan<'m, 'a>,
    step_index: Option<usize>,
    rendered: &mut StageRender<'m, 'a>,
) {
    let Some(traffic) = &plan.rollout.traffic else { return };
    let step = step_index.and_then(|index| plan.steps.get(index));
    if step.is_some() {
        let beside = traffic.service.resource.id;
        let service = service::render_canary(plan);
        rendered.additions.extend(service.map(|value| Addition { beside, value }));
    }
    // A step that directs no traffic leaves the original in place.
    let directs = step_index.and_then(|index| plan.rollout.steps.get(index));
    let directs = directs.is_some_and(|step| step.traffic != StepTraffic::None);
    for (index, route) in traffic.routes.iter().enumerate() {
        let plan = step.filter(|_| directs).and_then(|step| step.routes.get(index));
        let edited = Edited::into(&route.resource, routing::render(route, plan));
        let change = edited.map(|edited| (route.resource.id, Change::Edit(edited)));
        rendered.changes.extend(change);
    }
}
