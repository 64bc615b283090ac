//! What `start` writes: the RollStep of a new release.
//!
//! It holds all that later stages need, so that nothing but the step changes until the release is
//! done: the old version byte for byte, what the new template is, and how the pods are told apart.

use std::path::Path;

use serde_json::{Value, json};

use super::change::edited;
use super::{Moving, is_recorded, may_capture};
use crate::diagnostic::codes::{NO_STABLE_VERSION, NOTHING_TO_ROLL_OUT, STEP_NOT_EDITABLE};
use crate::diagnostic::{Collector, Problem};
use crate::emit;
use crate::manifest::{FieldPath, Resource};
use crate::model::{Compat, Isolate, PIN, Rollout, StageName, chosen, new_roll_step};
use crate::pipeline::Options;
use crate::plan::{Means, Plan, Stage};
use crate::render::{Edit, apply};
use crate::source::Source;

/// The name of the file beside the Rollout.
const FILE: &str = "rollstep.yaml";

/// Returns the file of the RollStep, and its text at step 1.
pub(super) fn start<'a>(
    plan: &Plan<'_, 'a>,
    (options, moving, sources): (&Options, &Moving, &[Source]),
    problems: &mut Collector<'a>,
) -> Option<(String, String)> {
    let rollout = plan.rollout;
    let Some(old) = &rollout.old_workload else {
        problems.push(not_given(rollout));
        return None;
    };
    let stable = captured(&old.resource);
    let edits = decided(plan, options, &stable);
    if let Some(roll_step) = &rollout.roll_step {
        return edited(&roll_step.resource, &edits, problems);
    }
    let file = match file_beside(rollout, (moving, sources)) {
        Ok(file) => file,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let document = emit::to_yaml_whole(&apply(&new_roll_step(&rollout.resource), &edits));
    let there = sources.iter().find(|source| source.name() == file).map_or("", Source::text);
    match appended(there, &document) {
        Some(text) => Some((file, text)),
        None => {
            problems.push(holds_json(rollout, &file));
            None
        }
    }
}

/// Returns what a RollStep that was written by hand needs to render the old version by itself.
///
/// The revision is recorded with it, so that the old version of this release is never taken for that of
/// another one.
pub(super) fn way_back(rollout: &Rollout<'_>, plan: Option<&Plan<'_, '_>>) -> Vec<Edit> {
    let recorded = rollout.roll_step.as_ref().is_some_and(|one| one.revision.is_some());
    let revision = plan.filter(|_| !recorded).map(|plan| Value::from(plan.revision.as_str()));
    let stable = rollout.old_workload.as_ref().map(|old| Value::from(captured(&old.resource)));
    let fields = [("revision", revision), ("stable", stable)];
    fields.into_iter().filter_map(|(key, value)| Some(set(&[key], value?))).collect()
}

/// Tells of an old version that is the new one, and would ship it under the name of the old.
///
/// It is right where somebody took the template back in Git; not where the template is recorded as the one
/// that this release is for.
pub(super) fn doubt<'a>(
    rollout: &Rollout<'a>,
    plan: Option<&Plan<'_, 'a>>,
    problems: &mut Collector<'a>,
) {
    let old = rollout.old_workload.as_ref().filter(|_| may_capture(rollout));
    if old.is_none_or(|old| old.template() != rollout.workload.template()) {
        return;
    }
    let workload = &rollout.workload.resource;
    let message =
        format!("what `--stable` gives has the template that {} has now", workload.called());
    let problem = workload.root().problem(&NOTHING_TO_ROLL_OUT, message);
    problems.push(match plan.and_then(is_recorded) {
        Some(true) => problem.help("give the manifest of before this release"),
        Some(false) | None => problem
            .into_warning()
            .help("give the manifest of before this release, unless the template was taken back"),
    });
}

/// Returns the manifest as a render writes it.
fn captured(old: &Resource<'_>) -> String {
    old.text().map_or_else(|| emit::to_yaml(&old.to_value()), str::to_owned)
}

/// Returns what the RollStep is to say, the long text last.
fn decided(plan: &Plan<'_, '_>, options: &Options, stable: &str) -> Vec<Edit> {
    let mut edits = vec![
        set(&["step"], step_value(Stage::Step(0))),
        set(&["revision"], Value::from(plan.revision.as_str())),
    ];
    if let Some(isolation) = isolation(plan, options) {
        edits.push(isolation);
    }
    let replicas = chosen(&options.replicas, &plan.rollout.workload.resource.identity);
    edits.extend(replicas.map(|count| set(&["replicas"], Value::from(count))));
    if options.compat == Some(Compat::Kruise) {
        edits.push(set(&["compat"], Value::from("kruise")));
    }
    edits.push(set(&["stable"], Value::from(stable)));
    edits
}

/// What Git says already stays as it is written; a controller's way needs no words.
fn isolation(plan: &Plan<'_, '_>, options: &Options) -> Option<Edit> {
    let roll_step = plan.rollout.roll_step.as_ref();
    let said = roll_step.and_then(|roll_step| roll_step.isolate.as_ref());
    if plan.rollout.compat.is_some() {
        return None;
    }
    let planned = match &plan.isolation.means {
        Means::Relabelled(key) => Isolate::ByKey(key.clone()),
        Means::Revision(_) => Isolate::ByRevision,
        Means::PatchedLabels(_) | Means::Subset(_) | Means::OwnLabel => options.isolate.clone()?,
    };
    let value = match &planned {
        Isolate::ByKey(key) => json!({ "key": key }),
        Isolate::ByRevision => Value::from(PIN),
    };
    (said != Some(&planned)).then(|| set(&["isolation"], value))
}

/// Returns an edit of a field of `spec`.
pub(super) fn set(keys: &[&str], value: Value) -> Edit {
    let path = keys.iter().fold(FieldPath::of_keys(&["spec"]), |path, key| path.key(key));
    Edit::Set { path, value }
}

/// Returns a stage as the field `step` holds it.
pub(super) fn step_value(stage: Stage) -> Value {
    match StageName::from(stage) {
        StageName::Step(number) => Value::from(number),
        name => Value::from(name.to_string()),
    }
}

/// Returns the file that a new RollStep goes to, by the name of its source where it is one.
fn file_beside<'a>(
    rollout: &Rollout<'a>,
    (moving, sources): (&Moving, &[Source]),
) -> Result<String, Problem<'a>> {
    let file = match (&moving.file, rollout.resource.document.source().name()) {
        (Some(file), _) => file.clone(),
        (None, "-") => return Err(not_a_file(rollout)),
        (None, name) => Path::new(name).with_file_name(FILE).display().to_string(),
    };
    let plain = |name: &str| name.trim_start_matches("./").to_owned();
    let known = sources.iter().find(|source| plain(source.name()) == plain(&file));
    match known {
        Some(source) => Ok(source.name().to_owned()),
        None if is_yaml(&file) => Ok(file),
        None => Err(not_found_again(rollout, &file)),
    }
}

fn is_yaml(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Returns the text with one more document, in its own line endings; nothing for JSON.
fn appended(there: &str, document: &str) -> Option<String> {
    if there.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let newline = if there.contains("\r\n") { "\r\n" } else { "\n" };
    let document = document.replace('\n', newline);
    let comments = there.lines().all(|line| line.trim().is_empty() || line.starts_with('#'));
    let separator = if comments { String::new() } else { format!("---{newline}") };
    Some([there, &separator, &document].concat())
}

fn not_given<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let message = format!("the old version of {} is not given", rollout.workload.resource.called());
    rollout
        .resource
        .root()
        .problem(&NO_STABLE_VERSION, message)
        .help("give what runs today with `--stable PATH`, so that the RollStep holds the way back")
}

fn not_a_file<'a>(rollout: &Rollout<'a>) -> Problem<'a> {
    let message =
        format!("{} comes from standard input, beside which no file lies", rollout.called());
    let problem = rollout.resource.root().problem(&STEP_NOT_EDITABLE, message);
    problem.help("say where its RollStep is to be written with `--file PATH`")
}

fn not_found_again<'a>(rollout: &Rollout<'a>, file: &str) -> Problem<'a> {
    let message = format!("`{file}` would not be read as YAML of its folder");
    let problem = rollout.resource.root().problem(&STEP_NOT_EDITABLE, message);
    problem.help("name a file that ends in `.yaml` or `.yml` with `--file PATH`")
}

fn holds_json<'a>(rollout: &Rollout<'a>, file: &str) -> Problem<'a> {
    let message = format!("`{file}` holds JSON, to which no YAML document is added");
    let problem = rollout.resource.root().problem(&STEP_NOT_EDITABLE, message);
    problem.help("name another file with `--file PATH`")
}
