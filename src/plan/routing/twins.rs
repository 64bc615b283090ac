//! A rule at a step with matches.

use super::names::TwinNames;
use super::view::View;
use super::{Target, Twin, conjunction, headers};
use crate::model::{Destination, HeaderChange, RequestMatch, Rule};

/// Why a rule cannot have the twin that it needs.
#[derive(Debug, PartialEq)]
pub(super) enum NoTwin {
    /// The rule and the step change the same header.
    HeaderConflict(String),
    /// The rule and the step have conditions that cannot be said as one.
    MatchConflict(String),
}

/// The twins of a rule.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// The last match's first, as the controller orders them.
    pub(super) twins: Vec<Twin>,
    /// Why there are not more.
    pub(super) missing: Vec<NoTwin>,
    /// The indices of the step's matches that some request of the rule meets.
    pub(super) met: Vec<usize>,
}

/// Returns a twin for each match of the step that a request of the rule can meet.
pub(super) fn plan_twins<'r>(
    view: View<'_>,
    (rule, destinations): (&'r Rule, &[Destination]),
    (matches, change): (&[RequestMatch], Option<&HeaderChange>),
    names: &mut TwinNames<'r>,
) -> Twins {
    let names = rule.name.as_deref().map(|name| names.of_rule(name, matches.len()));
    let headers = match change.map(|change| headers::over(&rule.request_headers, change)) {
        None => None,
        Some(Ok(merged)) => Some(merged),
        Some(Err(name)) => {
            let met = (0..matches.len()).collect();
            return Twins { twins: Vec::new(), missing: vec![NoTwin::HeaderConflict(name)], met };
        }
    };
    let targets = targets(view, destinations);
    let mut found = Twins::default();
    for (number, wanted) in matches.iter().enumerate() {
        let pairs = conjunction::conjoin(&rule.matches, wanted);
        if pairs.as_ref().is_ok_and(Vec::is_empty) {
            continue;
        }
        found.met.push(number);
        match pairs {
            Ok(matches) => found.twins.push(Twin {
                name: names.as_ref().and_then(|names| names.get(number)).cloned(),
                matches,
                targets: targets.clone(),
                headers: headers.clone(),
            }),
            Err(what) => found.missing.push(NoTwin::MatchConflict(what)),
        }
    }
    found.twins.reverse();
    found
}

fn targets(view: View<'_>, destinations: &[Destination]) -> Vec<(usize, Target)> {
    let numbered = destinations.iter().enumerate();
    let stable = numbered.filter(|(_, destination)| view.is_stable(destination));
    stable.map(|(index, destination)| (index, view.target(&destination.host))).collect()
}
