//! What we write means the same to a reader of YAML 1.2.
//!
//! Everything that the versions of YAML read differently is quoted, so a reader that knows nothing of
//! Kubernetes must find the same values.
#![cfg(test)]

#[path = "fixture/same.rs"]
mod same;

use proptest::prelude::*;
use same::is_same;
use serde_json::{Map, Value, json};

/// Strings that some reader takes for something else, and others.
fn text() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(vec![
        "yes",
        "No",
        "on",
        "y",
        "~",
        "null",
        "",
        "true",
        "0644",
        "0o14",
        "0x1F",
        "1_000",
        "1e3",
        ".5",
        "+1",
        "12:30:45",
        "2024-01-01",
        "=",
        "<<",
        "-",
        "- a",
        "a: b",
        "a #b",
        "#",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "%",
        "@",
        "`",
        "'",
        "\"",
        "{",
        "[",
        "]",
        ",",
        "? ",
        ":",
        "---",
        "...",
        " a",
        "a ",
        "a\nb",
        "a\n",
        "\n",
        "a\tb",
        "é",
        "😀",
        "\u{7f}",
        "\u{1}",
        "a\r\nb",
        "{\"a\":\"b\"}",
    ]);
    prop_oneof![tricky.prop_map(str::to_owned), "[ -~]{0,12}", "[a-z:#\\n \\-]{0,10}"]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        (-1.0e6..1.0e6f64).prop_map(|float| json!(float)),
    ];
    scalar.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_of_yaml_1_2_finds_the_same_values(value in value()) {
        let text = rollstep::to_yaml(&json!({ "v": value }));
        let read: Value = serde_yaml::from_str(&text).unwrap();
        prop_assert!(is_same(&read["v"], &value), "{text}");
    }

    #[test]
    fn we_find_the_same_values(value in value()) {
        let text = rollstep::to_yaml(&json!({ "apiVersion": "v1", "kind": "T", "v": value }));
        let read = rollstep::read(&[rollstep::Source::new("a.yaml", text.clone())]).unwrap().remove(0);
        prop_assert!(is_same(&read["v"], &value), "{text}");
    }
}
