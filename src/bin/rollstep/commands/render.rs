//! `rollstep render`: the manifests of a stage.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use rollstep::{Format, Only, Options};

use crate::args::{InputArgs, RolloutArgs};
use crate::output::{FAILED, show, write_all};

/// Write the manifests of one step.
///
/// Reads Deployment, Service, VirtualService and Rollout, and writes what is to be applied at the
/// step: the canary Deployment and Service, the rewritten VirtualService, the stable Deployment as
/// it must be meanwhile, and every other document byte for byte.
///
/// Exit codes: 0 written, 2 not written (the reasons are on standard error).
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep render -f shop/ --stable main/shop/ --step 1 | kubectl apply -f -
  rollstep render -f shop/ --step done -o json")]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    rollout: RolloutArgs,

    /// Part of the result to write
    #[arg(long, value_name = "PART", help_heading = "Output")]
    only: Option<Part>,

    /// Write the Rollout as well
    #[arg(long, help_heading = "Output")]
    keep_rollout: bool,

    /// Format of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml", help_heading = "Output")]
    output: Output,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Part {
    /// All but the routing objects
    Workloads,
    /// The routing objects
    Routing,
    /// What some stage changes or adds
    Changed,
    /// What some other stage has and this one lacks, for `kubectl delete -f -`
    Removed,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Yaml,
    Json,
}

pub(crate) fn run(args: RenderArgs) -> anyhow::Result<ExitCode> {
    args.rollout.check()?;
    let input = match args.input.read()? {
        Ok(input) => input,
        Err(diagnostics) => {
            show(&diagnostics);
            return Ok(ExitCode::from(FAILED));
        }
    };
    let outcome = rollstep::render(&input, &args.into_options());
    show(&outcome.diagnostics);
    match outcome.parts {
        Some(parts) => {
            write_all(&parts).map(|()| ExitCode::SUCCESS).context("cannot write the result")
        }
        None => Ok(ExitCode::from(FAILED)),
    }
}

impl RenderArgs {
    fn into_options(self) -> Options {
        Options {
            filter: self.input.filter,
            namespace: self.input.namespace,
            only: match self.only {
                None => Only::Everything,
                Some(Part::Workloads) => Only::Workloads,
                Some(Part::Routing) => Only::Routing,
                Some(Part::Changed) => Only::Changed,
                Some(Part::Removed) => Only::Removed,
            },
            keep_rollout: self.keep_rollout,
            format: match self.output {
                Output::Yaml => Format::Yaml,
                Output::Json => Format::Json,
            },
            ..self.rollout.into_options()
        }
    }
}
