//! Faults of the script: traffic that changes though the step does not ask for it.
//!
//! Each fault is looked for in the original, and reported only where it does harm.

mod told;

use serde_json::Value;
use told::{
    changes_nothing, dropped_fields, dropped_settings, matches_everything, not_stable, of_others,
    on_top, prefix_without_slash, rounded, skipped, split_twice,
};

use super::empty::find_empty;
use super::shares::{Shares, host, shown, shown_apart};
use super::split::rule_path;
use super::{Fault, Names, PROTOCOLS, truthy};
use crate::diagnostic::Code;
use crate::diagnostic::codes::{
    SCRIPT_DUPLICATES_SUBSET, SCRIPT_REDUCES_OTHERS, SCRIPT_SHARE_DIFFERS,
    SCRIPT_SUBSET_OF_ANOTHER_HOST,
};
use crate::manifest::FieldPath;
use crate::model::{
    Backends, CANARY_SUBSET, CanaryRequests, DestinationRule, Part, Percent, Places, RequestMatch,
    Side, StepTraffic,
};

/// Returns the faults of a VirtualService as the script makes it at a step.
pub(in crate::render::routing) fn find_route_faults(
    (original, namespace): (&Value, &str),
    result: &Value,
    traffic: &StepTraffic,
    backends: &Backends,
) -> Vec<Fault> {
    let finder = Finder { original, namespace, backends };
    let requests = CanaryRequests::of(traffic);
    let mut faults = match requests {
        CanaryRequests::None => return Vec::new(),
        CanaryRequests::Share(share) => finder.of_split(result, share),
        CanaryRequests::Matches { matches, .. } => finder.of_twins(matches),
    };
    faults.extend(find_empty(finder.original, result, requests.matches().len()));
    faults
}

/// Returns the faults of a DestinationRule as the script makes it.
pub(in crate::render::routing) fn find_rule_faults(
    rule: &DestinationRule<'_>,
    result: &Value,
    backends: &Backends,
    places: &Places,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let spec = FieldPath::of_keys(&["spec"]);
    if rule.subsets.iter().any(|subset| subset.name == CANARY_SUBSET) {
        faults.push(Fault {
            code: &SCRIPT_DUPLICATES_SUBSET,
            path: spec.key("subsets"),
            message: "there is a subset `canary` already, and the script puts another of that name behind it: only one of the two can count".to_owned(),
            help: "remove the subset, which the rollout adds".into(),
        });
    }
    let namespace = &rule.resource.identity.namespace;
    if let Some(host) = &rule.host
        && !backends.is_stable_host(host, namespace)
    {
        faults.push(Fault {
            code: &SCRIPT_SUBSET_OF_ANOTHER_HOST,
            path: spec.key("host"),
            message: format!(
                "the canary's subset is added to host `{host}`, and none to service `{}`, which the canary is a part of",
                backends.stable.name
            ),
            help: format!(
                "name the DestinationRule of the stable Service in `{}`",
                places.word(Part::Routes)
            )
            .into(),
        });
    }
    faults.extend(find_empty(&rule.original.spec, result, 0));
    faults
}

struct Finder<'f> {
    original: &'f Value,
    namespace: &'f str,
    backends: &'f Backends,
}

/// A rule of the original.
#[derive(Clone, Copy)]
struct Place<'r> {
    protocol: &'static str,
    index: usize,
    rule: &'r Value,
}

impl Place<'_> {
    fn fault(self, code: &'static Code, message: String, help: &'static str) -> Fault {
        Fault { code, path: rule_path(self.protocol, self.index), message, help: help.into() }
    }
}

impl<'f> Finder<'f> {
    fn rules(&self) -> impl Iterator<Item = Place<'f>> {
        let original = self.original;
        PROTOCOLS.into_iter().flat_map(move |protocol| {
            let rules = original.get(protocol).and_then(Value::as_array);
            let rules = rules.into_iter().flatten().enumerate();
            rules.map(move |(index, rule)| Place { protocol, index, rule })
        })
    }

    fn side(&self, entry: &Value) -> Side {
        let subset = entry.pointer("/destination/subset").and_then(Value::as_str);
        self.backends.side(host(entry), self.namespace, subset)
    }

    fn is_stable(&self, entry: &Value) -> bool {
        self.side(entry) == Side::Stable
    }

    fn is_stable_host(&self, entry: &Value) -> bool {
        self.backends.is_stable_host(host(entry), self.namespace)
    }

    fn taken_for_stable(&self, entry: &Value) -> bool {
        Names::of(self.backends).is_stable(host(entry))
    }

    fn is_bound_for_stable(&self, rule: &Value) -> bool {
        Shares::of(rule).percent(|entry| self.is_stable(entry)) > 0.0
    }

    /// Returns the fault of a destination that the script takes for stable and that is not.
    fn of_taken(&self, place: Place<'_>, entry: &Value) -> Fault {
        if self.is_stable_host(entry) {
            return of_others(place, entry, self.namespace, self.backends);
        }
        not_stable(place, entry, self.backends)
    }

    fn of_split(&self, result: &Value, share: Percent) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut any = false;
        for place in self.rules() {
            let has_match = truthy(place.rule.get("match")).is_some();
            if has_match && self.is_bound_for_stable(place.rule) {
                faults.push(skipped(place));
            }
            let entries = || destinations(place.rule).filter(|entry| self.taken_for_stable(entry));
            if has_match || entries().next().is_none() {
                continue;
            }
            any = true;
            let not_ours = entries().filter(|entry| !self.is_stable(entry));
            faults.extend(not_ours.map(|entry| self.of_taken(place, entry)));
            faults.extend(entries().find_map(|entry| dropped_fields(place, entry)));
            if entries().count() > 1 {
                faults.push(split_twice(place, entries().count()));
            }
            let after = result.get(place.protocol).and_then(|rules| rules.get(place.index));
            faults.extend(after.into_iter().flat_map(|after| self.of_shares(place, after, share)));
        }
        if !any {
            faults.push(changes_nothing(self.backends));
        }
        faults
    }

    /// Compares who gets how much before and after.
    fn of_shares(&self, place: Place<'_>, after: &Value, share: Percent) -> Vec<Fault> {
        let mut faults = Vec::new();
        faults.extend(rounded(place, after, share));
        let (before, after) = (Shares::of(place.rule), Shares::of(after));
        let pool = before.percent(|entry| self.is_stable(entry) || self.is_canary(entry));
        let wanted = pool * f64::from(share.hundredths()) / 100.0;
        let canary = after.percent(|entry| self.is_canary(entry));
        if (wanted - canary).abs() > 1e-9 {
            let (canary, wanted) = shown_apart(canary, wanted);
            let message = format!("the canary gets {canary} of the rule's requests, not {wanted}");
            faults.push(place.fault(
                &SCRIPT_SHARE_DIFFERS,
                message,
                "render without `--compat` for the exact share, or give the rule one destination",
            ));
        }
        let other = |entry: &Value| !self.is_stable(entry) && !self.is_canary(entry);
        let (had, has) = (before.percent(other), after.percent(other));
        if (had - has).abs() > 1e-9 {
            let (has, had) = shown_apart(has, had);
            let message = format!(
                "the other destinations of the rule get {has} of its requests, not {had} as before"
            );
            faults.push(place.fault(
                &SCRIPT_REDUCES_OTHERS,
                message,
                "render without `--compat`, which splits only what goes to stable",
            ));
        }
        faults
    }

    fn is_canary(&self, entry: &Value) -> bool {
        self.side(entry) == Side::Canary
    }

    fn of_twins(&self, matches: &[RequestMatch]) -> Vec<Fault> {
        let http = || self.rules().filter(|place| place.protocol == "http");
        let bound = |place: &Place<'_>| self.is_bound_for_stable(place.rule);
        let plain = |place: &Place<'_>| bound(place) && truthy(place.rule.get("match")).is_none();
        // No request comes past a plain rule.
        let first = http().next().filter(|place| !plain(place));
        let mut faults: Vec<_> = first.map(on_top).into_iter().collect();
        for place in http().filter(bound) {
            faults.extend(dropped_settings(place));
            let mut stable = destinations(place.rule).filter(|entry| self.is_stable(entry));
            faults.extend(stable.find_map(|entry| dropped_fields(place, entry)));
            let others = Shares::of(place.rule)
                .percent(|entry| !self.is_stable(entry) && !self.is_canary(entry));
            if others > 0.0 {
                let message = format!(
                    "the other destinations of the rule get none of the requests that the step describes, not {} as before",
                    shown(others)
                );
                faults.push(place.fault(
                    &SCRIPT_REDUCES_OTHERS,
                    message,
                    "render without `--compat`, which redirects only what goes to stable",
                ));
            }
        }
        faults.extend(matches.iter().find_map(prefix_without_slash));
        let all = matches.iter().find(|request| request.describes_everything());
        faults.extend(all.map(|_| matches_everything()));
        faults
    }
}

fn destinations(rule: &Value) -> impl Iterator<Item = &Value> {
    rule.get("route").and_then(Value::as_array).into_iter().flatten()
}
