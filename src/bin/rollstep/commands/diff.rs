//! `rollstep diff`: what a step changes, or what a change of the source does.

mod directories;
mod format;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
pub(crate) use directories::in_order;
use format::FormatArgs;
use rollstep::review::diff::{Comparison, Labels, compare};
use rollstep::{Movement, Options, RenderedChange, StageName, render_beside, render_change};

use crate::args::{InputArgs, RolloutArgs};
use crate::output::{ANSWER_IS_NO, FAILED, show, told, write_text};

/// Show what a step changes.
///
/// Compares the stage that `--step`, `--to` or a RollStep says with the one before it, or with that of
/// `--from`; with `--base`, the render of another tree with that of this one, each at its own step.
/// Objects are matched by group, kind, namespace and name. Values of Secrets are masked.
///
/// Exit codes: 0 nothing differs, 1 something does, 2 failed (the reasons are on standard error).
#[derive(Debug, Parser)]
#[command(
    mut_arg("filename", |arg| arg.required_unless_present_any(["filter", "directories"])),
    after_help = "Examples:
  rollstep diff -f shop/ --step 2
  rollstep diff -f shop/ --from stable --to last --stat
  rollstep diff --base main/shop/ -f shop/ -o markdown
  KUBECTL_EXTERNAL_DIFF='rollstep diff' kubectl diff -f shop/"
)]
pub(crate) struct DiffArgs {
    /// Two directories to compare object by object, as kubectl gives them to an external diff
    #[arg(
        value_name = "DIRECTORY",
        num_args = 2,
        conflicts_with_all = ["filename", "filter", "base", "from", "to", "step"]
    )]
    directories: Vec<PathBuf>,

    #[command(flatten)]
    input: InputArgs,

    /// Stage to compare with; the one before, where none is named
    #[arg(long, value_name = "STAGE", help_heading = "Comparison")]
    from: Option<StageName>,

    /// Stage to show; as `--step`
    #[arg(long, value_name = "STAGE", conflicts_with = "step", help_heading = "Comparison")]
    to: Option<StageName>,

    /// File or directory with another form of the manifests, such as the main branch, to compare with; or
    /// `git:REV` for the paths of `-f` at that revision
    #[arg(long, value_name = "PATH", conflicts_with_all = ["from", "to"], help_heading = "Comparison")]
    base: Option<String>,

    #[command(flatten)]
    rollout: RolloutArgs,

    #[command(flatten)]
    format: FormatArgs,
}

/// What differs between two results, and what is known of them.
struct Compared {
    movements: Vec<Movement>,
    labels: Labels,
    comparison: Comparison,
}

pub(crate) fn run(args: DiffArgs) -> anyhow::Result<ExitCode> {
    args.rollout.check()?;
    let format = args.format.clone();
    let Some(compared) = args.compare()? else { return Ok(ExitCode::from(FAILED)) };
    let Compared { movements, labels, comparison } = compared;
    let different = !comparison.is_empty();
    let text = format.write(comparison, &labels, &movements)?;
    write_text(&text).context("cannot write the result")?;
    Ok(if different { ExitCode::from(ANSWER_IS_NO) } else { ExitCode::SUCCESS })
}

impl DiffArgs {
    /// Compares both sides; nothing where the reason was reported.
    fn compare(self) -> anyhow::Result<Option<Compared>> {
        let namespace = self.input.namespace.as_deref().unwrap_or("default");
        if let [before, after] = self.directories.as_slice() {
            return directories::compare(before, after, namespace);
        }
        let Some(input) = told(self.input.read_for_view()?) else { return Ok(None) };
        let base = match &self.base {
            None => None,
            Some(path) => match told(self.input.read_base(path)?) {
                None => return Ok(None),
                base => base,
            },
        };
        let from = self.from;
        let options = self.into_options();
        let change = match &base {
            Some(base) => render_beside(base, &input, &options),
            None => render_change(&input, &options, from),
        };
        ensure_movement(&change, from.is_some() || base.is_some())?;
        Ok(of_change(change, base.is_some()))
    }

    fn into_options(self) -> Options {
        let options = self.rollout.into_options(self.input);
        Options { step: self.to.or(options.step), ..options }
    }
}

/// Refuses `stable`, which no stage comes before: an empty diff would look like an answer.
fn ensure_movement(change: &RenderedChange<'_>, is_said: bool) -> anyhow::Result<()> {
    let stays = |movement: &Movement| movement.before == movement.after;
    let nowhere = !change.movements.is_empty() && change.movements.iter().all(stays);
    anyhow::ensure!(
        is_said || !nowhere,
        "no stage comes before `stable`; say what it is compared with, as in `--from 1`"
    );
    Ok(())
}

/// Shows what is to be said, and compares both sides where both were rendered.
///
/// Warnings of the side before were told when it was the one after.
fn of_change(change: RenderedChange<'_>, has_base: bool) -> Option<Compared> {
    let RenderedChange { movements, before, after } = change;
    show(&after.diagnostics);
    if before.documents.is_none() && before.diagnostics != after.diagnostics {
        show(&before.diagnostics);
    }
    let labels = if has_base {
        Labels { before: "base".to_owned(), after: "this tree".to_owned() }
    } else {
        Labels::of(&movements)
    };
    let comparison = compare(&before.documents?, &after.documents?);
    Some(Compared { movements, labels, comparison })
}
