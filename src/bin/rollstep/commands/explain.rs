//! `rollstep explain`: where a request goes at a stage.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use rollstep::StageName;
use rollstep::escape;
use rollstep::explain::{Explained, Explanation, explain, explain_stages, percent};
use serde_json::{Value, json};

use crate::args::{InputArgs, RolloutArgs, SentArgs};
use crate::output::{FAILED, show, told, write_text};

/// Say where a request goes at one step.
///
/// Renders the step, applies the VirtualServices of the result to the request as Istio and Envoy do,
/// and says which rule takes it, where that rule is written, and the exact share of each destination.
/// Nothing is sent. Without `--gateway`, `--source-namespace` and `--source-label` the request comes
/// through the first gateway of the VirtualService, or from a client in its namespace.
///
/// Exit codes: 0 answered, 2 not answered (the reasons are on standard error).
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep explain -f shop/ --step 2 -H 'x-canary: true' http://web.shop/cart
  rollstep explain -f shop/ --all-steps https://shop.example.com/cart")]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    sent: SentArgs,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    rollout: RolloutArgs,

    /// Say why the rules before it did not match
    #[arg(long, conflicts_with = "all_steps", help_heading = "Output")]
    why: bool,

    /// Show the canary's share of the request at every stage
    #[arg(long, conflicts_with = "step", help_heading = "Output")]
    all_steps: bool,

    /// Format of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Text,
    Json,
}

pub(crate) fn run(args: ExplainArgs) -> anyhow::Result<ExitCode> {
    args.rollout.check()?;
    let (sent, caller) = args.sent.read(args.input.namespace.as_deref())?;
    let Some(input) = told(args.input.read_for_view()?) else { return Ok(ExitCode::from(FAILED)) };
    let (all_steps, why, output) = (args.all_steps, args.why, args.output);
    let options = args.rollout.into_options(args.input);
    let text = if all_steps {
        to_table(explain_stages(&input, &options, (&sent, &caller)), output)?
    } else {
        let explained = explain(&input, &options, (&sent, &caller));
        answered(explained)?.map(|explanation| match output {
            Output::Text if why => explanation.to_text() + &explanation.why_text(),
            Output::Text => explanation.to_text(),
            Output::Json => escape::json(&explanation.to_json()),
        })
    };
    match text {
        Some(text) => {
            write_text(&text).map(|()| ExitCode::SUCCESS).context("cannot write the result")
        }
        None => Ok(ExitCode::from(FAILED)),
    }
}

/// Shows what is to be said of the stage, and returns the answer if there is one.
fn answered(explained: Explained) -> anyhow::Result<Option<Explanation>> {
    show(&explained.diagnostics);
    Ok(explained.answer.transpose()?)
}

/// Returns a line for each stage, if all of them can be answered.
fn to_table(stages: Vec<(StageName, Explained)>, output: Output) -> anyhow::Result<Option<String>> {
    let mut answers = Vec::new();
    let mut failed = false;
    for (stage, Explained { answer, diagnostics }) in stages {
        match answer.transpose()? {
            Some(answer) => answers.push((stage.to_string(), answer)),
            // What stands in the way of all stages is said once.
            None if !failed => {
                show(&diagnostics);
                failed = true;
            }
            None => {}
        }
    }
    let table = match output {
        Output::Json => {
            let stages = answers
                .iter()
                .map(|(stage, answer)| json!({"stage": stage, "explanation": answer.to_json()}));
            escape::json(&Value::Array(stages.collect()))
        }
        Output::Text => {
            let canary = |answer: &Explanation| percent(answer.canary);
            let width = answers.iter().map(|(_, answer)| canary(answer).len()).max().unwrap_or(0);
            let width = width.max("canary".len());
            let line = |stage: &str, canary: &str, rule: &str| {
                format!("{stage:7}  {canary:>width$}  {rule}\n")
            };
            let lines = answers
                .iter()
                .map(|(stage, answer)| line(stage, &canary(answer), &answer.answer_text()));
            line("stage", "canary", "rule") + &lines.collect::<String>()
        }
    };
    Ok((!failed).then_some(table))
}
