//! `rollstep status`: where each rollout of a tree stands.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use rollstep::diagnostic::Severity;

use crate::args::{ChosenArgs, InputArgs};
use crate::output::{FAILED, show, told, write_text};

/// Show where each rollout stands.
///
/// Says what Git says: the step, what it means, whether the old version is captured, and whether the
/// template is the one that the rollout was started for.
#[derive(Debug, Parser)]
#[command(
    mut_arg("filter", |arg| arg.hide(true)),
    after_help = "Examples:
  rollstep status -R -f shop/
  rollstep status -R -f shop/ -o json"
)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    chosen: ChosenArgs,

    /// Format of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    output: Output,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Text,
    Json,
}

pub(crate) fn run(args: StatusArgs) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!args.input.filter, "a status passes nothing through; name `-f -`");
    let Some(input) = told(args.input.read_for_view()?) else { return Ok(ExitCode::from(FAILED)) };
    let statuses = rollstep::status(&input, &args.chosen.into_options(args.input));
    let errors = statuses.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    let failed = errors.count() > 0;
    if failed {
        show(&statuses.diagnostics);
    }
    let text = match args.output {
        Output::Text => statuses.to_text(),
        Output::Json => statuses.to_json(),
    };
    // What is printed must be right; a script reads it without a look at the errors.
    if !failed && !statuses.rollouts.is_empty() {
        write_text(&text).context("cannot write the result")?;
    }
    Ok(if failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}
