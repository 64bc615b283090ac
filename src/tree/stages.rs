//! The tree of one stage, and of all of them.

use super::{TreeFile, TreeShape, lay_out};
use crate::diagnostic::codes::{NO_STABLE_VERSION, STAGE_LEFT_OUT};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::StageName;
use crate::pipeline::{Input, Options, Purpose, RenderedStage, render_stage, render_stages};

/// A tree, and what is to be said of it.
#[derive(Debug, Clone)]
pub struct RenderedTree {
    /// The files; none where something is wrong.
    pub files: Option<Vec<TreeFile>>,
    /// Every problem found, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// Renders the stage that the options ask for, as files.
pub fn render_tree(input: &Input, options: &Options, shape: TreeShape) -> RenderedTree {
    let RenderedStage { documents, mut diagnostics } = render_stage(input, options, Purpose::Apply);
    let laid_out = documents.map(|documents| lay_out(&documents, shape));
    let files = match laid_out {
        Some(Ok(files)) => Some(files),
        Some(Err(problems)) => {
            diagnostics.splice(..0, problems);
            None
        }
        None => None,
    };
    RenderedTree { files, diagnostics }
}

/// Renders every stage, each as a folder of files: `0-stable`, `1-step` and so on to `N-done`.
///
/// The number is that of the step, with as many digits as the last needs, so that the names sort.
/// The stage `stable` is left out with a note where the old version is not known.
pub fn render_trees(input: &Input, options: &Options, shape: TreeShape) -> RenderedTree {
    let stages = render_stages(input, options, Purpose::Apply);
    let digits = stages.len().saturating_sub(1).to_string().len();
    let (mut files, mut problems, mut whole) = (Vec::new(), Vec::new(), true);
    for (index, (name, stage)) in stages.into_iter().enumerate() {
        if needs_stable(&stage) {
            problems.push(left_out(name));
            continue;
        }
        // A stage that would only be left out is not an error beside the others.
        problems.extend(stage.diagnostics.into_iter().filter(|one| *one.code != NO_STABLE_VERSION));
        let folder = format!("{index:0digits$}-{}", word(name));
        match stage.documents.map(|documents| lay_out(&documents, shape)) {
            Some(Ok(laid_out)) => files.extend(below(&folder, laid_out)),
            Some(Err(found)) => {
                problems.extend(found);
                whole = false;
            }
            None => whole = false,
        }
    }
    RenderedTree { files: whole.then_some(files), diagnostics: in_order(problems) }
}

fn below(folder: &str, files: Vec<TreeFile>) -> impl Iterator<Item = TreeFile> {
    files.into_iter().map(move |file| TreeFile { path: format!("{folder}/{}", file.path), ..file })
}

/// Returns whether nothing but the old version is missing.
fn needs_stable(stage: &RenderedStage<'_>) -> bool {
    let errors = stage.diagnostics.iter().filter(|problem| problem.severity == Severity::Error);
    stage.documents.is_none() && errors.into_iter().all(|error| *error.code == NO_STABLE_VERSION)
}

fn left_out(name: StageName) -> Diagnostic {
    let message = format!("the stage `{name}` is left out, since the old version is not known");
    Diagnostic::new(&STAGE_LEFT_OUT, message)
        .with_help("give the old manifest with `--stable PATH`")
}

fn word(name: StageName) -> &'static str {
    match name {
        StageName::Stable => "stable",
        StageName::Step(_) | StageName::Last => "step",
        StageName::Promote => "promote",
        StageName::Done => "done",
    }
}

/// Returns what several stages report, each once; errors come first, and no notes beside them.
fn in_order(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut said: Vec<Diagnostic> = Vec::new();
    for problem in problems {
        if !said.contains(&problem) {
            said.push(problem);
        }
    }
    said.sort_by_key(|problem| problem.severity);
    if said.first().is_some_and(|problem| problem.severity == Severity::Error) {
        said.retain(|problem| problem.severity != Severity::Note);
    }
    said
}
