//! `rollstep argocd`: what a config management plugin of Argo CD runs.
//!
//! The server of plugins runs it in the folder of the application, with nothing on standard input.
//! What goes wrong is shown in a cell of a page, so each problem is one line.

mod announcement;
mod folder;
mod parameters;

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use announcement::{PARAMETERS, Parameter};
use anyhow::Context as _;
use clap::{Parser, Subcommand};
use folder::Repository;
use parameters::{Parameters, Variables, depth, read_parameters};
use rollstep::diagnostic::{Diagnostic, Severity};

use crate::output::{FAILED, show_lines, write_manifests};

/// Render an application as a config management plugin of Argo CD.
///
/// Exit codes: 0 written, 2 not written (the reasons are on standard error).
#[derive(Debug, Parser)]
pub(crate) struct ArgocdArgs {
    #[command(subcommand)]
    command: ArgocdCommand,
}

#[derive(Debug, Subcommand)]
enum ArgocdCommand {
    Generate(GenerateArgs),
    /// Write the announcement of the parameters, as JSON
    Parameters,
}

/// Write the manifests of the folder, with the parameters of the environment.
///
/// Parameters come from ARGOCD_APP_PARAMETERS, else from PARAM_NAME, else from ARGOCD_ENV_ROLLSTEP_NAME
/// or ARGOCD_ENV_NAME. `rollstep argocd parameters` lists them.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep argocd generate
  kustomize build . | rollstep argocd generate -f -")]
struct GenerateArgs {
    /// File or directory with manifests, or `-` for standard input; may be repeated
    #[arg(short = 'f', long, value_name = "PATH", default_value = ".", help_heading = "Input")]
    filename: Vec<String>,
}

pub(crate) fn run(args: ArgocdArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        ArgocdCommand::Generate(args) => generate(&args),
        ArgocdCommand::Parameters => {
            let text = announcement::announcement();
            io::stdout().write_all(text.as_bytes()).context("cannot write the result")?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn generate(args: &GenerateArgs) -> anyhow::Result<ExitCode> {
    let read = variables().and_then(|variables| {
        read_parameters(&variables).map(|parameters| (parameters, depth(&variables)))
    });
    let (parameters, depth) = match read {
        Ok(read) => read,
        Err(problems) => {
            show_lines(problems.iter().map(|problem| format!("error: {problem}")));
            return Ok(ExitCode::from(FAILED));
        }
    };
    let Parameters { options, stable, recurse } = parameters;
    let repository = Repository::above(depth)?;
    let input = match repository.read(&args.filename, stable.as_deref(), recurse)? {
        Ok(input) => input,
        Err(diagnostics) => {
            show_lines(diagnostics.iter().map(one_line));
            return Ok(ExitCode::from(FAILED));
        }
    };
    let outcome = rollstep::render(&input, &options);
    show_lines(outcome.diagnostics.iter().map(one_line));
    match outcome.parts {
        Some(parts) => {
            write_manifests(&parts).map(|()| ExitCode::SUCCESS).context("cannot write the result")
        }
        None => Ok(ExitCode::from(FAILED)),
    }
}

/// Returns the environment; what is no text is none of our variables, and must not count as absent where it
/// is one: without a step the new version would be passed through.
fn variables() -> Result<Variables, Vec<String>> {
    let (mut variables, mut problems) = (Variables::new(), Vec::new());
    for (name, value) in env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        let ours = ["ARGOCD_", "PARAM_"].iter().any(|prefix| name.starts_with(prefix));
        match value.into_string() {
            Ok(value) => drop(variables.insert(name, value)),
            Err(_) if ours => problems.push(format!("{name} is not UTF-8")),
            Err(_) => {}
        }
    }
    if problems.is_empty() { Ok(variables) } else { Err(problems) }
}

/// Returns the diagnostic without the line of the manifest, which may be nobody's business there.
fn one_line(diagnostic: &Diagnostic) -> String {
    let Diagnostic { code, severity, message, location, help } = diagnostic;
    let mut line = format!("{}[{}]: {message}", severity.as_str(), code.name);
    if let Some(location) = location {
        line.push_str(&format!(" ({}:{}:{})", location.file, location.line, location.column));
    }
    if let Some(help) = help.as_ref().filter(|_| *severity != Severity::Note) {
        line.push_str(&format!("; {}", by_parameters(help)));
    }
    line.replace(['\n', '\r'], " ")
}

/// There is no command line to give a flag on; an application has a parameter of that name.
fn by_parameters(help: &str) -> String {
    let help = help.replace("`--stable PATH`", "`--stable`");
    PARAMETERS.iter().fold(help, |help, Parameter { name, .. }| {
        help.replace(&format!("`--{name}`"), &format!("the parameter `{name}`"))
    })
}
