//! The names of the twins of one VirtualService.
//!
//! Istio takes rules of one name, and so the twins of such rules are numbered on. A name that the
//! VirtualService itself has given to a rule is left to that rule.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Before;
use crate::model::{CANARY_SUFFIX, Protocol};

/// The names that twins have got, and those that they cannot get.
#[derive(Debug)]
pub(super) struct TwinNames<'r> {
    /// The names of the http rules as the source has them.
    written: BTreeSet<&'r str>,
    /// The names of the http rules here, twins of other rollouts among them.
    present: BTreeSet<&'r str>,
    /// The numbers that the twins of rules of each name have used up.
    used: BTreeMap<&'r str, usize>,
}

impl<'r> TwinNames<'r> {
    pub(super) fn of(before: Before<'r, '_>) -> Self {
        let Before { route, rules } = before;
        let http = rules.iter().filter(|rule| rule.protocol == Protocol::Http);
        let written = route.original.spec.get(Protocol::Http.field()).and_then(Value::as_array);
        let names = written.into_iter().flatten().map(|rule| rule.get("name"));
        Self {
            written: names.filter_map(|name| name?.as_str()).collect(),
            present: http.filter_map(|rule| rule.name.as_deref()).collect(),
            used: BTreeMap::new(),
        }
    }

    /// Returns the names of the twins of a rule, one for each match of the step in its order.
    ///
    /// The first rule `api` has `api-canary`, `api-canary-2` and so on, and the next rule `api` goes
    /// on with the numbers. Only the twin of another rollout makes a number be passed over.
    pub(super) fn of_rule(&mut self, name: &'r str, matches: usize) -> Vec<String> {
        let used = self.used.entry(name).or_default();
        let mut names = Vec::with_capacity(matches);
        while names.len() < matches {
            *used += 1;
            let numbered = numbered(name, *used);
            let is_twin = self.present.contains(numbered.as_str())
                && !self.written.contains(numbered.as_str());
            if !is_twin {
                names.push(numbered);
            }
        }
        names
    }

    /// Returns whether the source has given the name to a rule.
    pub(super) fn is_written(&self, name: &str) -> bool {
        self.written.contains(name)
    }
}

/// Returns `NAME-canary`, `NAME-canary-2` and so on.
fn numbered(name: &str, number: usize) -> String {
    match number {
        1 => format!("{name}{CANARY_SUFFIX}"),
        number => format!("{name}{CANARY_SUFFIX}-{number}"),
    }
}
