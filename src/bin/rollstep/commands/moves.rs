//! `rollstep start`, `approve`, `promote`, `finish`, `abort`: the step in Git, moved by one line.

mod beside;

use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
pub(crate) use beside::KUSTOMIZATIONS;
use clap::Parser;
use rollstep::escape;
use rollstep::{FileChange, Move, Moved, Moves, Moving, StageName};

use crate::args::{ChosenArgs, InputArgs};
use crate::output::{FAILED, show, told, write_text};
use crate::replace::{Written, replace_all};

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

    /// File of the RollStep, where the manifests come from standard input; of a RollStep that is not there
    /// yet, `rollstep.yaml` beside the Rollout, where none is given
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    file: Option<String>,

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
  rollstep start -f shop/ --stable git:HEAD~1
  rollstep start -f shop/ --rollout web --stable live/shop/ --file shop/steps.yaml --dry-run
  kubectl kustomize web/ | rollstep start -f - --stable old.yaml --file web/rollstep.yaml")]
pub(crate) struct StartArgs {
    #[command(flatten)]
    moving: MoveArgs,

    /// Start anew, from step 1 on, a rollout that is under way: after the template has changed in the
    /// middle of it. The old version is that of the RollStep, unless `--stable` gives it

    #[arg(long, help_heading = "Rollout")]
    restart: bool,
}

/// Go on to the next stage.
///
/// From the last step on to `promote`, and from there to `done`. Edits the line `step:` of the
/// RollStep; the move to `done` also records which version it releases.
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

/// How often a move is made anew because another one was quicker.
const MAX_TRIES: usize = 1000;

pub(crate) fn start(args: &StartArgs) -> anyhow::Result<ExitCode> {
    make(&args.moving, Move::Start, args.restart)
}

pub(crate) fn approve(args: &ApproveArgs) -> anyhow::Result<ExitCode> {
    run(&args.moving, args.to.map_or(Move::Approve, Move::ApproveTo))
}

pub(crate) fn run(args: &MoveArgs, to: Move) -> anyhow::Result<ExitCode> {
    make(args, to, false)
}

/// Makes the move of what is read; where a file has changed by the time it is written, of what is there
/// then.
fn make(args: &MoveArgs, to: Move, restart: bool) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!args.input.filter, "a move edits files, so `--filter` means nothing to it");
    let mut appeared = None;
    for _ in 0..MAX_TRIES {
        let Some(input) = told(args.input.read_for_view()?) else {
            return Ok(ExitCode::from(FAILED));
        };
        let beside = beside::read(&input, &args.input.paths(), args.file.as_deref())?;
        let Some(beside) = told(beside) else {
            return Ok(ExitCode::from(FAILED));
        };
        let moving = Moving { to, all: args.all, file: args.file.clone(), restart, beside };
        let options = args.chosen.clone().into_options(args.input.clone());
        let moves = rollstep::move_steps(&input, &options, &moving);
        let Some(files) = &moves.files else {
            show(&moves.diagnostics);
            return Ok(ExitCode::from(FAILED));
        };
        let written = if args.dry_run { Written::All } else { replace_all(files)? };
        match written {
            Written::All => {
                show(&moves.diagnostics);
                return say(args, &moves, files);
            }
            Written::Changed(name) if args.input.reads_stdin() => {
                bail!("{name} has changed since standard input was made of it; nothing was written")
            }
            Written::Changed(_) => {}
            Written::Appeared(name) => {
                // It was read again, and is still not seen.
                ensure!(
                    appeared.as_ref() != Some(&name),
                    "{name} is there and not among the manifests; name it with -f, or another with --file"
                );
                appeared = Some(name);
            }
        }
    }
    bail!("the files change all the time; nothing was written")
}

fn say(args: &MoveArgs, moves: &Moves, files: &[FileChange]) -> anyhow::Result<ExitCode> {
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
