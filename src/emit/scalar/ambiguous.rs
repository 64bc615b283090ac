//! Strings that some reader of YAML takes for another value.
//!
//! `kubectl` reads YAML 1.1 in Go's manner, `kustomize` something between 1.1 and 1.2, other tools
//! either; a string that is none of their numbers, dates, booleans and nulls is left plain.

use crate::manifest::{is_date, is_plain_string};

/// Words with a meaning, in small letters.
const WORDS: &[&str] = &[
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<", ".inf", "+.inf",
    "-.inf", ".nan",
];

/// Returns whether the plain text could be read as something other than a string.
pub(super) fn is_ambiguous(text: &str) -> bool {
    !is_plain_string(text)
        || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
        || (text.starts_with(['+', '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            && (is_date(text) || is_number(text) || is_sexagesimal(text)))
}

/// A number in any base, also one that is too large or holds digits that its base lacks.
fn is_number(text: &str) -> bool {
    let digits = text.replace('_', "");
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
    let based = unsigned.get(..2).map(str::to_ascii_lowercase);
    match based.as_deref() {
        Some("0x" | "0o" | "0b") => unsigned.bytes().skip(2).all(|byte| byte.is_ascii_hexdigit()),
        _ => digits.parse::<f64>().is_ok(),
    }
}

/// Base 60: `1:30`, `12:30:45.5`.
fn is_sexagesimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = unsigned.split_once('.').map_or(unsigned, |(whole, _)| whole);
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let is_first = first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let is_part = |part: &str| part.len() <= 2 && part.parse::<u8>().is_ok_and(|part| part < 60);
    is_first && whole.contains(':') && parts.all(is_part)
}
