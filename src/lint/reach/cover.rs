//! Whether every request that meets one match meets another.
//!
//! Says yes only where that is certain: conditions that are not known, and those whose texts cannot be
//! compared, are taken to differ.

use serde_json::{Map, Value};

/// Keys that are no conditions.
const LABELS: [&str; 2] = ["name", "statPrefix"];

/// Regular expressions that hold for every path.
const ANY: [&str; 2] = [".*", "/.*"];

/// Returns whether every request that meets `narrow` meets `wide`; null is a match without conditions.
pub(super) fn covers(wide: &Value, narrow: &Value) -> bool {
    let none = Map::new();
    let wide = wide.as_object().unwrap_or(&none);
    let narrow = narrow.as_object().unwrap_or(&none);
    wide.iter().all(|(key, value)| value.is_null() || is_implied((key, value), wide, narrow))
}

/// Returns whether a condition of `wide` holds wherever those of `narrow` do.
fn is_implied(
    (key, value): (&String, &Value),
    wide: &Map<String, Value>,
    narrow: &Map<String, Value>,
) -> bool {
    let other = narrow.get(key).filter(|other| !other.is_null());
    match key.as_str() {
        key if LABELS.contains(&key) => true,
        // It changes how the path is compared, and is no condition itself.
        "ignoreUriCase" => true,
        "uri" if holds_for_all(value) => true,
        "uri" => same(wide, narrow, "ignoreUriCase") && text_implied(value, other),
        "scheme" | "method" | "authority" => text_implied(value, other),
        "headers" => named_implied(value, other, str::eq_ignore_ascii_case),
        "queryParams" => named_implied(value, other, |one, other| one == other),
        "withoutHeaders" | "port" => other == Some(value),
        "gateways" => is_part(other, value),
        // Where a match names gateways, the source does not count.
        "sourceLabels" | "sourceNamespace" => {
            other == Some(value) && same(wide, narrow, "gateways")
        }
        _ => false,
    }
}

fn same(one: &Map<String, Value>, other: &Map<String, Value>, key: &str) -> bool {
    one.get(key).unwrap_or(&Value::Null) == other.get(key).unwrap_or(&Value::Null)
}

/// Returns whether all items of a list that is there are in the other.
fn is_part(list: Option<&Value>, of: &Value) -> bool {
    let of = of.as_array().map_or(&[][..], Vec::as_slice);
    list.and_then(Value::as_array)
        .is_some_and(|items| !items.is_empty() && items.iter().all(|item| of.contains(item)))
}

fn holds_for_all(text: &Value) -> bool {
    let of = |key: &str| text.get(key).and_then(Value::as_str);
    matches!(of("prefix"), Some("" | "/")) || of("regex").is_some_and(|regex| ANY.contains(&regex))
}

/// Returns whether a text that meets `narrow` meets `wide`.
fn text_implied(wide: &Value, narrow: Option<&Value>) -> bool {
    let Some(narrow) = narrow else { return false };
    if wide == narrow {
        return true;
    }
    let start = |key: &str| narrow.get(key).and_then(Value::as_str);
    let known = start("exact").or_else(|| start("prefix"));
    match (wide.get("prefix").and_then(Value::as_str), wide.get("regex").and_then(Value::as_str)) {
        (Some(prefix), _) => known.is_some_and(|known| known.starts_with(prefix)),
        (None, Some(".*")) => true,
        // `{}` asks that the value is there.
        (None, None) => wide.as_object().is_some_and(Map::is_empty),
        (None, Some(_)) => false,
    }
}

fn named_implied(wide: &Value, narrow: Option<&Value>, same: fn(&str, &str) -> bool) -> bool {
    let none = Map::new();
    let narrow = narrow.and_then(Value::as_object).unwrap_or(&none);
    let holds = |(name, text): (&String, &Value)| {
        let mut fitting = narrow.iter().filter(|(other, _)| same(name, other));
        fitting.any(|(_, other)| text_implied(text, Some(other)))
    };
    wide.as_object().is_some_and(|wide| wide.iter().all(holds))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::covers;

    #[test]
    fn wider_conditions_cover_narrower_ones() {
        for (wide, narrow) in [
            (json!({}), json!({"uri": {"exact": "/a"}})),
            (Value::Null, json!({})),
            (json!({"uri": {"prefix": "/"}}), json!({"headers": {"a": {"exact": "b"}}})),
            (json!({"uri": {"prefix": "/a"}}), json!({"uri": {"exact": "/ab"}})),
            (json!({"headers": {"A": {}}}), json!({"headers": {"a": {"exact": "b"}}})),
            (json!({"name": "x"}), json!({"port": 80})),
            (json!({"gateways": ["a", "b"]}), json!({"gateways": ["a"], "port": 80})),
        ] {
            assert!(covers(&wide, &narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn what_may_differ_does_not_cover() {
        for (wide, narrow) in [
            (json!({"uri": {"exact": "/a"}}), json!({})),
            (json!({"uri": {"prefix": "/ab"}}), json!({"uri": {"prefix": "/a"}})),
            (
                json!({"uri": {"prefix": "/a"}}),
                json!({"uri": {"prefix": "/a"}, "ignoreUriCase": true}),
            ),
            (json!({"headers": {"a": {"exact": "b"}}}), json!({"headers": {"a": {}}})),
            (json!({"queryParams": {"A": {}}}), json!({"queryParams": {"a": {}}})),
            (json!({"withoutHeaders": {"a": {}}}), json!({})),
            (json!({"gateways": ["a"]}), json!({})),
            (json!({"somethingNew": 1}), json!({"somethingNew": 1})),
            (json!({"method": {"regex": "G.*"}}), json!({"method": {"exact": "GET"}})),
        ] {
            assert!(!covers(&wide, &narrow), "{wide} {narrow}");
        }
    }
}
