//! Who gets how much of a rule's requests, as Istio reads its weights.

use serde_json::Value;

/// The most decimals of a percentage; faults that are smaller are none.
const MAX_DECIMALS: usize = 10;

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
    shown_to(percent, 1)
}

/// Returns two percentages, with as many decimals as it takes to tell one from the other.
pub(super) fn shown_apart(one: f64, other: f64) -> (String, String) {
    let shown = |decimals| (shown_to(one, decimals), shown_to(other, decimals));
    (1..MAX_DECIMALS).map(shown).find(|(one, other)| one != other).unwrap_or(shown(MAX_DECIMALS))
}

fn shown_to(percent: f64, decimals: usize) -> String {
    // A sum of nothing is -0.
    let text = format!("{:.decimals$}", percent + 0.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::{shown, shown_apart};

    #[test]
    fn percentages_are_told_apart() {
        assert_eq!(["50 %", "0 %", "33.3 %"], [50.0, -0.0, 100.0 / 3.0].map(shown));
        let apart = |one, other| {
            let (one, other) = shown_apart(one, other);
            format!("{one}, not {other}")
        };
        assert_eq!(apart(20.2, 20.0), "20.2 %, not 20 %");
        assert_eq!(apart(49.96, 50.0), "49.96 %, not 50 %");
        assert_eq!(apart(100.0 / 3.0, 33.3333), "33.33333 %, not 33.3333 %");
    }
}
