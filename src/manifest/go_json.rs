//! JSON exactly as Go's `encoding/json` writes it.
//!
//! The controller stores originals in this form, and a stored original is compared byte for byte:
//! keys sorted bytewise, no blanks, `<`, `>`, `&`, U+2028 and U+2029 escaped, other text raw.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::number::to_go_json;

/// Appends `value` to `text`, keys sorted.
pub(crate) fn write_go_json(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(bool) => text.push_str(if *bool { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&to_go_json(number)),
        Value::String(string) => write_string(text, string),
        Value::Array(items) => {
            write_list(text, ('[', ']'), items.iter(), write_go_json);
        }
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            write_list(text, ('{', '}'), sorted.into_iter(), |text, (key, value)| {
                write_string(text, key);
                text.push(':');
                write_go_json(text, value);
            });
        }
    }
}

fn write_list<T>(
    text: &mut String,
    (open, close): (char, char),
    items: impl Iterator<Item = T>,
    write: impl Fn(&mut String, T),
) {
    text.push(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(close);
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::write_go_json;

    #[test]
    fn writes_what_go_writes() {
        let mut text = String::new();
        let value =
            json!({"b": [1, 0.5, 1e21, 1e-7], "a": "<é>&\u{2028}\u{1}\t", "_": {}, "Z": null});
        write_go_json(&mut text, &value);
        let expected =
            r#"{"Z":null,"_":{},"a":"\u003cé\u003e\u0026\u2028\u0001\t","b":[1,0.5,1e+21,1e-7]}"#;
        assert_eq!(text, expected);
    }
}
