//! Findings as text: for a person, a program, a code host.

mod github;
mod json;
mod sarif;

use super::Finding;
use crate::escape;
use crate::model::StageName;

/// The form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For a person, as on standard error elsewhere.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, which code hosts show beside the lines.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// Writes findings; `input` is the path that those without a place are shown at.
pub fn report(findings: &[Finding], format: Format, input: &str) -> String {
    match format {
        Format::Text => text(findings),
        Format::Json => json::report(findings),
        Format::Sarif => sarif::report(findings, input),
        Format::Github => github::report(findings),
    }
}

/// A blank line between two, as the commands show what they say.
fn text(findings: &[Finding]) -> String {
    let shown: Vec<_> = findings.iter().map(show).collect();
    escape::lines(&shown.join("\n"))
}

fn show(finding: &Finding) -> String {
    let diagnostic = &finding.diagnostic;
    let stages = match stages(&finding.stages) {
        Some(stages) => {
            let line = diagnostic.location.as_ref().map_or(0, |location| location.line);
            let gutter = line.to_string().len();
            format!("\n{:gutter$} = at: {stages}", "")
        }
        None => String::new(),
    };
    format!("{diagnostic}{stages}\n")
}

/// Returns the stages of a finding, where not all have it.
fn stages(stages: &[StageName]) -> Option<String> {
    let names: Vec<_> = stages.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Returns what was found, the stages and the repair, each on a line, for those who show one text.
fn full_message(finding: &Finding) -> String {
    let mut message = escape::line(&finding.diagnostic.message).into_owned();
    if let Some(stages) = stages(&finding.stages) {
        message.push_str(&format!(" (at: {stages})"));
    }
    if let Some(help) = &finding.diagnostic.help {
        message.push_str(&format!("\nhelp: {}", escape::line(help)));
    }
    message
}
