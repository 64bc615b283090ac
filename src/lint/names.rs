//! Names of rules that are there twice.
//!
//! Istio does not mind; its metrics and access logs cannot tell the two apart.

use std::collections::BTreeSet;

use super::route::{PROTOCOLS, Route};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::DUPLICATE_RULE_NAME;

/// Reports rules whose name a rule before has.
pub(super) fn check<'a>(route: &Route<'a>) -> Vec<Problem<'a>> {
    let mut problems = Vec::new();
    for protocol in PROTOCOLS {
        let mut names = BTreeSet::new();
        for rule in route.rules(protocol) {
            let Some(name) = rule.filled("name").filter(|name| !names.insert(*name)) else {
                continue;
            };
            let message = format!("there are two rules `{name}`, which logs cannot tell apart");
            let spot = rule.child("name").unwrap_or(rule);
            let problem = route.problem(&spot, &DUPLICATE_RULE_NAME, message);
            problems.push(problem.help("give each rule a name of its own"));
        }
    }
    problems
}
