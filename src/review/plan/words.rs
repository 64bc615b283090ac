//! Which requests are meant, how long a pause is and how much a share, as people say it.

use serde_json::{Map, Value};

use super::quoted::quoted;
use super::traffic::written;
use super::{Pause, Version};
use crate::model::{NamedMatch, PathMatch, RequestMatch, ValueMatch};
use crate::simulate::{Place, Protocol, Share};

/// Says which requests a step describes.
pub(super) fn match_in_words(wanted: &RequestMatch) -> String {
    let path = wanted.path.as_ref().map(|path| match path {
        PathMatch::Exact(path) => format!("path is {}", quoted(path)),
        PathMatch::Prefix(prefix) => path_or_below(prefix.trim_end_matches('/')),
        PathMatch::Regex(regex) => format!("path matches {}", quoted(regex)),
    });
    let named = |what: &str, NamedMatch { name, value }: &NamedMatch| match value {
        ValueMatch::Exact(text) => format!("{what} {} is {}", quoted(name), quoted(text)),
        ValueMatch::Regex(regex) => format!("{what} {} matches {}", quoted(name), quoted(regex)),
    };
    let headers = wanted.headers.iter().map(|header| named("header", header));
    let parameters = wanted.query_params.iter().map(|one| named("query parameter", one));
    let parts: Vec<_> = path.into_iter().chain(headers).chain(parameters).collect();
    parts.join(" and ")
}

/// The whole of a path element is meant: `/beta` and `/beta/x`, not `/betamax`.
fn path_or_below(path: &str) -> String {
    match path {
        "" => "any path".to_owned(),
        path => format!("path is {} or below", quoted(path)),
    }
}

/// Says that no request gets to a rule.
pub(super) fn unreached(requests: &str) -> String {
    format!("{requests} (none: an earlier rule takes them)")
}

/// Says which requests a rule is for; those that a rule before it takes are not named again.
pub(super) fn requests_in_words(route: &Value, place: &Place) -> String {
    let what = match place.protocol {
        Protocol::Http => "request",
        Protocol::Tls | Protocol::Tcp => "connection",
    };
    let entries = entries(written(route, place));
    if entries.is_empty() || entries.iter().any(|entry| entry.is_empty()) {
        return match place.rule {
            0 => format!("every {what}"),
            _ => format!("all other {what}s"),
        };
    }
    let mut alternatives: Vec<String> = Vec::new();
    let mut entries = entries.into_iter().peekable();
    while let Some(entry) = entries.next() {
        let both = entries.peek().and_then(|next| path_and_below(entry, next));
        if both.is_some() {
            entries.next();
        }
        alternatives.push(both.unwrap_or_else(|| entry_in_words(entry)));
    }
    alternatives.join(", or ")
}

fn entries(rule: Option<&Value>) -> Vec<&Map<String, Value>> {
    let entries = rule.and_then(|rule| rule.get("match")?.as_array());
    entries.into_iter().flatten().filter_map(Value::as_object).collect()
}

/// Two entries that differ in the path alone, `/beta` and what begins with `/beta/`, are said as one.
fn path_and_below(entry: &Map<String, Value>, next: &Map<String, Value>) -> Option<String> {
    let path = entry.get("uri")?.get("exact")?.as_str()?;
    let below = next.get("uri")?.get("prefix")?.as_str()?;
    let rest = |entry: &Map<String, Value>| {
        let mut entry = entry.clone();
        entry.shift_remove("uri");
        entry
    };
    let same = rest(entry) == rest(next) && below == format!("{path}/");
    same.then(|| {
        let others = conditions(&rest(entry));
        [vec![path_or_below(path)], others].concat().join(" and ")
    })
}

fn entry_in_words(entry: &Map<String, Value>) -> String {
    conditions(entry).join(" and ")
}

fn conditions(entry: &Map<String, Value>) -> Vec<String> {
    let mut parts = Vec::new();
    for (key, value) in entry {
        match key.as_str() {
            "name" | "statPrefix" | "ignoreUriCase" => {}
            "uri" => {
                let any_case = entry.get("ignoreUriCase") == Some(&Value::Bool(true));
                let case = if any_case { ", in any case," } else { "" };
                parts.push(format!("{}{case}", condition("path", value)));
            }
            "scheme" | "method" => parts.push(condition(key, value)),
            "authority" => parts.push(condition("host", value)),
            "headers" => parts.extend(named("header", value)),
            "withoutHeaders" => parts.extend(excluded(value)),
            "queryParams" => parts.extend(named("query parameter", value)),
            "sourceLabels" => parts.extend(labels(value)),
            "sourceNamespace" => parts.push(format!("source namespace is {}", list(value))),
            "gateways" => parts.push(format!("gateway is {}", list(value))),
            "sniHosts" => parts.push(format!("server name is {}", list(value))),
            "destinationSubnets" => parts.push(format!("address is in {}", list(value))),
            "port" => parts.push(format!("port is {}", list(value))),
            other => parts.push(format!("{} is {}", quoted(other), list(value))),
        }
    }
    parts
}

fn named(what: &str, map: &Value) -> Vec<String> {
    let entries = map.as_object().into_iter().flatten();
    entries.map(|(name, value)| condition(&format!("{what} {}", quoted(name)), value)).collect()
}

/// Headers that must not be so.
fn excluded(map: &Value) -> Vec<String> {
    let exclude = |(name, wanted): (&String, &Value)| {
        let entry = wanted.as_object().and_then(|wanted| wanted.iter().next());
        match entry.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())) {
            Some(("prefix", text)) => {
                format!("header {} does not begin with {}", quoted(name), quoted(text))
            }
            Some(("regex", text)) => {
                format!("header {} does not match {}", quoted(name), quoted(text))
            }
            Some((_, text)) => format!("header {} is not {}", quoted(name), quoted(text)),
            None => format!("no header {}", quoted(name)),
        }
    };
    map.as_object().into_iter().flatten().map(exclude).collect()
}

fn labels(map: &Value) -> Vec<String> {
    let entries = map.as_object().into_iter().flatten();
    entries
        .map(|(name, value)| format!("source label {} is {}", quoted(name), list(value)))
        .collect()
}

fn condition(what: &str, wanted: &Value) -> String {
    let entry = wanted.as_object().and_then(|wanted| wanted.iter().next());
    match entry.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())) {
        Some(("prefix", text)) => format!("{what} begins with {}", quoted(text)),
        Some(("regex", text)) => format!("{what} matches {}", quoted(text)),
        Some((_, text)) => format!("{what} is {}", quoted(text)),
        None => format!("{what} is there"),
    }
}

fn list(value: &Value) -> String {
    let one = |value: &Value| match value {
        Value::String(text) => quoted(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => quoted(&value.to_string()),
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect::<Vec<_>>().join(" or "),
        value => one(value),
    }
}

/// Says a pause, as in `manual` and `2 h`.
pub(super) fn pause_in_words(pause: Pause) -> String {
    let seconds = match pause {
        Pause::Manual => return "manual".to_owned(),
        Pause::Seconds(seconds) => seconds,
    };
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let whole = units.iter().find(|(length, _)| seconds >= *length && seconds % length == 0);
    match whole {
        Some((length, unit)) => format!("{} {unit}", seconds / length),
        None => format!("{seconds} s"),
    }
}

/// Says how many pods there are.
pub(super) fn pods_in_words(pods: u32) -> String {
    if pods == 1 { "1 pod".to_owned() } else { format!("{pods} pods") }
}

/// Says a share in percent, with one place behind the point where that says more.
///
/// What is neither nothing nor all never looks so.
pub(super) fn percent(share: Share) -> String {
    let (numerator, denominator) = (u128::from(share.numerator()), u128::from(share.denominator()));
    let tenths = (numerator * 1_000 + denominator / 2) / denominator;
    match tenths {
        0 if !share.is_none() => "<0.1%".to_owned(),
        1_000 if share < Share::ALL => ">99.9%".to_owned(),
        tenths if tenths % 10 == 0 => format!("{}%", tenths / 10),
        tenths => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

impl Version {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{pause_in_words, percent, requests_in_words};
    use crate::review::plan::Pause;
    use crate::simulate::{Mesh, Share};

    fn said(matches: &Value) -> String {
        let route = json!({
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {"name": "web"},
            "spec": {"http": [{"match": matches, "route": [{"destination": {"host": "web"}}]}]},
        });
        let rules = Mesh::new(&[&route], "default").unwrap().rule_shares().unwrap();
        requests_in_words(&route, &rules[0].place)
    }

    #[test]
    fn requests_are_said_in_words() {
        for (matches, words) in [
            (json!([]), "every request"),
            (json!([{"uri": {"prefix": "/a"}}, {}]), "every request"),
            (json!([{"uri": {"prefix": "/a"}}]), "path begins with `/a`"),
            (
                json!([{"uri": {"exact": "/a"}}, {"uri": {"prefix": "/a/"}}, {"port": 80}]),
                "path is `/a` or below, or port is 80",
            ),
            (
                json!([{"headers": {"x": {"regex": "a.*"}}, "queryParams": {"q": {"exact": "1"}}}]),
                "header `x` matches `a.*` and query parameter `q` is `1`",
            ),
            (
                json!([{"withoutHeaders": {"x": {}, "y": {"exact": "1"}}}]),
                "no header `x` and header `y` is not `1`",
            ),
            (
                json!([{"uri": {"exact": "/a"}, "ignoreUriCase": true, "method": {"exact": "GET"}}]),
                "path is `/a`, in any case, and method is `GET`",
            ),
            (
                json!([{"gateways": ["mesh", "a/b"], "sourceLabels": {"app": "web"}}]),
                "gateway is `mesh` or `a/b` and source label `app` is `web`",
            ),
        ] {
            assert_eq!(said(&matches), words, "{matches}");
        }
    }

    #[test]
    fn pauses_are_said_in_the_largest_unit_that_is_exact() {
        let pauses = [0, 90, 120, 7_200, 5_400, 86_400].map(Pause::Seconds).map(pause_in_words);
        assert_eq!(pauses, ["0 s", "90 s", "2 min", "2 h", "90 min", "1 d"]);
        assert_eq!(pause_in_words(Pause::Manual), "manual");
    }

    #[test]
    fn what_is_neither_nothing_nor_all_never_looks_so() {
        for (numerator, denominator, said) in [
            (0, 1, "0%"),
            (1, 1, "100%"),
            (1, 3, "33.3%"),
            (7, 80, "8.8%"),
            (1, 10_000, "<0.1%"),
            (9_999, 10_000, ">99.9%"),
        ] {
            assert_eq!(percent(Share::of(numerator, denominator).unwrap()), said);
        }
    }
}
