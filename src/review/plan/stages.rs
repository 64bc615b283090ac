//! Every stage of every rollout, rendered and looked at.
//!
//! Each rollout is rendered by itself, so that what another one does at the same time does not count
//! as this one's change.

use std::collections::BTreeSet;

use super::super::mask_repeated;
use super::objects::{Present, changes};
use super::traffic::{Viewer, plan_rules};
use super::words::match_in_words;
use super::{Capacity, Pause, RolloutPlan, StagePlan, StageView, Version};
use crate::diagnostic::codes::{
    DISABLED_IN_MID_ROLLOUT, IGNORED_ROLLOUT_CHOSEN, SHARED_OBJECT, UNKNOWN_REPLICAS,
    UNKNOWN_ROLLOUT,
};
use crate::diagnostic::{Collector, Diagnostic, Lines, Severity};
use crate::manifest::ObjectKey;
use crate::model::{self, StageName, StepTraffic};
use crate::pipeline::{
    Input, Options, Planned, Purpose, Reading, Rendering, Rollouts, StageOutcome, asked,
};
use crate::plan::{self, Plan};
use crate::rollout::{Stage, find_stage, stages};
use crate::simulate::Share;

/// Returns the plans of the rollouts that the options choose, and every problem of every stage.
pub(super) fn plan_rollouts(
    input: &Input,
    options: &Options,
) -> (Option<Vec<RolloutPlan>>, Vec<Diagnostic>) {
    let reading = Reading::of(input, options.namespace());
    let rollouts = Rollouts::of(&reading, options);
    let planned = Planned::of(&rollouts, Purpose::View);
    let mut said = Said::default();
    if !said.check(&planned) {
        return (None, said.diagnostics);
    }
    let own = planned.each().filter(|(_, rollout)| !rollout.companion);
    let plans: Vec<_> =
        own.map(|(index, rollout)| plan_rollout(&planned, (index, rollout), &mut said)).collect();
    let plans: Option<Vec<_>> = plans.into_iter().collect();
    said.diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
    (plans, said.diagnostics)
}

/// What has been said, each thing once: most is to be said of many stages.
#[derive(Default)]
struct Said<'a> {
    diagnostics: Vec<Diagnostic>,
    known: BTreeSet<Diagnostic>,
    lines: Lines<'a>,
}

impl<'a> Said<'a> {
    /// Adds problems, and returns all of them as shown.
    fn add(&mut self, problems: Collector<'a>) -> Vec<Diagnostic> {
        let diagnostics = problems.into_diagnostics_along(&mut self.lines);
        for diagnostic in &diagnostics {
            if self.known.insert(diagnostic.clone()) {
                self.diagnostics.push(diagnostic.clone());
            }
        }
        diagnostics
    }

    /// Reports what is wrong with the flags and the input as a whole. Returns whether nothing is.
    ///
    /// A rollout of which no stage is asked is looked at as done, and no step is missing.
    fn check(&mut self, planned: &Planned<'_, 'a>) -> bool {
        let selection = planned.by_options_or_done();
        if planned.is_planned(&selection) {
            return true;
        }
        let StageOutcome { result, problems } = planned.render(&selection, |_| Ok(()));
        let is_known = |rollout: &model::Rollout<'_>| {
            let asked = asked(rollout, planned.options());
            asked.is_none_or(|asked| find_stage(asked, rollout.steps.len()).is_some())
        };
        let mut any = planned.each().peekable();
        let is_any = any.peek().is_some();
        if result.is_some()
            || (is_any && any.all(|(_, rollout)| is_known(rollout)) && !is_misnamed(&problems))
        {
            return true;
        }
        self.add(problems);
        false
    }
}

/// Returns whether the input as a whole is wrong in a way that no stage would tell: a flag names what is
/// not there, or a disabled rollout has a step.
fn is_misnamed(problems: &Collector<'_>) -> bool {
    let names = [
        &UNKNOWN_ROLLOUT,
        &UNKNOWN_REPLICAS,
        &DISABLED_IN_MID_ROLLOUT,
        &IGNORED_ROLLOUT_CHOSEN,
        &SHARED_OBJECT,
    ];
    let found = problems.clone().into_diagnostics();
    found.iter().any(|found| names.contains(&found.code))
}

/// What is found out of a stage, and of the rollout as it is there.
struct Found {
    rollout: RolloutPlan,
    view: StageView,
    objects: Vec<Present>,
}

/// Returns the plan of a rollout; nothing where no stage of it can be rendered.
fn plan_rollout<'a>(
    planned: &Planned<'_, 'a>,
    (index, rollout): (usize, &model::Rollout<'a>),
    said: &mut Said<'a>,
) -> Option<RolloutPlan> {
    let steps = rollout.steps.len();
    let asked = asked(rollout, planned.options()).and_then(|asked| find_stage(asked, steps));
    let mut plan: Option<RolloutPlan> = None;
    let mut before: Option<Vec<Present>> = None;
    let mut views = Vec::new();
    // A disabled rollout is done, whatever its steps say.
    let all = stages(steps).filter(|stage| !rollout.disabled || *stage == Stage::Done);
    for stage in all {
        let name = StageName::from(stage);
        let view = look_at(planned, (index, stage), said).map(|found| {
            let Found { rollout, mut view, objects } = found;
            let earlier = before.as_deref().unwrap_or(&objects);
            view.objects = changes((earlier, &objects), &rollout.namespace);
            before = Some(objects);
            plan.get_or_insert(rollout);
            view
        });
        views.push(StagePlan { stage: name, asked: asked == Some(stage), view });
    }
    plan.map(|plan| RolloutPlan { stages: views, ..plan })
}

/// Renders a stage of one rollout; the codes of the errors, each once, where that cannot be.
fn look_at<'a>(
    planned: &Planned<'_, 'a>,
    (index, stage): (usize, Stage),
    said: &mut Said<'a>,
) -> Result<Found, Vec<&'static str>> {
    let selection = planned.alone(index, StageName::from(stage));
    let namespace = planned.options().namespace();
    let StageOutcome { result, problems } = planned.render(&selection, |rendering| {
        let one = rendering.chosen().next();
        Ok(one.map(|one| find_out(rendering, one.at, namespace)))
    });
    let diagnostics = said.add(problems);
    let mut codes = Vec::new();
    for error in diagnostics.iter().filter(|one| one.severity == Severity::Error) {
        if !codes.contains(&error.code.name) {
            codes.push(error.code.name);
        }
    }
    match result.flatten() {
        Some(mut found) => {
            let none = BTreeSet::new();
            let secrets = planned.repeated_secrets();
            for (_, object) in &mut found.objects {
                mask_repeated(Some(object), None, [&*secrets, &none]);
            }
            found.view.refused = codes;
            Ok(found)
        }
        None => Err(codes),
    }
}

fn find_out<'a>(
    rendering: &Rendering<'_, 'a>,
    at: &plan::StagePlan<'_, 'a>,
    namespace: &str,
) -> Found {
    let plan = at.plan;
    let objects = objects(rendering, namespace);
    let rollout = describe(plan);
    let traffic = plan.rollout.traffic.as_ref();
    let rules = traffic.map_or_else(Vec::new, |traffic| {
        let viewer = Viewer { backends: &traffic.backends, namespace: &rollout.namespace };
        let routes: Vec<_> =
            traffic.routes.iter().map(|route| rendering.value_of(&route.resource)).collect();
        plan_rules(&routes, &viewer, namespace)
    });
    Found { view: look(plan, at.stage, rules), rollout, objects }
}

/// Returns the objects of the rollout as the stage has them, those that it adds beside their twins.
fn objects(rendering: &Rendering<'_, '_>, namespace: &str) -> Vec<Present> {
    let mut found = Vec::new();
    let present = |value: serde_json::Value| (ObjectKey::of(&value, namespace), value);
    for stage in rendering.chosen() {
        for resource in stage.at.plan.rollout.objects() {
            found.push(present(rendering.value_of(resource).into_owned()));
            let added = stage.additions.iter().filter(|added| added.beside == resource.id);
            found.extend(added.map(|added| present(added.value.clone())));
        }
    }
    found
}

fn describe(plan: &Plan<'_, '_>) -> RolloutPlan {
    let rollout = plan.rollout;
    let identity = &rollout.resource.identity;
    let traffic = rollout.traffic.as_ref();
    let service = traffic.map(|traffic| traffic.service.resource.identity.name.clone());
    let route = |resource: &crate::manifest::Resource<'_>| {
        let crate::manifest::Identity { namespace, name, .. } = &resource.identity;
        if *namespace == identity.namespace { name.clone() } else { format!("{namespace}/{name}") }
    };
    RolloutPlan {
        namespace: identity.namespace.to_string(),
        name: identity.name.clone(),
        workload: rollout.workload.resource.identity.name.clone(),
        service,
        virtual_services: rollout.routes().map(|one| route(&one.resource)).collect(),
        other_namespaces: other_namespaces(rollout),
        pods: plan.total.0,
        nothing_new: rollout.nothing_new,
        stages: Vec::new(),
    }
}

/// Returns the namespaces of the routes that are not in that of the rollout, each once.
fn other_namespaces(rollout: &model::Rollout<'_>) -> Vec<String> {
    let own = &rollout.resource.identity.namespace;
    let all = rollout.routes().map(|route| &route.resource.identity.namespace);
    let others: BTreeSet<_> = all.filter(|namespace| *namespace != own).collect();
    others.into_iter().map(ToString::to_string).collect()
}

fn look(plan: &Plan<'_, '_>, stage: Stage, rules: Vec<super::RuleView>) -> StageView {
    let index = stage.step_index(plan.steps.len());
    let step = index.and_then(|index| plan.rollout.steps.get(index));
    let canary_pods =
        index.and_then(|index| plan.steps.get(index)).map_or(0, |step| step.replicas.0);
    let traffic = step.map(|step| &step.traffic);
    let matches = traffic.iter().flat_map(|traffic| &traffic.matches);
    let matches = matches.map(match_in_words).collect();
    let (stable_version, stable_pods) = match stage {
        Stage::Stable => (Version::Old, own_total(plan)),
        Stage::Step(_) => (Version::Old, plan.total),
        Stage::Promote | Stage::Done => (Version::New, own_total(plan)),
    };
    let pause = match stage {
        Stage::Step(_) => step.map(|step| step.pause),
        Stage::Stable | Stage::Promote | Stage::Done => None,
    };
    StageView {
        stable_pods: stable_pods.0,
        stable_version,
        canary_pods,
        capacity: traffic
            .and_then(|traffic| capacity((canary_pods, plan.pods_behind().0), traffic)),
        matches,
        rules,
        pause: pause.map(|pause| match pause {
            model::Pause::Manual => Pause::Manual,
            model::Pause::Seconds(seconds) => Pause::Seconds(seconds),
        }),
        objects: Vec::new(),
        refused: Vec::new(),
    }
}

/// Returns the pods of the stable Deployment where no canary is counted of them, as far as manifests say
/// it: users may say another number, since an autoscaler decides it.
fn own_total(plan: &Plan<'_, '_>) -> model::Replicas {
    let numbers = plan.rollout.versions().filter_map(|workload| workload.replicas);
    match plan.rollout.workload.replicas {
        Some(own) if numbers.max() == Some(plan.total) => own,
        _ => plan.total,
    }
}

fn capacity((canary, total): (u32, u32), traffic: &StepTraffic) -> Option<Capacity> {
    let share = traffic.share_alone();
    let traffic = share.and_then(|share| Share::of(share.hundredths().into(), 100));
    Some(Capacity { pods: Share::of(canary.into(), total.into())?, traffic })
}
