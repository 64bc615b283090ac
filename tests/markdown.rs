//! What a parser of Markdown makes of plans and diffs, whatever is in the manifests.
//!
//! The parser is npm's markdown-it, fetched below `target/`; where it cannot be had, and this is no CI,
//! the test says so and is skipped.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]
#![allow(dead_code, reason = "the fixtures are read for more than this test")]

#[path = "fixture/case.rs"]
mod case;
#[path = "markdown/hostile.rs"]
mod hostile;
#[path = "plan/inputs.rs"]
mod inputs;
#[path = "fixture/node.rs"]
mod node;
#[path = "markdown/parsed.rs"]
mod parsed;
#[path = "fixture/skipped.rs"]
mod skipped;

use parsed::{Format, Text, judge};
use rollstep::escape;
use rollstep::review::diff::{Comment, Comparison, compare, to_markdown};
use rollstep::review::plan::{RolloutPlan, markdown};
use rollstep::{
    Input, Movement, Options, RenderedChange, RenderedDocument, RenderedStage, StageName,
    render_change, review,
};

/// The most bytes of a comment, where nothing else is said.
const MAX_LENGTH: usize = 65_000;

#[test]
fn plans_are_tables_and_folds_whatever_is_in_them() {
    let planned = [inputs::guide(), inputs::messy(), inputs::two_rollouts(), inputs::shop()];
    let recorded = planned.map(|(input, options)| review::plan(&input, &options));
    let fixtures = inputs::planned_fixtures().into_iter().map(|(_, outcome)| outcome);
    let outcomes = recorded.into_iter().chain(fixtures).chain(hostile::plans());
    let texts: Vec<_> = outcomes.filter_map(|one| one.rollouts).map(|one| plan(&one)).collect();
    assert!(texts.len() > 50);
    judge(&texts);
}

fn plan(rollouts: &[RolloutPlan]) -> Text {
    let changes = |plan: &&RolloutPlan| {
        let mut views = plan.stages.iter().filter_map(|stage| stage.view.as_ref().ok());
        views.any(|view| !view.objects.is_empty())
    };
    Text {
        text: markdown::to_markdown(rollouts),
        format: Format::Plan,
        tables: rollouts.len(),
        folds: rollouts.iter().filter(changes).count(),
        // Of each rollout, what is quoted must come out as it went in.
        codes: rollouts.iter().map(|plan| format!("{}/{}", plan.namespace, plan.name)).collect(),
    }
}

#[test]
fn diffs_are_comments_whatever_is_in_them() {
    let mut texts = Vec::new();
    for (input, options) in [inputs::guide(), inputs::messy(), inputs::shop()] {
        for step in ["1", "2", "last", "promote", "done"] {
            texts.extend(moved(&input, &options, step));
        }
    }
    assert!(texts.len() > 10);
    for (comparison, movements) in hostile::comparisons() {
        for max_length in [MAX_LENGTH, 3_000, 1_000] {
            texts.extend(diff(&comparison, &movements, max_length));
        }
    }
    assert!(texts.len() > 200);
    judge(&texts);
}

fn moved(input: &Input, options: &Options, step: &str) -> Option<Text> {
    let step = step.parse::<StageName>().unwrap();
    let options = Options { step: Some(step), ..options.clone() };
    let RenderedChange { movements, before, after } = render_change(input, &options, None);
    fn documents(stage: RenderedStage<'_>) -> Option<Vec<RenderedDocument<'_>>> {
        stage.documents
    }
    let comparison = compare(&documents(before)?, &documents(after)?).folded();
    diff(&comparison, &movements, MAX_LENGTH)
}

/// Returns a comment, if there is one so short.
fn diff(comparison: &Comparison, movements: &[Movement], max_length: usize) -> Option<Text> {
    let comment = Comment { movements, context: 3, max_length };
    let text = to_markdown(comparison, &comment).ok()?;
    let folds = text.matches("\n<details><summary>").count();
    let changes = comparison.changes.iter().take(folds);
    let codes = changes.map(|change| {
        let name = Some(change.key.name.as_str()).filter(|name| !name.is_empty());
        let name = name.unwrap_or("(without a name)");
        let name = escape::line(name);
        format!("{} {}/{name}", change.key.kind, change.key.namespace)
    });
    let codes = codes.filter(|code| code.chars().count() <= 300).collect();
    let tables = usize::from(text.contains("\n| | object | lines |\n"));
    Some(Text { text, format: Format::Diff, tables, folds, codes })
}
