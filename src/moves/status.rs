//! The stage of each rollout of a tree, by what Git says.
//!
//! Says what Git says, and nothing of a cluster.

use serde_json::{Value, json};

use super::row::row;
use super::{decisions, has_captured, is_recorded, stage_of, words};
use crate::diagnostic::{Collector, Diagnostic};
use crate::escape;
use crate::model::{self, ObjectName, Rollout, StageName, no_rollout, read_autoscalers};
use crate::pipeline::{Input, Options, Reading, disabled_in_mid_rollout};
use crate::plan::{self, Plan, Selecting, Surroundings};
use crate::rollout::Stage;

/// Where the rollouts stand.
#[derive(Debug, Clone)]
pub struct Statuses {
    /// Each rollout that can be read, in the order of the input.
    pub rollouts: Vec<Standing>,
    /// Every problem found, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where a rollout stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which one.
    pub rollout: ObjectName,
    /// The stage; none, where no RollStep says one that the rollout has.
    pub stage: Option<StageName>,
    /// How many steps it has.
    pub steps: usize,
    /// What the stage means, in a few words.
    pub meaning: String,
    /// Where the old version is.
    pub old_version: OldVersion,
    /// Whether the template is the one that the rollout was started for.
    pub template: Template,
    /// The file that holds the RollStep, if there is one.
    pub file: Option<String>,
}

/// Where the old version of a workload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldVersion {
    /// In the RollStep.
    Captured,
    /// In what `--stable` gives.
    Given,
    /// Nowhere in the input.
    Absent,
}

/// Whether the template is the one that a rollout was started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// It is.
    Recorded,
    /// It is another one.
    Changed,
    /// No RollStep records one.
    Unrecorded,
}

impl OldVersion {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Given => "given",
            Self::Absent => "absent",
        }
    }
}

impl Template {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Changed => "changed",
            Self::Unrecorded => "unrecorded",
        }
    }
}

/// Returns where each rollout of `input` stands.
pub fn status(input: &Input, options: &Options) -> Statuses {
    let reading = Reading::of(input, options.namespace());
    let mut problems = Collector::new(options.allow.clone());
    problems.append(reading.problems.clone());
    let rollouts = model::read_rollouts(reading.sources(), options.wishes(), &mut problems);
    let ignored = model::ignored(&reading.manifest).next().is_some();
    if rollouts.is_empty() && !ignored && !problems.has_errors() {
        problems.push(no_rollout());
    }
    let own: Vec<_> = rollouts.iter().filter(|rollout| !rollout.companion).collect();
    let autoscalers = read_autoscalers(&reading.manifest, &own);
    let mid_rollout = own.iter().filter_map(|one| disabled_in_mid_rollout(one, options));
    problems.extend(mid_rollout.collect());
    let surroundings = Surroundings {
        sources: reading.sources(),
        autoscalers: &autoscalers,
        selecting: &Selecting::of(&reading.manifest, &own),
    };
    // What says the step may be what could not be read.
    let otherwise =
        if problems.has_errors() { "unknown, since there are errors" } else { "not started" };
    let standing = |rollout: &&Rollout<'_>| {
        // What is wrong with a stage belongs to a render of it.
        let mut ignored = Collector::default();
        let plan = plan::plan(rollout, surroundings, &decisions(options), &mut ignored);
        standing(rollout, plan.as_ref(), (input, otherwise))
    };
    let rollouts = own.iter().map(standing).collect();
    Statuses { rollouts, diagnostics: problems.into_diagnostics() }
}

fn standing(
    rollout: &Rollout<'_>,
    plan: Option<&Plan<'_, '_>>,
    (input, otherwise): (&Input, &str),
) -> Standing {
    let identity = &rollout.resource.identity;
    let stage = if rollout.disabled { Some(Stage::Done) } else { stage_of(rollout) };
    let roll_step = rollout.roll_step.as_ref();
    Standing {
        rollout: ObjectName::of(identity),
        stage: stage.map(StageName::from),
        steps: rollout.steps.len(),
        meaning: meaning(rollout, (stage, plan), otherwise),
        old_version: match (
            has_captured(rollout),
            input.stable().is_some() && rollout.old_workload.is_some(),
        ) {
            (_, true) => OldVersion::Given,
            (true, false) => OldVersion::Captured,
            (false, false) => OldVersion::Absent,
        },
        template: match plan.and_then(is_recorded) {
            Some(true) => Template::Recorded,
            Some(false) => Template::Changed,
            None => Template::Unrecorded,
        },
        file: roll_step.map(|one| one.resource.document.source().name().to_owned()),
    }
}

fn meaning(
    rollout: &Rollout<'_>,
    (stage, plan): (Option<Stage>, Option<&Plan<'_, '_>>),
    otherwise: &str,
) -> String {
    let step = rollout.roll_step.as_ref().and_then(|roll_step| roll_step.step);
    match (stage, step, plan) {
        _ if rollout.disabled => "disabled: the new version alone".to_owned(),
        (Some(stage), _, Some(plan)) => words::meaning(&row(plan, stage)),
        (Some(_), _, None) => "cannot be planned; render it to see why".to_owned(),
        (None, Some(step), _) => format!("there is no step {step}"),
        (None, None, _) => otherwise.to_owned(),
    }
}

impl Standing {
    /// Returns the stage as `2 of 4`, or by its name.
    fn place(&self) -> String {
        match self.stage {
            Some(StageName::Step(number)) => format!("{number} of {}", self.steps),
            Some(name) => name.to_string(),
            None => "-".to_owned(),
        }
    }

    fn cells(&self) -> [String; 5] {
        [
            self.rollout.to_string(),
            self.place(),
            self.meaning.clone(),
            self.old_version.as_str().to_owned(),
            self.template.as_str().to_owned(),
        ]
    }

    fn to_value(&self) -> Value {
        json!({
            "namespace": self.rollout.namespace,
            "name": self.rollout.name,
            "stage": self.stage.map(|stage| stage.to_string()),
            "steps": self.steps,
            "meaning": self.meaning,
            "oldVersion": self.old_version.as_str(),
            "template": self.template.as_str(),
            "file": self.file,
        })
    }
}

impl Statuses {
    /// Returns a table for a person.
    pub fn to_text(&self) -> String {
        let head = ["ROLLOUT", "STEP", "MEANING", "OLD VERSION", "TEMPLATE"].map(str::to_owned);
        let plain = |cell: String| escape::line(&cell).into_owned();
        let cells = self.rollouts.iter().map(|standing| standing.cells().map(plain));
        let rows: Vec<_> = std::iter::once(head).chain(cells).collect();
        let mut widths = [0; 5];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let line = |row: &[String; 5]| {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        escape::lines(&rows.iter().map(line).collect::<String>())
    }

    /// Returns the same for a program.
    pub fn to_json(&self) -> String {
        let rollouts: Vec<_> = self.rollouts.iter().map(Standing::to_value).collect();
        escape::json(&json!({ "rollouts": rollouts }))
    }
}
