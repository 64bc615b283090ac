//! The arguments, and what they mean to the library.

mod chosen;
mod color;
mod input;
mod rollout;
mod sent;
mod tree;

pub(crate) use chosen::ChosenArgs;
use clap::{Parser, Subcommand};
pub(crate) use color::ColorArgs;
pub(crate) use input::InputArgs;
pub(crate) use rollout::{
    RolloutArgs, find_code, parse_code, parse_name, parse_replicas, parse_step,
};
pub(crate) use sent::SentArgs;
pub(crate) use tree::TreeArgs;

use crate::commands::argocd::ArgocdArgs;
use crate::commands::check::CheckArgs;
use crate::commands::completion::CompletionArgs;
use crate::commands::diff::DiffArgs;
use crate::commands::explain::ExplainArgs;
use crate::commands::krm::KrmArgs;
use crate::commands::man::ManArgs;
use crate::commands::moves::{ApproveArgs, MoveArgs, StartArgs};
use crate::commands::plan::PlanArgs;
use crate::commands::render::RenderArgs;
use crate::commands::status::StatusArgs;

/// Renders, offline, what a progressive rollout looks like at each of its steps.
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    after_help = "Examples:
  rollstep plan -R -f manifests/                    all stages of what is there
  rollstep check -R -f manifests/                   all that is wrong with them
  rollstep render -f shop/ --stable old/ --step 1   what is to be applied at step 1"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it, for a moment")]
pub(crate) enum Command {
    Render(RenderArgs),
    Plan(PlanArgs),
    Diff(DiffArgs),
    Check(CheckArgs),
    Explain(ExplainArgs),
    Start(StartArgs),
    Approve(ApproveArgs),
    /// Put the new version into the stable pods, the canary still beside them.
    ///
    /// Follows the last step. Edits the line `step:` of the RollStep and nothing else.
    Promote(MoveArgs),
    /// End a rollout that is promoted: the new version alone.
    ///
    /// Edits the line `step:` of the RollStep, and records in `released` which version it releases.
    Finish(MoveArgs),
    /// Go back to the old version.
    ///
    /// Edits the line `step:` of the RollStep; with `--stable` it puts the old version into it as well, where
    /// the RollStep has none, and so could not be rendered by itself, or another one. At `stable` already,
    /// it changes nothing.
    Abort(MoveArgs),
    Status(StatusArgs),
    Krm(KrmArgs),
    Argocd(ArgocdArgs),
    Completion(CompletionArgs),
    #[command(hide = true)]
    Man(ManArgs),
}
