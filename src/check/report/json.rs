//! Findings for programs.

use serde_json::{Value, json};

use crate::check::Finding;
use crate::diagnostic::Location;
use crate::escape;

/// Writes one object with all findings.
pub(super) fn report(findings: &[Finding]) -> String {
    let findings: Vec<_> = findings.iter().map(finding).collect();
    escape::json(&json!({ "findings": findings }))
}

fn finding(finding: &Finding) -> Value {
    let Finding { diagnostic, stages, acknowledged } = finding;
    let stages: Vec<_> = stages.iter().map(ToString::to_string).collect();
    json!({
        "code": diagnostic.code.name,
        "severity": diagnostic.severity.as_str(),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "stages": stages,
        "acknowledged": acknowledged,
        "location": diagnostic.location.as_ref().map(location),
    })
}

/// A line and column of 0 are those of a whole file.
fn location(location: &Location) -> Value {
    let number = |number: usize| (number > 0).then_some(number);
    json!({
        "file": location.file,
        "line": number(location.line),
        "column": number(location.column),
        "field": location.field,
    })
}
