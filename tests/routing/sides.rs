//! Whose the hosts of the trees are, name by name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fraction::Fraction;
use super::reference::{shares, without};

/// Whose a destination is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Side {
    Stable,
    Canary,
    Other,
}

/// Returns whose the destination of an entry is, in a VirtualService of a namespace.
pub(crate) fn side(entry: &Value, namespace: &str) -> Side {
    match (entry["destination"]["host"].as_str().unwrap(), namespace) {
        ("web", "default") | ("web.default.svc.cluster.local", _) => Side::Stable,
        ("web-canary", "default") | ("web-canary.default.svc.cluster.local", _) => Side::Canary,
        _ => Side::Other,
    }
}

/// Returns the canary's entry for one of stable.
pub(crate) fn canary_of(entry: &Value) -> Value {
    let mut entry = entry.clone();
    entry["destination"] = without(&entry["destination"], &["subset"]);
    entry["destination"]["host"] = match entry["destination"]["host"].as_str().unwrap() {
        "web" => json!("web-canary"),
        "web.default.svc.cluster.local" => json!("web-canary.default.svc.cluster.local"),
        other => panic!("`{other}` is not stable"),
    };
    entry
}

/// Returns what a route sends to one side.
pub(crate) fn share_of(route: &Value, namespace: &str, wanted: Side) -> Fraction {
    let zero = Fraction::new(0, 1);
    of_side(route, namespace, wanted).values().fold(zero, |sum, share| sum.plus(*share))
}

/// Returns what each destination of one side gets.
pub(crate) fn of_side(route: &Value, namespace: &str, wanted: Side) -> BTreeMap<String, Fraction> {
    let mut shares = shares(route);
    let is_wanted = |name: &str| side(&serde_json::from_str(name).unwrap(), namespace) == wanted;
    shares.retain(|name, _| is_wanted(name));
    shares
}

/// Returns whether any request of a rule reaches stable, or the canary beside it.
pub(crate) fn is_bound(rule: &Value, namespace: &str) -> bool {
    let entries = rule["route"].as_array().cloned().unwrap_or_default();
    let ours = [Side::Stable, Side::Canary];
    let receives = ours.iter().any(|side| !share_of(&rule["route"], namespace, *side).is_zero());
    receives && entries.iter().any(|entry| side(entry, namespace) == Side::Stable)
}
