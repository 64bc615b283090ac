//! What the script's result does to traffic that the step does not ask for.
//!
//! Each fault is looked for in the original, and told only where it bites.

use serde_json::Value;

use super::empty::find_empty;
use super::shares::{Shares, host, shown};
use super::split::rule_path;
use super::{Fault, Names, PROTOCOLS, truthy};
use crate::diagnostic::Code;
use crate::diagnostic::codes::{
    SCRIPT_CHANGES_NOTHING, SCRIPT_COMPARES_FIRST_LABEL, SCRIPT_DROPS_DESTINATION_FIELDS,
    SCRIPT_DROPS_RULE_SETTINGS, SCRIPT_DUPLICATES_SUBSET, SCRIPT_MATCHES_EVERYTHING,
    SCRIPT_MATCHES_ON_TOP, SCRIPT_PREFIX_WITHOUT_SLASH, SCRIPT_REDUCES_OTHERS, SCRIPT_ROUNDS_DOWN,
    SCRIPT_SHARE_DIFFERS, SCRIPT_SKIPS_RULE, SCRIPT_SPLITS_TWICE, SCRIPT_SUBSET_OF_ANOTHER_HOST,
};
use crate::manifest::FieldPath;
use crate::model::{
    CANARY_SUBSET, DestinationRule, PathMatch, Percent, RequestMatch, StepTraffic, VirtualService,
    is_host_of,
};
use crate::plan::Sides;

/// Fields of a rule that are its condition, its name or its destinations; all others are settings.
const NOT_SETTINGS: [&str; 3] = ["name", "match", "route"];

/// Returns the faults of a VirtualService as the script makes it at a step.
pub(in crate::render::routing) fn find_route_faults(
    route: &VirtualService<'_>,
    result: &Value,
    traffic: &StepTraffic,
    sides: Sides<'_>,
) -> Vec<Fault> {
    let namespace = &route.resource.identity.namespace;
    let finder = Finder { original: route.spec(), namespace, sides };
    let mut faults = match traffic {
        StepTraffic::None => return Vec::new(),
        StepTraffic::Share(share) => finder.of_split(result, *share),
        StepTraffic::Matches { matches, .. } => finder.of_twins(matches),
    };
    faults.extend(find_empty(finder.original));
    faults
}

/// Returns the faults of a DestinationRule as the script makes it.
pub(in crate::render::routing) fn find_rule_faults(
    rule: &DestinationRule<'_>,
    sides: Sides<'_>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let spec = FieldPath::of_keys(&["spec"]);
    if rule.subsets.iter().any(|subset| subset.name == CANARY_SUBSET) {
        faults.push(Fault {
            code: &SCRIPT_DUPLICATES_SUBSET,
            path: spec.key("subsets"),
            message: "there is a subset `canary` already, and the script puts another of that name behind it: only one of the two can count".to_owned(),
            help: "remove the subset, which the rollout adds",
        });
    }
    let namespace = &rule.resource.identity.namespace;
    let stable = (sides.stable.name.as_str(), sides.stable.namespace.as_str());
    if let Some(host) = &rule.host
        && !is_host_of(host, namespace, stable)
    {
        faults.push(Fault {
            code: &SCRIPT_SUBSET_OF_ANOTHER_HOST,
            path: spec.key("host"),
            message: format!(
                "the canary's subset is added to host `{host}`, and none to service `{}`, which the canary is a part of",
                stable.0
            ),
            help: "name the DestinationRule of the stable Service in `customNetworkRefs`",
        });
    }
    faults.extend(find_empty(&rule.original.spec));
    faults
}

struct Finder<'f> {
    original: &'f Value,
    namespace: &'f str,
    sides: Sides<'f>,
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
        Fault { code, path: rule_path(self.protocol, self.index), message, help }
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

    fn is_stable(&self, entry: &Value) -> bool {
        let stable = &self.sides.stable;
        is_host_of(host(entry), self.namespace, (&stable.name, &stable.namespace))
    }

    fn taken_for_stable(&self, entry: &Value) -> bool {
        Names::of(self.sides).is_stable(host(entry))
    }

    fn is_bound_for_stable(&self, rule: &Value) -> bool {
        Shares::of(rule).percent(|entry| self.is_stable(entry)) > 0.0
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
            faults.extend(
                entries()
                    .find(|entry| !self.is_stable(entry))
                    .map(|entry| not_stable(place, entry, self.sides)),
            );
            faults.extend(entries().find_map(|entry| dropped_fields(place, entry)));
            if entries().count() > 1 {
                faults.push(split_twice(place, entries().count()));
            }
            let after = result.get(place.protocol).and_then(|rules| rules.get(place.index));
            faults.extend(after.into_iter().flat_map(|after| self.of_shares(place, after, share)));
        }
        if !any {
            faults.push(changes_nothing(self.sides));
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
            let message = format!(
                "the canary gets {} of the rule's requests, not {}",
                shown(canary),
                shown(wanted)
            );
            faults.push(place.fault(
                &SCRIPT_SHARE_DIFFERS,
                message,
                "render without `--compat` for the exact share, or give the rule one destination",
            ));
        }
        let other = |entry: &Value| !self.is_stable(entry) && !self.is_canary(entry);
        let (had, has) = (before.percent(other), after.percent(other));
        if (had - has).abs() > 1e-9 {
            let message = format!(
                "the other destinations of the rule get {} of its requests, not {} as before",
                shown(has),
                shown(had)
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
        let subset = entry.pointer("/destination/subset").and_then(Value::as_str);
        match self.sides.canary_name {
            Some(canary) => {
                is_host_of(host(entry), self.namespace, (canary, &self.sides.stable.namespace))
            }
            None => self.is_stable(entry) && subset == Some(CANARY_SUBSET),
        }
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
            let stable = destinations(place.rule).find(|entry| self.is_stable(entry));
            faults.extend(stable.and_then(|entry| dropped_fields(place, entry)));
            let others = Shares::of(place.rule).percent(|entry| !self.is_stable(entry));
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

fn skipped(place: Place<'_>) -> Fault {
    place.fault(
        &SCRIPT_SKIPS_RULE,
        "the rule has a match, so the script leaves it alone: the canary gets none of its requests"
            .to_owned(),
        "render without `--compat` to split this rule as well",
    )
}

fn not_stable(place: Place<'_>, entry: &Value, sides: Sides<'_>) -> Fault {
    let message = format!(
        "destination `{}` is taken for service `{}`, since only its first label is compared: a share of its requests goes to the canary",
        host(entry),
        sides.stable.name
    );
    place.fault(
        &SCRIPT_COMPARES_FIRST_LABEL,
        message,
        "give the other service another name, or render without `--compat`",
    )
}

fn split_twice(place: Place<'_>, times: usize) -> Fault {
    let message = format!(
        "the rule has {times} destinations that are stable and is split once for each, every time from what the time before left"
    );
    place.fault(
        &SCRIPT_SPLITS_TWICE,
        message,
        "unite the destinations, or render without `--compat`",
    )
}

/// A destination's port and headers are not the canary's; a subset of stable never is.
fn dropped_fields(place: Place<'_>, entry: &Value) -> Option<Fault> {
    let fields =
        entry.as_object()?.keys().filter(|key| !matches!(key.as_str(), "destination" | "weight"));
    let destination = entry.get("destination").and_then(Value::as_object);
    let inner = destination.into_iter().flatten().map(|(key, _)| key);
    let inner = inner.filter(|key| !matches!(key.as_str(), "host" | "subset"));
    let names: Vec<_> = inner.chain(fields).map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        return None;
    }
    let message =
        format!("the canary's destination is written without the {} of stable's", names.join(", "));
    let help = if destination.is_some_and(|destination| destination.contains_key("port")) {
        "see that the Service has one port: where it has several, requests for a destination without one are answered with 503"
    } else {
        "render without `--compat`, which copies the whole destination"
    };
    Some(place.fault(&SCRIPT_DROPS_DESTINATION_FIELDS, message, help))
}

fn rounded(place: Place<'_>, after: &Value, share: Percent) -> Option<Fault> {
    let kept = 100 - u64::from(share.hundredths());
    let weight = |entry: &Value| entry.get("weight").and_then(Value::as_u64);
    let count = destinations(place.rule).count() as u64;
    let lossy = destinations(place.rule).map(weight).any(|weight| match weight {
        Some(weight) => (weight * kept) % 100 != 0,
        None => count > 0 && kept % count != 0,
    });
    let sum: u64 = destinations(after).filter_map(weight).sum();
    let message = format!(
        "the weights are rounded down, one by one, and sum to {sum}: all shares are a little off"
    );
    let fault =
        place.fault(&SCRIPT_ROUNDS_DOWN, message, "render without `--compat` for exact weights");
    lossy.then_some(fault)
}

fn on_top(place: Place<'_>) -> Fault {
    place.fault(
        &SCRIPT_MATCHES_ON_TOP,
        "the step's rules stand before all others: requests that this rule is for, and that the step describes, go to the canary instead".to_owned(),
        "render without `--compat`, which redirects only what goes to stable",
    )
}

fn dropped_settings(place: Place<'_>) -> Option<Fault> {
    let fields = place.rule.as_object()?.keys();
    let names: Vec<_> = fields
        .filter(|key| !NOT_SETTINGS.contains(&key.as_str()))
        .map(|name| format!("`{name}`"))
        .collect();
    if names.is_empty() {
        return None;
    }
    let message = format!("the step's rules go without the {} of this rule", names.join(", "));
    Some(place.fault(
        &SCRIPT_DROPS_RULE_SETTINGS,
        message,
        "render without `--compat`, whose rules for the canary are full copies",
    ))
}

fn prefix_without_slash(request: &RequestMatch) -> Option<Fault> {
    let Some(PathMatch::Prefix(prefix)) = &request.path else { return None };
    if prefix.ends_with('/') {
        return None;
    }
    Some(Fault {
        code: &SCRIPT_PREFIX_WITHOUT_SLASH,
        path: FieldPath::of_keys(&["spec", "http"]),
        message: format!(
            "the prefix `{prefix}` is compared as text: `{prefix}max` goes to the canary as well"
        ),
        help: "end the prefix with `/`, or render without `--compat`",
    })
}

fn matches_everything() -> Fault {
    Fault {
        code: &SCRIPT_MATCHES_EVERYTHING,
        path: FieldPath::of_keys(&["spec", "http"]),
        message: "a match of the step describes every request, and its rule stands before all others: the canary gets all requests, whoever they are for".to_owned(),
        help: "name a header, a query parameter or a path in the match",
    }
}

fn changes_nothing(sides: Sides<'_>) -> Fault {
    let service = &sides.stable.name;
    Fault {
        code: &SCRIPT_CHANGES_NOTHING,
        path: FieldPath::of_keys(&["spec"]),
        message: format!(
            "no rule without a match sends to service `{service}`, so the script changes nothing and the canary gets no requests"
        ),
        help: "render without `--compat`, or add a rule without a match",
    }
}
