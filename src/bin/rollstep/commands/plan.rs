//! `rollstep plan`: all stages of the rollouts at a glance.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use rollstep::diagnostic::Severity;
use rollstep::review::plan::text::Look;
use rollstep::review::plan::{html, json, markdown, mermaid, text};

use crate::args::{ColorArgs, InputArgs, RolloutArgs};
use crate::output::{FAILED, show, told, write_text};
use crate::terminal;

/// Show all stages of the rollouts at a glance.
///
/// For each stage: the pods of both versions, the share of every rule that the canary gets, whether
/// its pods are enough for that, the pause, and the objects that are created, changed or removed. The
/// stage that a RollStep or `--step` asks for is marked; no step need be given, nor `--stable`.
///
/// Exit codes: 0 shown, 2 some stage cannot be rendered (the reasons are on standard error, and what
/// can be shown is).
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep plan -f shop/ --stable main/shop/
  rollstep plan -R -f manifests/ --rollout shop/web -o markdown")]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    rollout: RolloutArgs,

    /// Format of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    output: Output,

    #[command(flatten)]
    color: ColorArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    /// A table for a terminal
    Text,
    /// A table for a pull request
    Markdown,
    /// Everything, for machines
    Json,
    /// A diagram for a pull request, of at most 2,000 characters
    Mermaid,
    /// A page for a browser, with diffs
    Html,
}

pub(crate) fn run(args: PlanArgs) -> anyhow::Result<ExitCode> {
    args.rollout.check()?;
    let Some(input) = told(args.input.read_for_view()?) else { return Ok(ExitCode::from(FAILED)) };
    let (output, color) = (args.output, args.color);
    let outcome = rollstep::review::plan(&input, &args.rollout.into_options(args.input));
    show(&outcome.diagnostics);
    let failed = outcome.diagnostics.iter().any(|told| told.severity == Severity::Error);
    let code = ExitCode::from(if failed { FAILED } else { 0 });
    let Some(rollouts) = outcome.rollouts else { return Ok(code) };
    let text = match output {
        Output::Text => text::to_text(&rollouts, look(color)),
        Output::Markdown => markdown::to_markdown(&rollouts),
        Output::Json => json::to_json(&rollouts),
        Output::Mermaid => mermaid::to_mermaid(&rollouts),
        Output::Html => html::to_html(&rollouts),
    };
    write_text(&text).map(|()| code).context("cannot write the result")
}

fn look(color: ColorArgs) -> Look {
    Look {
        width: terminal::width().unwrap_or(Look::default().width),
        color: color.is_on(),
        blocks: terminal::draws_blocks(),
    }
}
