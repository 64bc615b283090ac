//! `rollstep check`: every problem of the input and of every stage's render.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use rollstep::check::{Denied, Finding, Format, check, deny, report};
use rollstep::diagnostic::{Code, Severity};

use crate::args::{InputArgs, RolloutArgs, find_code};
use crate::output::{ANSWER_IS_NO, FAILED, told, write_manifests, write_text};

/// Tell every problem of the input and of every step.
///
/// Renders every stage to look at it, and tells what `render` would tell at any of them; then checks
/// the VirtualServices of each stage as Istio would take them: rules that no request reaches,
/// destinations that are not there, fields that are not known. Each problem is told once, with the
/// stages that have it where not all do. `--stable` is not needed.
///
/// Exit codes: 0 nothing but notes and warnings, 1 problems (errors, or warnings that are denied),
/// 2 not checked (the reasons are on standard error).
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  rollstep check -R -f shop/ --deny warnings
  rollstep check -f shop/ -o sarif > rollstep.sarif
  rollstep check --explain unreachable-rule")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    rollout: RolloutArgs,

    /// Make an error of a code, or of all `warnings`; may be repeated
    #[arg(long, value_name = "CODE", value_parser = parse_denied, help_heading = "Output")]
    deny: Vec<Deny>,

    /// Print what a code means, and how to mend it
    #[arg(long, value_name = "CODE", value_parser = find_code, exclusive = true, help_heading = "Output")]
    explain: Option<&'static Code>,

    /// Format of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    output: Output,
}

#[derive(Debug, Clone, Copy)]
enum Deny {
    Warnings,
    Code(&'static Code),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    /// For a person
    Text,
    /// One object
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
}

pub(crate) fn run(args: CheckArgs) -> anyhow::Result<ExitCode> {
    if let Some(code) = args.explain {
        return write(&code.page(), ExitCode::SUCCESS);
    }
    args.rollout.check()?;
    let Some(input) = told(args.input.read()?) else { return Ok(ExitCode::from(FAILED)) };
    let (format, denied) = (args.output.format(), denied(&args.deny));
    let mut findings = check(&input, &args.rollout.into_options(args.input));
    deny(&mut findings, &denied);
    let first = input.sources().first().map_or("-", |source| source.name());
    let is_error = |finding: &Finding| finding.diagnostic.severity == Severity::Error;
    let code = if findings.iter().any(is_error) { ANSWER_IS_NO } else { 0 };
    let text = report(&findings, format, first);
    match format {
        // Its lines are commands to GitHub, each of them ours.
        Format::Github => {
            write_manifests(&[text.into()]).context("cannot write the result")?;
            Ok(ExitCode::from(code))
        }
        Format::Text | Format::Json | Format::Sarif => write(&text, ExitCode::from(code)),
    }
}

fn write(text: &str, code: ExitCode) -> anyhow::Result<ExitCode> {
    write_text(text).map(|()| code).context("cannot write the result")
}

fn denied(given: &[Deny]) -> Denied {
    let mut denied = Denied::default();
    for one in given {
        match one {
            Deny::Warnings => denied.warnings = true,
            Deny::Code(code) => denied.codes.push(code),
        }
    }
    denied
}

fn parse_denied(text: &str) -> Result<Deny, String> {
    if text == "warnings" { Ok(Deny::Warnings) } else { find_code(text).map(Deny::Code) }
}

impl Output {
    fn format(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Json => Format::Json,
            Self::Sarif => Format::Sarif,
            Self::Github => Format::Github,
        }
    }
}
