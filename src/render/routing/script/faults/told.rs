//! Messages for the faults of the script, each with the harm and the repair.

use serde_json::Value;

use super::{Place, destinations};
use crate::diagnostic::codes::{
    SCRIPT_CHANGES_NOTHING, SCRIPT_COMPARES_FIRST_LABEL, SCRIPT_DROPS_DESTINATION_FIELDS,
    SCRIPT_DROPS_RULE_SETTINGS, SCRIPT_MATCHES_EVERYTHING, SCRIPT_MATCHES_ON_TOP,
    SCRIPT_PREFIX_WITHOUT_SLASH, SCRIPT_ROUNDS_DOWN, SCRIPT_SKIPS_RULE, SCRIPT_SPLITS_TWICE,
    SCRIPT_TAKES_OTHERS,
};
use crate::diagnostic::listed;
use crate::manifest::FieldPath;
use crate::model::{Backends, PathMatch, Percent, RequestMatch};
use crate::render::routing::script::Fault;
use crate::render::routing::script::shares::host;

/// Fields of a rule that are its condition, its name or its destinations; all others are settings.
const NOT_SETTINGS: [&str; 3] = ["name", "match", "route"];

pub(super) fn skipped(place: Place<'_>) -> Fault {
    place.fault(
        &SCRIPT_SKIPS_RULE,
        "the rule has a match, so the script leaves it alone: the canary gets none of its requests"
            .to_owned(),
        "render without `--compat` to split this rule as well",
    )
}

pub(super) fn not_stable(place: Place<'_>, entry: &Value, backends: &Backends) -> Fault {
    let message = format!(
        "destination `{}` is taken for service `{}`, since only its first label is compared: a share of its requests goes to the canary",
        host(entry),
        backends.stable.name
    );
    place.fault(
        &SCRIPT_COMPARES_FIRST_LABEL,
        message,
        "give the other service another name, or render without `--compat`",
    )
}

/// Returns the fault of a subset that holds pods of other workloads alone.
pub(super) fn of_others(
    place: Place<'_>,
    entry: &Value,
    namespace: &str,
    backends: &Backends,
) -> Fault {
    let subset = entry.pointer("/destination/subset").and_then(Value::as_str).unwrap_or_default();
    let others = backends.pods(namespace, Some(subset)).map_or(&[][..], |pods| &pods.others);
    let owners: Vec<_> = others.iter().map(|pods| pods.identity.called()).collect();
    let message = format!(
        "subset `{subset}` of service `{}` holds pods of {} alone: a share of its requests goes to the canary",
        backends.stable.name,
        owners.join(", "),
    );
    place.fault(
        &SCRIPT_TAKES_OTHERS,
        message,
        "render without `--compat`, which leaves the subset as it is",
    )
}

pub(super) fn split_twice(place: Place<'_>, times: usize) -> Fault {
    let message = format!(
        "the rule has {times} destinations that are stable and is split once for each, every time from what the time before left"
    );
    place.fault(
        &SCRIPT_SPLITS_TWICE,
        message,
        "unite the destinations, or render without `--compat`",
    )
}

/// Returns the fault of a destination whose port and headers the canary's lacks. A subset of stable is never
/// the canary's.
pub(super) fn dropped_fields(place: Place<'_>, entry: &Value) -> Option<Fault> {
    let fields =
        entry.as_object()?.keys().filter(|key| !matches!(key.as_str(), "destination" | "weight"));
    let destination = entry.get("destination").and_then(Value::as_object);
    let inner = destination.into_iter().flatten().map(|(key, _)| key);
    let inner = inner.filter(|key| !matches!(key.as_str(), "host" | "subset"));
    let names = listed(inner.chain(fields));
    if names.is_empty() {
        return None;
    }
    let message = format!("the canary's destination is written without the {names} of stable's");
    let help = if destination.is_some_and(|destination| destination.contains_key("port")) {
        "see that the Service has one port: where it has several, requests for a destination without one are answered with 503"
    } else {
        "render without `--compat`, which copies the whole destination"
    };
    Some(place.fault(&SCRIPT_DROPS_DESTINATION_FIELDS, message, help))
}

pub(super) fn rounded(place: Place<'_>, after: &Value, share: Percent) -> Option<Fault> {
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

pub(super) fn on_top(place: Place<'_>) -> Fault {
    place.fault(
        &SCRIPT_MATCHES_ON_TOP,
        "the step's rules stand before all others: requests that this rule is for, and that the step describes, go to the canary instead".to_owned(),
        "render without `--compat`, which redirects only what goes to stable",
    )
}

pub(super) fn dropped_settings(place: Place<'_>) -> Option<Fault> {
    let fields = place.rule.as_object()?.keys();
    let names = listed(fields.filter(|key| !NOT_SETTINGS.contains(&key.as_str())));
    if names.is_empty() {
        return None;
    }
    let message = format!("the step's rules go without the {names} of this rule");
    Some(place.fault(
        &SCRIPT_DROPS_RULE_SETTINGS,
        message,
        "render without `--compat`, whose rules for the canary are full copies",
    ))
}

pub(super) fn prefix_without_slash(request: &RequestMatch) -> Option<Fault> {
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
        help: "end the prefix with `/`, or render without `--compat`".into(),
    })
}

pub(super) fn matches_everything() -> Fault {
    Fault {
        code: &SCRIPT_MATCHES_EVERYTHING,
        path: FieldPath::of_keys(&["spec", "http"]),
        message: "a match of the step describes every request, and its rule stands before all others: the canary gets all requests, whoever they are for".to_owned(),
        help: "name a header, a query parameter or a path in the match".into(),
    }
}

pub(super) fn changes_nothing(backends: &Backends) -> Fault {
    let service = &backends.stable.name;
    Fault {
        code: &SCRIPT_CHANGES_NOTHING,
        path: FieldPath::of_keys(&["spec"]),
        message: format!(
            "no rule without a match sends to service `{service}`, so the script changes nothing and the canary gets no requests"
        ),
        help: "render without `--compat`, or add a rule without a match".into(),
    }
}
