//! Workflow commands, which GitHub Actions shows beside the lines of a pull request.
//!
//! Escaped as actions/toolkit:packages/core/src/command.ts does it.

use super::full_message;
use crate::check::Finding;
use crate::diagnostic::{Location, Severity};
use crate::escape;

/// Writes a command for each finding.
pub(super) fn report(findings: &[Finding]) -> String {
    findings.iter().map(|finding| command(finding) + "\n").collect()
}

fn command(finding: &Finding) -> String {
    let word = match finding.diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(location) = &finding.diagnostic.location {
        properties.extend(place(location));
    }
    properties.push(format!("title={}", property(finding.diagnostic.code.name)));
    format!("::{word} {}::{}", properties.join(","), data(&full_message(finding)))
}

fn place(location: &Location) -> Vec<String> {
    let mut place = vec![format!("file={}", property(&escape::line(&location.file)))];
    if location.line > 0 {
        place.push(format!("line={}", location.line));
        place.push(format!("col={}", location.column));
    }
    place
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::diagnostic::codes::TOO_FEW_PODS;
    use crate::model::StageName;

    #[test]
    fn what_ends_a_command_is_escaped() {
        let location = Location { line: 3, column: 7, ..Location::of_file("a,b:c%.yaml") };
        let diagnostic = Diagnostic::new(&TOO_FEW_PODS, "80 % of\r\nall: ::error::, ##[really")
            .with_location(location)
            .with_help("raise it");
        let stages = vec![StageName::Step(2), StageName::Promote];
        let finding = Finding { diagnostic, stages, acknowledged: false };
        assert_eq!(
            report(&[finding]),
            "::warning file=a%2Cb%3Ac%25.yaml,line=3,col=7,title=too-few-pods::80 %25 of\\r\\nall: \
             ::error::, #\\u{23}[really (at: 2, promote)%0Ahelp: raise it\n"
        );
    }
}
