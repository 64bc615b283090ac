//! `rollstep start`, `approve`, `promote`, `finish`, `abort`: the step in Git, moved by one line.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use rollstep::escape;
use rollstep::{FileChange, Move, Moved, Moving, StageName};

use crate::args::{ChosenArgs, InputArgs};
use crate::output::{FAILED, show, told, write_text};
use crate::replace::replace_all;

/// A move of one rollout, or of all.
#[derive(Debug, Parser)]
#[command(mut_arg("filter", |arg| arg.hide(true)))]
pub(crate) struct MoveArgs {
    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    chosen: ChosenArgs,

    /// Move every rollout that stands where the move begins
    #[arg(long, conflicts_with = "rollout", help_heading = "Rollout")]
    all: bool,

    /// Show the edit as a diff, and write nothing
    #[arg(long, help_heading = "Output")]
    dry_run: bool,

    /// Print a commit message in place of what is next
    #[arg(long, help_heading = "Output")]
    message: bool,
}

/// Start a rollout: write its RollStep at step 1.
///
/// The RollStep holds the old version of the workload, as `--stable` gives it, the revision of the
/// new template, and how the pods are told apart. A finished RollStep is renewed where it lies.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep start -f shop/ --stable live/shop/
  rollstep start -f shop/ --rollout web --stable live/shop/ --file shop/steps.yaml --dry-run")]
pub(crate) struct StartArgs {
    #[command(flatten)]
    moving: MoveArgs,

    /// File for the RollStep; `rollstep.yaml` beside the Rollout, where none is given
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    file: Option<String>,

    /// Start anew a rollout that is under way
    #[arg(long, help_heading = "Rollout")]
    restart: bool,
}

/// Go on to the next stage.
///
/// From the last step on to `promote`, and from there to `done`. Edits the line `step:` of the
/// RollStep and nothing else.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep approve -f shop/
  git commit -am \"$(rollstep approve -f shop/ --rollout web --message)\"")]
pub(crate) struct ApproveArgs {
    #[command(flatten)]
    moving: MoveArgs,

    /// Step to go to, in place of the next one
    #[arg(long, value_name = "STEP", help_heading = "Rollout")]
    to: Option<StageName>,
}

pub(crate) fn start(args: StartArgs) -> anyhow::Result<ExitCode> {
    let StartArgs { moving, file, restart } = args;
    let to = Moving { to: Move::Start, all: moving.all, file, restart };
    make(moving, &to)
}

pub(crate) fn approve(args: ApproveArgs) -> anyhow::Result<ExitCode> {
    run(args.moving, args.to.map_or(Move::Approve, Move::ApproveTo))
}

pub(crate) fn run(args: MoveArgs, to: Move) -> anyhow::Result<ExitCode> {
    let moving = Moving { to, all: args.all, file: None, restart: false };
    make(args, &moving)
}

fn make(args: MoveArgs, moving: &Moving) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!args.input.filter, "a move edits files, so `--filter` means nothing to it");
    let Some(input) = told(args.input.read_for_view()?) else { return Ok(ExitCode::from(FAILED)) };
    let options = args.chosen.into_options(args.input);
    let moves = rollstep::move_steps(&input, &options, moving);
    show(&moves.diagnostics);
    let Some(files) = moves.files else { return Ok(ExitCode::from(FAILED)) };
    if !args.dry_run {
        replace_all(&files)?;
    }
    let said = match (args.message, args.dry_run) {
        (true, _) => {
            moves.moved.iter().map(|moved| moved.message.clone()).collect::<Vec<_>>().join("\n")
        }
        (false, true) => files.iter().map(FileChange::to_diff).collect(),
        (false, false) => moves.moved.iter().map(sentence).collect(),
    };
    write_text(&said).map(|()| ExitCode::SUCCESS).context("cannot write what was done")
}

fn sentence(moved: &Moved) -> String {
    format!("{} ({})\n", moved.sentence, escape::line(&moved.file))
}
