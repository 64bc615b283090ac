//! `rollstep render`: the manifests of a stage.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use rollstep::{Format, GitOps, Input, Only, Options};

use crate::args::{InputArgs, RolloutArgs, TreeArgs};
use crate::log;
use crate::output::{ANSWER_IS_NO, FAILED, show, told, write_manifests, write_text};
use crate::progress::during;
use crate::tree::{self, Foreign};

/// Write the manifests of one step.
///
/// Reads Deployment, Service, VirtualService and Rollout, and writes what is to be applied at the
/// step: the canary Deployment and Service, the rewritten VirtualService, the stable Deployment as
/// it must be meanwhile, and every other document byte for byte.
///
/// Exit codes: 0 written, 2 not written (the reasons are on standard error); with --check 0 where
/// the folder is what would be written, 1 where it differs.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep render -f shop/ --stable main/shop/ --step 1 | kubectl apply -f -
  rollstep render -f shop/ --step done -o json
  rollstep render -f shop/ --stable main/shop/ --step 1 --output-dir rendered/ --kustomization")]
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

    /// Tool that applies the result, and is told in which order
    #[arg(long, value_name = "TOOL", help_heading = "Output")]
    gitops: Option<Tool>,

    /// File that all that is said is added to, for callers that drop standard error
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    log_file: Option<PathBuf>,

    /// Format of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml", help_heading = "Output")]
    output: Output,

    #[command(flatten)]
    tree: TreeArgs,
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
enum Tool {
    /// Argo CD, by sync waves and PruneLast
    Argocd,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Yaml,
    Json,
}

pub(crate) fn run(args: RenderArgs) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.log_file {
        log::write_to(path)?;
    }
    args.rollout.check()?;
    let Some(input) = told(during("reading", || args.input.read())?) else {
        return Ok(ExitCode::from(FAILED));
    };
    if let Some(folder) = args.tree.output_dir.clone() {
        return run_tree(args, &input, &folder);
    }
    let outcome = during("rendering", || rollstep::render(&input, &args.into_options()));
    show(&outcome.diagnostics);
    match outcome.parts {
        Some(parts) => {
            write_manifests(&parts).map(|()| ExitCode::SUCCESS).context("cannot write the result")
        }
        None => Ok(ExitCode::from(FAILED)),
    }
}

/// Writes the result as files, or compares it with those that are there.
fn run_tree(args: RenderArgs, input: &Input, folder: &Path) -> anyhow::Result<ExitCode> {
    let nothing_stays = matches!(args.only, Some(Part::Removed));
    anyhow::ensure!(
        !nothing_stays,
        "`--only removed` is for `kubectl delete`, and no tree to be applied; leave out `--output-dir`"
    );
    let (shape, all_steps, check) = (args.tree.shape(), args.tree.all_steps, args.tree.check);
    let foreign = if args.tree.force { Foreign::Leave } else { Foreign::Refuse };
    let inputs = args.input.places();
    let options = args.into_options();
    let tree = during("rendering", || match all_steps {
        true => rollstep::render_trees(input, &options, shape),
        false => rollstep::render_tree(input, &options, shape),
    });
    show(&tree.diagnostics);
    let Some(files) = tree.files else { return Ok(ExitCode::from(FAILED)) };
    tree::ensure_apart(folder, &files, &inputs)?;
    if !check {
        let written = during("writing", || tree::write(folder, files, foreign));
        return written.map(|()| ExitCode::SUCCESS);
    }
    let differences = during("comparing", || tree::compare(folder, files, foreign))?;
    let text = tree::show_difference(folder, &differences);
    write_text(&text).context("cannot write the result")?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(ANSWER_IS_NO) })
}

impl RenderArgs {
    fn into_options(self) -> Options {
        Options {
            only: match self.only {
                None => Only::Everything,
                Some(Part::Workloads) => Only::Workloads,
                Some(Part::Routing) => Only::Routing,
                Some(Part::Changed) => Only::Changed,
                Some(Part::Removed) => Only::Removed,
            },
            gitops: self.gitops.map(|Tool::Argocd| GitOps::ArgoCd),
            keep_rollout: self.keep_rollout,
            format: match self.output {
                Output::Yaml => Format::Yaml,
                Output::Json => Format::Json,
            },
            ..self.rollout.into_options(self.input)
        }
    }
}
