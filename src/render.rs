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
mod stamps;
mod stream;

use serde_json::Value;

pub(crate) use edit::{Changes, Edit, Own, apply, edits_between};
pub(crate) use hand_edits::find_hand_edits;
pub(crate) use invariants::check_invariants;
use routing::Scripted;
pub(crate) use routing::route_spec;
pub(crate) use size::check_sizes;
pub(crate) use stamps::stamp;
pub use stream::Only;
pub(crate) use stream::{Content, Entry, Selection, arrange, removed};

use crate::diagnostic::Problem;
use crate::manifest::{ObjectId, Resource};
use crate::model::{Compat, Rollout, StepTraffic, Traffic};
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
#[derive(Debug)]
pub(crate) struct StageRender<'m, 'a> {
    pub(crate) stage: Stage,
    pub(crate) changes: Vec<(ObjectId, Change<'m, 'a>)>,
    pub(crate) additions: Vec<Addition>,
    /// What the controller's own routing does that nobody asked for, or why it gives no result.
    pub(crate) problems: Vec<Problem<'a>>,
    /// Whether the stage sends requests to a canary.
    pub(crate) directs: bool,
}

/// Renders `stage` of the rollout.
pub(crate) fn render_stage<'m, 'a>(plan: &Plan<'m, 'a>, stage: Stage) -> StageRender<'m, 'a> {
    let mut rendered = StageRender {
        stage,
        changes: Vec::new(),
        additions: Vec::new(),
        problems: Vec::new(),
        directs: false,
    };
    let workload = plan.rollout.workload.resource.id;
    let stable = deployment::render_stable(plan, stage);
    rendered.changes.extend(stable.map(|change| (workload, change)));
    let step_index = stage.step_index(plan.steps.len());
    if let Some(step) = step_index.and_then(|index| plan.steps.get(index)) {
        let value = deployment::render_canary(plan, step.replicas);
        rendered.additions.push(Addition { beside: workload, value });
    }
    render_traffic(plan, stage, &mut rendered);
    rendered
}

fn render_traffic<'m, 'a>(plan: &Plan<'m, 'a>, stage: Stage, rendered: &mut StageRender<'m, 'a>) {
    let Some(traffic) = &plan.rollout.traffic else { return };
    let step_index = stage.step_index(plan.steps.len());
    let service = &traffic.service;
    if let Some(after) = service::render_stable(plan, service, stage) {
        rendered.edit(&service.resource, after);
    }
    let step = step_index.and_then(|index| plan.steps.get(index));
    if plan.splits_services(stage) {
        let beside = traffic.service.resource.id;
        let service = service::render_canary(plan);
        rendered.additions.extend(service.map(|value| Addition { beside, value }));
    }
    // A step that directs no traffic leaves the original in place.
    let wanted = step_index.and_then(|index| plan.rollout.steps.get(index));
    let wanted = wanted.map(|step| &step.traffic).filter(|traffic| traffic.directs());
    rendered.directs = wanted.is_some();
    match (plan.rollout.compat, wanted) {
        (Some(Compat::Kruise), Some(wanted)) => {
            render_scripted(plan.rollout, traffic, wanted, rendered);
        }
        _ => {
            let step = step.filter(|_| wanted.is_some());
            let routes = traffic.routes.iter().enumerate();
            for (index, route) in routes.filter(|(_, route)| !route.superseded) {
                let plan = step.and_then(|step| step.routes.get(index));
                rendered.edit(&route.resource, routing::render(route, plan));
            }
            for (rule, subset) in traffic.destination_rules.iter().zip(&plan.subsets) {
                let subset = Some(subset).filter(|_| step.is_some());
                rendered.edit(&rule.resource, routing::render_rule(rule, subset));
            }
        }
    }
}

/// Writes the routing objects as the controller would.
fn render_scripted<'m, 'a>(
    rollout: &Rollout<'_>,
    traffic: &'m Traffic<'a>,
    wanted: &StepTraffic,
    rendered: &mut StageRender<'m, 'a>,
) {
    let backends = &traffic.backends;
    for route in traffic.routes.iter().filter(|route| !route.superseded) {
        rendered.edit_scripted(&route.resource, routing::script_route(route, wanted, backends));
    }
    for rule in &traffic.destination_rules {
        rendered
            .edit_scripted(&rule.resource, routing::script_rule(rule, backends, rollout.places));
    }
}

impl<'m, 'a> StageRender<'m, 'a> {
    /// Returns what is edited in an object of the input, if anything is.
    pub(crate) fn edited(&self, id: ObjectId) -> Option<&Edited<'m, 'a>> {
        self.changes.iter().find_map(|(changed, change)| match change {
            Change::Edit(edited) if *changed == id => Some(edited),
            Change::Edit(_) | Change::Replace(_) => None,
        })
    }

    /// Notes what becomes of an object, if that is anything else.
    fn edit(&mut self, resource: &'m Resource<'a>, after: Value) {
        let edited = Edited::into(resource, after);
        self.changes.extend(edited.map(|edited| (resource.id, Change::Edit(edited))));
    }

    fn edit_scripted(&mut self, resource: &'m Resource<'a>, scripted: Scripted<'a>) {
        match scripted {
            Ok((after, problems)) => {
                self.problems.extend(problems);
                self.edit(resource, after);
            }
            Err(problem) => self.problems.push(problem),
        }
    }
}
