//! Problems and notes of the stage that is rendered.
//!
//! Whether it can be rendered at all, and what a person who applies it should know.

use super::{Means, Plan, StagePlan, empty_subsets, guard, isolation};
use crate::diagnostic::codes::{
    ADDS_NO_CAPACITY, ISOLATED_BY, MATCHES_EVERYTHING, NO_CANARY_PODS, NO_STABLE_VERSION,
    NOTHING_TO_ROLL_OUT, OLD_VERSION_PAUSED, STABLE_PAUSED,
};
use crate::diagnostic::{Collector, Problem};
use crate::manifest::FieldPath;
use crate::model::{CANARY_SUBSET, Part, Rollout};
use crate::rollout::Stage;

/// Reports what stands in the way of applying `stage`, and what should be known of it.
pub(crate) fn check_stage<'a>(at: &StagePlan<'_, 'a>, problems: &mut Collector<'a>) {
    let (plan, stage) = (at.plan, at.stage);
    let old_known = plan.rollout.old_workload.is_some();
    problems.extend(check_versions(plan, stage));
    problems.extend(check_old_version(plan, stage).into_iter().collect());
    problems.extend(isolation::check_pins(plan, stage));
    match stage {
        Stage::Stable if !old_known => problems.push(no_stable_version(plan)),
        Stage::Step(_) if !old_known => problems.push(stable_paused(plan)),
        Stage::Stable | Stage::Step(_) | Stage::Promote | Stage::Done => {}
    }
    check_view(at, problems);
}

/// Reports what should be known of `stage`, whether it is applied or looked at.
pub(crate) fn check_view<'a>(at: &StagePlan<'_, 'a>, problems: &mut Collector<'a>) {
    let plan = at.plan;
    if at.stage == Stage::Promote && adds_no_capacity(plan) {
        problems.push(no_capacity(plan));
    }
    problems.extend(empty_subsets::check_subsets(at));
    if at.standing.canary.is_some() {
        problems.extend(check_pods(at).into_iter().collect());
        problems.extend(at.problems().to_vec());
        problems.extend(plan.canary_problems.clone());
        problems.extend(plan.step_hazards.at(at));
        problems.push(isolated_by(at));
    }
}

/// Reports matches that describe every request, which is a share of all of it.
pub(super) fn check_matches<'a>(rollout: &Rollout<'a>, step_index: usize) -> Vec<Problem<'a>> {
    let traffic = rollout.steps.get(step_index).map(|step| &step.traffic);
    let matches = traffic.into_iter().flat_map(|traffic| &traffic.matches);
    let all = matches.enumerate().filter(|(_, wanted)| wanted.describes_everything());
    let found = all.map(|(index, _)| {
        let part = Part::MatchOfStep { step: step_index, index };
        let message = "the match describes every request";
        let problem = rollout.problem(part, &MATCHES_EVERYTHING, message);
        let share = rollout.word(Part::ShareOfStep(step_index));
        problem.help(format!("name a header, a query parameter or a path, or use `{share}: 100%`"))
    });
    found.collect()
}

/// Checks that both versions are the ones that were meant.
pub(crate) fn check_versions<'a>(plan: &Plan<'_, 'a>, stage: Stage) -> Vec<Problem<'a>> {
    let mut problems = check_new_version(plan, stage);
    problems.extend(guard::check_released(plan, stage));
    problems
}

/// Checks that there is a new version to roll out, and that it is the one that was meant.
fn check_new_version<'a>(plan: &Plan<'_, 'a>, stage: Stage) -> Vec<Problem<'a>> {
    match stage {
        Stage::Stable => Vec::new(),
        Stage::Done if plan.rollout.nothing_new => vec![nothing_new(plan).into_warning()],
        _ if plan.rollout.nothing_new => vec![nothing_new(plan)],
        _ => guard::check_revision(plan, stage).into_iter().collect(),
    }
}

/// Reports a share of the requests that no canary pod answers.
fn check_pods<'a>(at: &StagePlan<'_, 'a>) -> Option<Problem<'a>> {
    let plan = at.plan;
    let scripted = plan.rollout.compat.is_some();
    let mut changes = at.routes.iter().filter_map(|route| route.change.as_ref());
    let directs = scripted || changes.any(|route| !route.changes.is_empty());
    if at.step()?.replicas.0 > 0 || !directs {
        return None;
    }
    let workload = &plan.rollout.workload.resource;
    let message = format!(
        "the canary of {} has no pods to answer the requests that the step sends to it",
        workload.called()
    );
    let path = FieldPath::of_keys(&["spec", "replicas"]);
    let problem = workload.problem_at(&path, &NO_CANARY_PODS, message);
    Some(problem.help("give the workload replicas, or say how many it has with `--replicas`"))
}

/// Reports an old version that is paused: it is written as it is, and would not bring the old pods back.
fn check_old_version<'a>(plan: &Plan<'_, 'a>, stage: Stage) -> Option<Problem<'a>> {
    let old = plan.rollout.old_workload.as_ref()?;
    let paused = old.resource.field(&["spec", "paused"])?;
    if paused.to_value() != serde_json::Value::Bool(true) {
        return None;
    }
    let message = format!("the old version of {} is paused", old.resource.called());
    let problem = paused.problem(&OLD_VERSION_PAUSED, message).help(
        "remove `paused` from what `--stable` or the RollStep gives; a controller may have set it",
    );
    match stage {
        Stage::Stable => Some(problem),
        Stage::Step(_) => Some(problem.into_warning()),
        Stage::Promote | Stage::Done => None,
    }
}

fn nothing_new<'a>(plan: &Plan<'_, 'a>) -> Problem<'a> {
    let workload = &plan.rollout.workload.resource;
    let message = format!("{} has the old template, so there is no new version", workload.called());
    workload
        .root()
        .problem(&NOTHING_TO_ROLL_OUT, message)
        .help("change the pod template, or give another old manifest with `--stable`")
}

fn adds_no_capacity(plan: &Plan<'_, '_>) -> bool {
    let last = plan.rollout.steps.last();
    // The controller lets the stable Service select the canary's pods as well.
    let rightly = plan.rollout.compat.is_none() && plan.rollout.traffic.is_some();
    rightly && last.is_some_and(|step| !step.traffic.directs())
}

fn no_stable_version<'a>(plan: &Plan<'_, 'a>) -> Problem<'a> {
    let workload = plan.rollout.workload.resource.called();
    let message =
        format!("stage `stable` is the old version of {workload}, which is not in the input");
    plan.rollout
        .resource
        .root()
        .problem(&NO_STABLE_VERSION, message)
        .help(match plan.rollout.roll_step {
            Some(_) => "give the old manifest with `--stable PATH`, or have `rollstep abort --stable PATH` put it into the RollStep",
            None => "give the old manifest with `--stable PATH`",
        })
}

fn stable_paused<'a>(plan: &Plan<'_, 'a>) -> Problem<'a> {
    let workload = &plan.rollout.workload.resource;
    let message = format!(
        "{} keeps the new template, paused: right on a cluster that runs the old version, \
         but a fresh one would start no stable pod",
        workload.called()
    );
    workload
        .root()
        .problem(&STABLE_PAUSED, message)
        .help("give the old manifest with `--stable PATH`, so that the result says all")
}

fn no_capacity<'a>(plan: &Plan<'_, 'a>) -> Problem<'a> {
    let message = "the last step directs no traffic, so the canary takes no load off the stable pods while they restart";
    let rollout = plan.rollout;
    let share = rollout.word(Part::ShareOfStep(rollout.steps.len().saturating_sub(1)));
    let problem = rollout.resource.root().problem(&ADDS_NO_CAPACITY, message);
    problem.help(format!("add `{share}` to the last step"))
}

fn isolated_by<'a>(at: &StagePlan<'_, 'a>) -> Problem<'a> {
    let plan = at.plan;
    let isolation = &plan.isolation;
    let label = |key: &String| {
        let value = isolation.pod_labels.get(key).map_or("", String::as_str);
        format!("`{key}: {value}`")
    };
    let workload = plan.rollout.workload.resource.called();
    let message = match &isolation.means {
        Means::PatchedLabels(keys) => {
            let labels: Vec<_> = keys.iter().map(label).collect();
            format!(
                "canary pods of {workload} carry {}, from {}",
                labels.join(", "),
                plan.rollout.word(Part::PodMetadata)
            )
        }
        Means::Relabelled(key) => {
            format!("canary pods of {workload} carry {} in place of the stable label", label(key))
        }
        Means::Subset(keys) => {
            let labels: Vec<_> = keys.iter().map(label).collect();
            let traffic = plan.rollout.traffic.as_ref();
            let service = traffic.map(|traffic| traffic.service.resource.called());
            format!(
                "canary pods of {workload} keep all labels and carry {}, by which subset `{CANARY_SUBSET}` selects them; {} selects the pods of both versions",
                labels.join(", "),
                service.unwrap_or_default()
            )
        }
        Means::Revision(pins) if at.standing.has_canary_service => {
            let key = pins.key;
            format!("the Services of {workload} select by the revision of their version, `{key}`")
        }
        Means::Revision(_) | Means::OwnLabel => {
            format!(
                "canary pods of {workload} keep all labels, and the Services select them as well"
            )
        }
    };
    Problem::new(&ISOLATED_BY, message)
}
