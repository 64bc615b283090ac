//! The arguments, and what they mean to the library.

mod color;
mod input;
mod rollout;
mod sent;
mod tree;

use clap::{Parser, Subcommand};
pub(crate) use color::ColorArgs;
pub(crate) use input::InputArgs;
pub(crate) use rollout::{RolloutArgs, find_code};
pub(crate) use sent::SentArgs;
pub(crate) use tree::TreeArgs;

use crate::commands::check::CheckArgs;
use crate::commands::diff::DiffArgs;
use crate::commands::explain::ExplainArgs;
use crate::commands::krm::KrmArgs;
use crate::commands::plan::PlanArgs;
use crate::commands::render::RenderArgs;

/// Renders, offline, what a progressive rollout looks like at each of its steps.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it, for a moment")]
pub(crate) enum Command {
    Render(RenderArgs),
    Explain(ExplainArgs),
    Check(CheckArgs),
    Diff(DiffArgs),
    Krm(KrmArgs),
    Plan(PlanArgs),
}
