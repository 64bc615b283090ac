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
use crate::diagnostic::{Collector, Diagnostic, Severity};
use crate::manifest::ObjectKey;
use crate::model::{self, ObjectName, StageName, StepTraffic};
use crate::pipeline::{Chosen, Input, Options, Purpose, Reading, Rendering, with_stage};
use crate::plan::{Plan, Stage, find_stage, stages};
use crate::render::Only;
use crate::simulate::Share;

/// Returns the plans of the rollouts that the options choose, and every problem of every stage.
pub(super) fn plan_rollouts(
    input: &Input,
    options: &Options,
) -> (Option<Vec<RolloutPlan>>, Vec<Diagnostic>) {
    let mut read = Collector::new(options.allow.clone());
    let reading = Reading::of(input, options.namespace(), &mut read);
    let chosen = reading.chosen(options);
    let mut told = Told::default();
    if !told.check(&reading, (options, &chosen), read.clone()) {
        return (None, told.diagnostics);
    }
    let secrets = reading.repeated_secrets();
    let own = chosen.iter().filter(|chosen| !chosen.companion);
    let plans = own.map(|one| {
        let mut survey =
            Survey { reading: &reading, read: &read, told: &mut told, secrets: &secrets };
        survey.plan_rollout(one, &for_one(&reading, (options, &chosen), one))
    });
    let plans: Vec<_> = plans.collect();
    let plans: Option<Vec<_>> = plans.into_iter().collect();
    told.diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
    (plans, told.diagnostics)
}

/// What has been said, each thing once: most is to be said of many stages.
#[derive(Default)]
struct Told {
    diagnostics: Vec<Diagnostic>,
}

impl Told {
    fn add(&mut self, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            if !self.diagnostics.contains(&diagnostic) {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    /// Tells what is wrong with the flags and the input as a whole; returns whether nothing is.
    ///
    /// A rollout of which no stage is asked is looked at as done, and no step is missing.
    fn check<'a>(
        &mut self,
        reading: &Reading<'a>,
        (options, chosen): (&Options, &[Chosen]),
        mut problems: Collector<'a>,
    ) -> bool {
        let options = reading.with_idle_as_done(options);
        let done = with_stage(reading, (&options, Purpose::View), &mut problems, |_| Ok(()));
        let known = |chosen: &Chosen| {
            chosen.asked.is_none_or(|asked| find_stage(asked, chosen.steps).is_some())
        };
        if done.is_some()
            || (!chosen.is_empty() && chosen.iter().all(known) && !is_misnamed(&problems))
        {
            return true;
        }
        self.add(problems.into_diagnostics());
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
    let told = problems.clone().into_diagnostics();
    told.iter().any(|told| names.contains(&told.code))
}

/// Returns the options that leave all but one rollout, and those that share an object with it, alone.
fn for_one(
    reading: &Reading<'_>,
    (options, chosen): (&Options, &[Chosen]),
    one: &Chosen,
) -> Options {
    let alone = Options { rollout: Some(one.name.clone()), ..options.clone() };
    let read = reading.chosen(&alone);
    let asked = |name: &ObjectName| chosen.iter().find(|other| other.name == *name)?.asked;
    let companions = read.iter().filter(|other| other.companion);
    let steps = companions
        .filter_map(|other| Some((other.name.clone(), asked(&other.name).or(other.asked)?)));
    let named = |(name, _): &(ObjectName, u32)| {
        read.iter().any(|other| {
            let workload = &other.workload;
            name.name == workload.name
                && (name.namespace.is_none() || name.namespace == workload.namespace)
        })
    };
    Options {
        step: None,
        steps: steps.collect(),
        replicas: options.replicas.iter().filter(|given| named(given)).cloned().collect(),
        only: Only::Everything,
        ..alone
    }
}

/// What every stage is made from.
struct Survey<'s, 'a> {
    reading: &'s Reading<'a>,
    read: &'s Collector<'a>,
    told: &'s mut Told,
    /// Values of Secrets that aliases repeat, perhaps in an object of the rollout.
    secrets: &'s BTreeSet<String>,
}

/// What is found out of a stage, and of the rollout as it is there.
struct Found {
    rollout: RolloutPlan,
    view: StageView,
    objects: Vec<Present>,
}

impl Survey<'_, '_> {
    /// Returns the plan of a rollout; nothing where no stage of it can be rendered.
    fn plan_rollout(&mut self, chosen: &Chosen, options: &Options) -> Option<RolloutPlan> {
        let asked = chosen.asked.and_then(|asked| find_stage(asked, chosen.steps));
        let mut plan: Option<RolloutPlan> = None;
        let mut before: Option<Vec<Present>> = None;
        let mut views = Vec::new();
        // A disabled rollout is done, whatever its steps say.
        let all = stages(chosen.steps).filter(|stage| !chosen.disabled || *stage == Stage::Done);
        for stage in all {
            let name = StageName::from(stage);
            let view = self.look_at(chosen, options, stage).map(|found| {
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

    /// Renders a stage; the codes of the errors, each once, where that cannot be.
    fn look_at(
        &mut self,
        chosen: &Chosen,
        options: &Options,
        stage: Stage,
    ) -> Result<Found, Vec<&'static str>> {
        let mut options = options.clone();
        options.steps.push((chosen.name.clone(), StageName::from(stage)));
        let mut problems = self.read.clone();
        let namespace = options.namespace();
        let found =
            with_stage(self.reading, (&options, Purpose::View), &mut problems, |rendering| {
                let one = rendering.chosen().next();
                Ok(one.map(|(plan, _)| find_out(rendering, plan, (stage, namespace))))
            });
        let diagnostics = problems.into_diagnostics();
        let mut codes = Vec::new();
        for error in diagnostics.iter().filter(|one| one.severity == Severity::Error) {
            if !codes.contains(&error.code.name) {
                codes.push(error.code.name);
            }
        }
        self.told.add(diagnostics);
        match found.flatten() {
            Some(mut found) => {
                let none = BTreeSet::new();
                for (_, object) in &mut found.objects {
                    mask_repeated(Some(object), None, [self.secrets, &none]);
                }
                found.view.refused = codes;
                Ok(found)
            }
            None => Err(codes),
        }
    }
}

fn find_out<'a>(
    rendering: &Rendering<'_, 'a>,
    plan: &Plan<'_, 'a>,
    (stage, namespace): (Stage, &str),
) -> Found {
    let objects = objects(rendering, namespace);
    let rollout = describe(plan);
    let traffic = plan.rollout.traffic.as_ref();
    let rules = traffic.map_or_else(Vec::new, |traffic| {
        let viewer = Viewer { backends: &traffic.backends, namespace: &rollout.namespace };
        let routes: Vec<_> =
            traffic.routes.iter().map(|route| rendering.value_of(&route.resource)).collect();
        plan_rules(&routes, &viewer, namespace)
    });
    Found { view: look(plan, stage, rules), rollout, objects }
}

/// Returns the objects of the rollout as the stage has them, those that it adds beside their twins.
fn objects(rendering: &Rendering<'_, '_>, namespace: &str) -> Vec<Present> {
    let mut found = Vec::new();
    let present = |value: serde_json::Value| (ObjectKey::of(&value, namespace), value);
    for (plan, stage) in rendering.chosen() {
        for resource in plan.rollout.objects() {
            found.push(present(rendering.value_of(resource)));
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
    let matches = match traffic {
        Some(StepTraffic::Matches { matches, .. }) => matches.iter().map(match_in_words).collect(),
        Some(StepTraffic::None | StepTraffic::Share(_)) | None => Vec::new(),
    };
    let (stable_version, stable_pods) = match stage {
        Stage::Stable | Stage::Step(_) => (Version::Old, plan.total),
        Stage::Promote | Stage::Done => (Version::New, new_total(plan)),
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

/// The new version may come with another number of pods, where nobody else decides that number.
fn new_total(plan: &Plan<'_, '_>) -> model::Replicas {
    let replicas = |workload: &model::Workload<'_>| workload.replicas;
    let old = plan.rollout.old_workload.as_ref().and_then(replicas);
    match plan.rollout.workload.replicas {
        Some(new) if old == Some(plan.total) => new,
        _ => plan.total,
    }
}

fn capacity((canary, total): (u32, u32), traffic: &StepTraffic) -> Option<Capacity> {
    let traffic = match traffic {
        StepTraffic::Share(share) => Share::of(share.hundredths().into(), 100),
        StepTraffic::Matches { .. } | StepTraffic::None => None,
    };
    Some(Capacity { pods: Share::of(canary.into(), total.into())?, traffic })
}
