//! Problems of many stages, each once.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::diagnostic::codes::{INVALID_ROUTE, REFUSED_BY_ISTIO};
use crate::diagnostic::{Code, Collector, Diagnostic, Location, Severity, limited};
use crate::model::StageName;

/// Problems found so far, by what is shown of them.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: BTreeMap<String, Finding>,
}

impl Findings {
    /// Adds what a stage tells.
    pub(super) fn add(&mut self, stage: StageName, problems: Collector<'_>) {
        for (diagnostic, acknowledged) in problems.into_told() {
            let stages = &mut self.finding(diagnostic, acknowledged).stages;
            if !stages.contains(&stage) {
                stages.push(stage);
            }
        }
    }

    /// Adds what is told of no stage in particular, besides some codes.
    pub(super) fn add_besides(&mut self, problems: Collector<'_>, codes: &[&'static Code]) {
        let told = problems.into_told().into_iter();
        for (diagnostic, acknowledged) in told.filter(|(one, _)| !codes.contains(&one.code)) {
            self.finding(diagnostic, acknowledged);
        }
    }

    fn finding(&mut self, diagnostic: Diagnostic, acknowledged: bool) -> &mut Finding {
        let new = |diagnostic| Finding { diagnostic, stages: Vec::new(), acknowledged };
        self.found.entry(diagnostic.to_string()).or_insert_with(|| new(diagnostic))
    }

    /// Returns the findings: errors first, then by place; the stages only where not all have them, of
    /// those that could be `rendered`.
    pub(super) fn into_sorted(self, stages: usize, rendered: &[StageName]) -> Vec<Finding> {
        let mut found: Vec<_> = self.found.into_values().collect();
        if found.iter().any(|finding| finding.diagnostic.severity == Severity::Error) {
            // Beside an error nobody has an eye for notes.
            found.retain(|finding| finding.diagnostic.severity != Severity::Note);
        }
        drop_consequences(&mut found);
        drop_milder(&mut found);
        for finding in &mut found {
            let has_all = rendered.iter().all(|stage| finding.stages.contains(stage));
            if finding.stages.len() == stages || (has_all && !rendered.is_empty()) {
                finding.stages.clear();
            }
        }
        found.sort_by(|one, other| sort_key(one).cmp(&sort_key(other)));
        let of_count = |diagnostic| Finding { diagnostic, stages: Vec::new(), acknowledged: false };
        limited(found, |finding| &finding.diagnostic, of_count)
    }
}

/// What a rollout cannot follow, Istio refuses as well: it is told once.
fn drop_consequences(found: &mut Vec<Finding>) {
    let place = |location: &Location| (location.file.clone(), location.line, location.column);
    let invalid = found.iter().filter(|one| one.diagnostic.code.name == INVALID_ROUTE.name);
    let reported: BTreeSet<_> =
        invalid.filter_map(|one| one.diagnostic.location.as_ref().map(place)).collect();
    found.retain(|one| {
        let location = one.diagnostic.location.as_ref();
        one.diagnostic.code.name != REFUSED_BY_ISTIO.name
            || location.is_none_or(|location| !reported.contains(&place(location)))
    });
}

/// Drops warnings of what is an error at other stages.
fn drop_milder(found: &mut Vec<Finding>) {
    let errors = found.iter().filter(|one| one.diagnostic.severity == Severity::Error);
    let errors: BTreeSet<_> = errors.map(|one| what(&one.diagnostic)).collect();
    found.retain(|one| {
        one.diagnostic.severity == Severity::Error || !errors.contains(&what(&one.diagnostic))
    });
}

/// Returns what a diagnostic says, however bad it is.
fn what(diagnostic: &Diagnostic) -> (&'static str, String, String) {
    let place =
        diagnostic.location.as_ref().map(|at| format!("{}:{}:{}", at.file, at.line, at.column));
    (diagnostic.code.name, place.unwrap_or_default(), diagnostic.message.clone())
}

fn sort_key(finding: &Finding) -> (Severity, Option<(&str, usize, usize)>, &str) {
    let Diagnostic { severity, location, code, .. } = &finding.diagnostic;
    let place = location.as_ref().map(|at| (at.file.as_str(), at.line, at.column));
    (*severity, place, code.name)
}
