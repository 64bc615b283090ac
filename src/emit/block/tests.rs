//! Exact text of values, and of what is easily taken for something else.

use serde_json::json;

use super::*;

#[test]
fn documents_look_as_kubectl_writes_them() {
    let value = json!({
        "z": {"b": [{"c": 1, "d": [[1, [2]], {}]}, "x"], "a": []},
        "script": ["set -e\n\nls\n", {"inner": "a\nb"}],
        "": null,
    });
    let expected = "\
z:
  b:
  - c: 1
    d:
    - - 1
      - - 2
    - {}
  - x
  a: []
script:
- |
  set -e

  ls
- inner: |-
    a
    b
\"\": null
";
    assert_eq!(expected, document(&value, &Style::default()));
}

#[test]
fn blocks_follow_the_manners_of_a_document() {
    let style = Style { indent: 4, list_offset: 2, newline: "\r\n", ..Style::default() };
    let value = json!({"a": {"l": [{"x": 1, "t": "1\n2\n"}]}});
    let expected =
        "a:\r\n    l:\r\n      - x: 1\r\n        t: |\r\n            1\r\n            2\r\n";
    assert_eq!(expected, document(&value, &style));
}

#[test]
fn long_keys_are_explicit() {
    let key = "k".repeat(1001);
    let value = json!({key.clone(): {"a": [1]}});
    assert_eq!(format!("? {key}\n:\n  a:\n  - 1\n"), document(&value, &Style::default()));
    assert_eq!(
        value,
        crate::manifest::parse(&document(&value, &Style::default())).unwrap().to_value()
    );
    assert_eq!(value, crate::manifest::parse(&flow(&value)).unwrap().to_value());
}

#[test]
fn flow_is_one_line() {
    let value = json!({"a": [1, "x y", "b,c", null], "m": {}, "t": "1\n2"});
    assert_eq!(r#"{a: [1, x y, 'b,c', null], m: {}, t: "1\n2"}"#, flow(&value));
}
