//! The RollStep of a new release, which `start` writes.
//!
//! It holds all that later stages need, so that nothing but the step changes until the release is
//! done: the old version byte for byte, what the new template is, and which label keeps the pods apart.

use std::path::Path;

use serde_json::{Value, json};

use super::files::{Files, NewDocument, STREAM};
use super::{Moving, flags, kustomization};
use crate::diagnostic::codes::{NO_STABLE_VERSION, STEP_NOT_EDITABLE};
use crate::diagnostic::{Collector, Problem};
use crate::emit;
use crate::manifest::{FieldPath, Resource};
use crate::model::{
    Compat, Isolate, PIN, Placement, Rollout, StageName, Workload, chosen, new_roll_step,
};
use crate::pipeline::Options;
use crate::plan::{Means, Plan, revision};
use crate::render::{Edit, apply};
use crate::rollout::Stage;

/// The name of the file beside the Rollout.
const FILE: &str = "rollstep.yaml";

/// The RollStep of a release that starts.
pub(super) struct RollStepDocument<'d, 'a> {
    pub(super) plan: &'d Plan<'d, 'a>,
    pub(super) options: &'d Options,
    pub(super) moving: &'d Moving,
}

impl<'a> RollStepDocument<'_, 'a> {
    /// Returns the file of the RollStep, and all files with the RollStep at step 1.
    pub(super) fn write(
        &self,
        files: &'a Files,
        problems: &mut Collector<'a>,
    ) -> Option<(String, Files)> {
        let Self { plan, options, moving } = self;
        let rollout = plan.rollout;
        let file = match file_beside(rollout, moving, files) {
            Ok(file) => file,
            Err(problem) => {
                problems.push(problem);
                return None;
            }
        };
        let Some(old) = &rollout.old_workload else {
            problems.push(not_given(rollout));
            return None;
        };
        let edits = decided(plan, options, old);
        if let Some(roll_step) = &rollout.roll_step {
            return files.with_edits(&roll_step.resource, &edits, moving, problems);
        }
        let kustomization = kustomization::beside(&moving.beside, &file);
        let built = match kustomization {
            Some(_) => new_roll_step(&rollout.resource, Placement::Kustomization),
            None => new_roll_step(&rollout.resource, Placement::File),
        };
        let mut of_file = built.clone();
        if let (Some(kustomization), Some(name)) =
            (kustomization, of_file.pointer_mut("/metadata/name"))
        {
            let inner =
                kustomization::without_affixes(kustomization, name.as_str().unwrap_or_default());
            *name = Value::from(inner);
        }
        let [of_file, built] =
            [of_file, built].map(|value| emit::to_yaml_whole(&apply(&value, &edits)));
        let files = files.with_document(&file, &NewDocument { of_file, built }, problems)?;
        Some((file, files))
    }
}

/// Returns the manifest as a render writes it.
pub(super) fn captured_text(old: &Resource<'_>) -> String {
    old.text().map_or_else(|| emit::to_yaml(&old.to_value()), str::to_owned)
}

/// Returns what the RollStep is to say, the long text last.
fn decided(plan: &Plan<'_, '_>, options: &Options, old: &Workload<'_>) -> Vec<Edit> {
    let mut edits = vec![
        set(&["step"], step_value(Stage::Step(0))),
        set(&["revision"], Value::from(plan.revision.as_str())),
        set(&["released"], Value::from(revision(old))),
    ];
    if let Some(isolation) = isolation(plan, options) {
        edits.push(isolation);
    }
    let replicas = chosen(&options.replicas, &plan.rollout.workload.resource.identity);
    edits.extend(replicas.map(|count| set(&["replicas"], Value::from(count))));
    if options.compat == Some(Compat::Kruise) {
        edits.push(set(&["compat"], Value::from("kruise")));
    }
    edits.extend(flags::allowed(plan.rollout.roll_step.as_ref(), options));
    edits.push(set(&["stable"], Value::from(captured_text(&old.resource))));
    edits
}

/// Returns the edit of the isolation. What Git says already stays as it is written, and a controller's way
/// needs none.
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
    moving: &Moving,
    files: &Files,
) -> Result<String, Problem<'a>> {
    let file = match (&moving.file, rollout.resource.document.source().name()) {
        (Some(file), _) => file.clone(),
        (None, STREAM) => return Err(not_a_file(rollout)),
        (None, name) => Path::new(name).with_file_name(FILE).display().to_string(),
    };
    match files.find(&file) {
        Some(source) => Ok(source.name().to_owned()),
        None if is_yaml(&file) => Ok(file),
        None => Err(not_found_again(rollout, &file)),
    }
}

fn is_yaml(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
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
