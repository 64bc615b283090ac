//! `rollstep krm`: a ResourceList from standard input, transformed.
//!
//! Orchestrators run the program bare, or under the name of a kind; that is found out here as well.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use rollstep::krm::{Answer, run as answer, run_plugin};

use crate::files::{self, Outside, Walk};
use crate::output::{FAILED, show, write_manifests};

/// The name that kustomize finds a plugin of this kind by.
const PLUGIN: &str = "RollStep";

/// Transform a ResourceList from standard input, for kustomize and kpt.
///
/// The step is that of the functionConfig (a RollStep, or a ConfigMap with `step` and other flags of
/// `render`), or of RollSteps among the items. Without arguments rollstep does the same.
///
/// Exit codes: 0 transformed, 2 not transformed (the items come back unchanged, with the reasons in
/// `results` and on standard error).
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  kpt fn eval shop --exec rollstep -- step=2
  kpt fn eval shop --exec 'rollstep krm' --fn-config step.yaml")]
pub(crate) struct KrmArgs {}

pub(crate) fn run(_: KrmArgs) -> anyhow::Result<ExitCode> {
    match read("-")? {
        Some(text) => finish(&answer(&text)),
        None => Ok(ExitCode::from(FAILED)),
    }
}

/// Runs as a function where an orchestrator has started the program so; nothing where it was not.
pub(crate) fn run_bare() -> Option<anyhow::Result<ExitCode>> {
    let arguments: Vec<_> = std::env::args_os().collect();
    match arguments.as_slice() {
        [program, config] if is_plugin(program) => Some(run_as_plugin(config)),
        [_] if !io::stdin().is_terminal() => run_on_list().transpose(),
        _ => None,
    }
}

fn is_plugin(program: &OsStr) -> bool {
    Path::new(program).file_name().is_some_and(|name| name == PLUGIN)
}

/// With nothing on standard input nobody asks for a function.
fn run_on_list() -> anyhow::Result<Option<ExitCode>> {
    match read("-")? {
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) => finish(&answer(&text)).map(Some),
        None => Ok(Some(ExitCode::from(FAILED))),
    }
}

fn run_as_plugin(config: &OsStr) -> anyhow::Result<ExitCode> {
    let config = config.to_str().context("the path of the configuration is not UTF-8")?;
    match (read(config)?, read("-")?) {
        (Some(config), Some(manifests)) => finish(&run_plugin(&config, &manifests)),
        _ => Ok(ExitCode::from(FAILED)),
    }
}

/// Reads a text; what is none is told.
fn read(path: &str) -> anyhow::Result<Option<String>> {
    Ok(match files::read_all(&[path.to_owned()], Walk::new(false, Outside::Refuse))? {
        Ok(sources) => Some(sources.iter().map(rollstep::Source::text).collect()),
        Err(diagnostics) => {
            show(&diagnostics);
            None
        }
    })
}

fn finish(answer: &Answer) -> anyhow::Result<ExitCode> {
    show(&answer.diagnostics);
    write_manifests(&[Cow::Borrowed(&answer.text)]).context("cannot write the result")?;
    Ok(if answer.failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}
