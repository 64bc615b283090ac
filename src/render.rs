//! Edits and new objects of one stage of a plan.
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

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use edit::{Changes, Edit, Own, apply, edits_between};
pub(crate) use hand_edits::find_hand_edits;
pub(crate) use invariants::check_invariants;
use routing::Scripted;
pub(crate) use routing::spec_after;
pub(crate) use size::check_sizes;
pub(crate) use stamps::stamp;
pub use stream::Only;
pub(crate) use stream::{Content, Entry, Selection, arrange, removed};

use crate::diagnostic::Problem;
use crate::manifest::{ObjectId, Resource};
use crate::model::{Compat, StepTraffic, Traffic};
use crate::plan::StagePlan;

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

/// One stage of one rollout, rendered.
#[derive(Debug)]
pub(crate) struct StageRender<'p, 'a> {
    pub(crate) at: &'p StagePlan<'p, 'a>,
    pub(crate) changes: Vec<(ObjectId, Change<'p, 'a>)>,
    pub(crate) additions: Vec<Addition>,
    /// What the controller's own routing does that the step does not ask for, or why it gives no result.
    pub(crate) problems: Vec<Problem<'a>>,
}

/// Renders a stage of a rollout.
pub(crate) fn render_stage<'p, 'a>(at: &'p StagePlan<'p, 'a>) -> StageRender<'p, 'a> {
    let mut rendered =
        StageRender { at, changes: Vec::new(), additions: Vec::new(), problems: Vec::new() };
    let workload = at.plan.rollout.workload.resource.id;
    let stable = deployment::render_stable(at);
    rendered.changes.extend(stable.map(|change| (workload, change)));
    if let Some(step) = at.step() {
        let value = deployment::render_canary(at.plan, step.replicas);
        rendered.additions.push(Addition { beside: workload, value });
    }
    if let Some(traffic) = &at.plan.rollout.traffic {
        render_services(traffic, &mut rendered);
        render_routes(traffic, &mut rendered);
    }
    rendered
}

fn render_services<'p, 'a>(traffic: &'p Traffic<'a>, rendered: &mut StageRender<'p, 'a>) {
    let at = rendered.at;
    let service = &traffic.service;
    if let Some(after) = service::render_stable(at.plan, service, at.standing.is_pinned) {
        rendered.edit(&service.resource, after);
    }
    if at.standing.has_canary_service {
        let beside = service.resource.id;
        let canary = service::render_canary(at.plan);
        rendered.additions.extend(canary.map(|value| Addition { beside, value }));
    }
}

/// Writes the routing objects; at a stage that directs no traffic, the original.
fn render_routes<'p, 'a>(traffic: &'p Traffic<'a>, rendered: &mut StageRender<'p, 'a>) {
    let at = rendered.at;
    if let (Some(Compat::Kruise), Some(wanted)) = (at.plan.rollout.compat, at.traffic()) {
        render_scripted(traffic, wanted, rendered);
        return;
    }
    for (route, led) in at.led() {
        if !led.superseded {
            rendered.edit(&route.resource, routing::render(route, led));
        }
    }
    for (rule, subset) in traffic.destination_rules.iter().zip(&at.plan.subsets) {
        let subset = if at.standing.directs { Some(subset) } else { None };
        rendered.edit(&rule.resource, routing::render_rule(rule, subset));
    }
}

/// Writes the routing objects as the controller would.
fn render_scripted<'p, 'a>(
    traffic: &'p Traffic<'a>,
    wanted: &StepTraffic,
    rendered: &mut StageRender<'p, 'a>,
) {
    let backends = &traffic.backends;
    for (route, led) in rendered.at.led() {
        if !led.superseded {
            let scripted = routing::script_route(route, &led.spec, wanted, backends);
            rendered.edit_scripted(&route.resource, scripted);
        }
    }
    let places = rendered.at.plan.rollout.places;
    for rule in &traffic.destination_rules {
        rendered.edit_scripted(&rule.resource, routing::script_rule(rule, backends, places));
    }
}

/// Returns what becomes of each object of the input that a stage changes.
pub(crate) fn changes_by_object<'r, 'p, 'a>(
    rendered: &'r [StageRender<'p, 'a>],
) -> BTreeMap<ObjectId, &'r Change<'p, 'a>> {
    let mut changes = BTreeMap::new();
    for (id, change) in rendered.iter().flat_map(|stage| &stage.changes) {
        changes.entry(*id).or_insert(change);
    }
    changes
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
