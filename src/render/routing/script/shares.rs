//! Who gets how much of a rule's requests, as Istio reads its weights.

use serde_json::Value;

/// The destinations of a rule, and their weights.
pub(super) struct Shares<'r> {
    entries: Vec<(&'r Value, f64)>,
}

impl<'r> Shares<'r> {
    /// Reads the destinations of a rule: a sole one gets everything, of several an absent weight is
    /// nothing (istio/istio:pilot/pkg/networking/core/route/route.go `applyHTTPRouteDestination`).
    pub(super) fn of(rule: &'r Value) -> Self {
        let route = rule.get("route").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let weight = |entry: &Value| match route.len() {
            1 => 1.0,
            _ => entry.get("weight").and_then(Value::as_f64).unwrap_or(0.0),
        };
        Self { entries: route.iter().map(|entry| (entry, weight(entry))).collect() }
    }

    /// Returns the percentage that goes to destinations of which `holds` is true.
    pub(super) fn percent(&self, holds: impl Fn(&Value) -> bool) -> f64 {
        let total: f64 = self.entries.iter().map(|(_, weight)| weight).sum();
        let theirs = self.entries.iter().filter(|(entry, _)| holds(entry));
        let theirs: f64 = theirs.map(|(_, weight)| weight).sum();
        if total > 0.0 { theirs * 100.0 / total } else { 0.0 }
    }
}

/// Returns the host of a destination.
pub(super) fn host(entry: &Value) -> &str {
    entry.pointer("/destination/host").and_then(Value::as_str).unwrap_or_default()
}

/// Returns a percentage as people write it: at most one decimal.
pub(super) fn shown(percent: f64) -> String {
    // A sum of nothing is -0.
    let text = format!("{:.1}", percent + 0.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}
