//! Numbers as Go writes them.
//!
//! Kubernetes keeps JSON, so a number in YAML or in an annotation looks as Go's `encoding/json`
//! makes it (encode.go `floatEncoder`). Which type a number has is left to the reader.

use serde_json::Number;

/// Returns the number as `json.Marshal` writes it: `0.5`, `1e+21`, `1e-7`.
pub(crate) fn to_go_json(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float_to_go_json(float),
        _ => number.to_string(),
    }
}

fn float_to_go_json(float: f64) -> String {
    let magnitude = float.abs();
    if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        return format!("{float}");
    }
    let scientific = format!("{float:e}");
    match scientific.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_go_does() {
        let cases = [
            (0.5, "0.5"),
            (-0.0, "-0"),
            (1.0, "1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e100, "-1.5e+100"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (123_456_789.125, "123456789.125"),
        ];
        for (float, expected) in cases {
            assert_eq!(expected, to_go_json(&Number::from_f64(float).unwrap()));
        }
    }

    #[test]
    fn integers_keep_their_digits() {
        assert_eq!("18446744073709551615", to_go_json(&Number::from(u64::MAX)));
        assert_eq!("-9223372036854775808", to_go_json(&Number::from(i64::MIN)));
    }
}
