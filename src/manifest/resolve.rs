//! Values of scalars, as Kubernetes resolves them.
//!
//! The rules are go-yaml's as `sigs.k8s.io/yaml` uses it (goyaml.v2/resolve.go `resolve`): YAML 1.1
//! with octal `0644`, `yes`, `1_000`, and dates left as strings; see also `key` for what becomes of
//! map keys (yaml.go `convertToJSONableObject`).

use std::borrow::Cow;

use serde_json::Number;

use super::scalar::Scalar;

/// The prefix of YAML's own tags, written `!!` in a document.
const CORE: &str = "tag:yaml.org,2002:";

/// A scalar that cannot be what its tag says, or that JSON cannot hold.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("the value is not what its tag `{0}` says")]
    Tag(String),
    #[error("infinity and not-a-number cannot be written as JSON")]
    NotFinite,
    #[error("null cannot be a key")]
    NullKey,
    #[error("a number over 9223372036854775807 cannot be a key")]
    UnsignedKey,
}

/// A scalar before it becomes JSON, where integers and floats still differ.
#[derive(Debug, Clone, PartialEq)]
enum Resolved {
    Null,
    Bool(bool),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    String,
}

/// Returns the value of a scalar, as JSON has it.
///
/// # Errors
///
/// Where `kubectl` refuses the scalar.
pub(super) fn value(text: &str, plain: bool, tag: Option<&str>) -> Result<Scalar, ResolveError> {
    if tag == Some("tag:yaml.org,2002:binary") {
        return decode_binary(text);
    }
    match resolve(text, plain, tag)? {
        Resolved::Null => Ok(Scalar::Null),
        Resolved::Bool(bool) => Ok(Scalar::Bool(bool)),
        Resolved::Integer(integer) => Ok(Scalar::Number(integer.into())),
        // The JSON is read back into int64 or float64, never into uint64.
        Resolved::Unsigned(unsigned) => float_value(unsigned as f64),
        Resolved::Float(float) => float_value(float),
        Resolved::String => Ok(Scalar::String(text.into())),
    }
}

/// Returns the text that a scalar is as the key of a map.
///
/// # Errors
///
/// Null and integers over 64 bits signed are no keys.
pub(super) fn key<'t>(
    text: Cow<'t, str>,
    plain: bool,
    tag: Option<&str>,
) -> Result<Cow<'t, str>, ResolveError> {
    match resolve(&text, plain, tag)? {
        Resolved::Null => Err(ResolveError::NullKey),
        Resolved::Bool(bool) => Ok(Cow::Owned(bool.to_string())),
        Resolved::Integer(integer) => Ok(Cow::Owned(integer.to_string())),
        Resolved::Unsigned(_) => Err(ResolveError::UnsignedKey),
        Resolved::Float(float) => Ok(Cow::Owned(float_key(float))),
        Resolved::String => Ok(text),
    }
}

/// Returns whether the plain scalar `text` is a string to Kubernetes.
pub(crate) fn is_plain_string(text: &str) -> bool {
    matches!(resolve(text, true, None), Ok(Resolved::String))
}

fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Resolved, ResolveError> {
    let Some(tag) = tag else {
        return Ok(if plain { resolve_plain(text) } else { Resolved::String });
    };
    let Some(core) = tag.strip_prefix(CORE) else { return Ok(Resolved::String) };
    let resolved = resolve_plain(text);
    match (core, &resolved) {
        ("str" | "binary", _) => Ok(Resolved::String),
        ("float", Resolved::Integer(integer)) => Ok(Resolved::Float(*integer as f64)),
        ("float", Resolved::Unsigned(unsigned)) => Ok(Resolved::Float(*unsigned as f64)),
        ("float", Resolved::Float(_))
        | ("int", Resolved::Integer(_) | Resolved::Unsigned(_))
        | ("bool", Resolved::Bool(_))
        | ("null", Resolved::Null) => Ok(resolved),
        ("timestamp", _) if is_date(text) => Ok(Resolved::String),
        ("float" | "int" | "bool" | "null" | "timestamp", _) => {
            Err(ResolveError::Tag(format!("!!{core}")))
        }
        _ => Ok(Resolved::String),
    }
}

/// Returns whether the text begins as a date does, which kustomize reads as a timestamp.
pub(crate) fn is_date(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 4 && text.as_bytes().get(4) == Some(&b'-') && text.bytes().skip(5).any(|b| b == b'-')
}

fn resolve_plain(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            return Resolved::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            return Resolved::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Resolved::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes().first() {
        Some(b'.') => parse_dotted(text),
        Some(b'+' | b'-' | b'0'..=b'9') => parse_number(text),
        _ => Resolved::String,
    }
}

/// Reads a number that begins with its point, with underscores between digits only.
fn parse_dotted(text: &str) -> Resolved {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let separates = |at: usize| is_digit(bytes.get(at - 1)) && is_digit(bytes.get(at + 1));
    let digits = text.replace('_', "");
    if is_decimal(&digits) && text.match_indices('_').all(|(at, _)| separates(at)) {
        parse_float(&digits)
    } else {
        Resolved::String
    }
}

fn parse_number(text: &str) -> Resolved {
    let digits = text.replace('_', "");
    parse_integer(&digits)
        .or_else(|| is_decimal(&digits).then(|| parse_float(&digits)))
        .or_else(|| parse_fallback_binary(&digits))
        .unwrap_or(Resolved::String)
}

/// Reads an integer as Go's `strconv.ParseInt(text, 0, 64)` does, then `ParseUint`.
fn parse_integer(text: &str) -> Option<Resolved> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    let (digits, radix) = match unsigned.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (unsigned.get(2..)?, 16),
        Some("0b") => (unsigned.get(2..)?, 2),
        Some("0o") => (unsigned.get(2..)?, 8),
        _ if unsigned.len() > 1 && unsigned.starts_with('0') => (unsigned.get(1..)?, 8),
        _ => (unsigned, 10),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(magnitude).map(Resolved::Integer);
    }
    match i64::try_from(magnitude) {
        Ok(integer) => Some(Resolved::Integer(integer)),
        // ParseUint takes no sign.
        Err(_) => (!text.starts_with('+')).then_some(Resolved::Unsigned(magnitude)),
    }
}

/// Reads binary digits. go-yaml hands what follows `0b` to ParseInt once more, which then takes a sign:
/// `0b-1`.
fn parse_fallback_binary(text: &str) -> Option<Resolved> {
    let (sign, digits) = match text.strip_prefix("-0b") {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix("0b")?),
    };
    i64::from_str_radix(&format!("{sign}{digits}"), 2).ok().map(Resolved::Integer)
}

/// Returns whether a text matches go-yaml's `yamlStyleFloat`:
/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
        }
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let has_digits = !whole.is_empty() || (!fraction.is_empty() && mantissa.starts_with('.'));
    has_digits
        && all_digits(whole)
        && all_digits(fraction)
        && !exponent.is_empty()
        && all_digits(exponent)
}

/// Reads a float. A number out of the range of 64-bit floats is a string, as Go's error makes it.
fn parse_float(text: &str) -> Resolved {
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Resolved::Float(float),
        _ => Resolved::String,
    }
}

/// Returns the value of a float. One without a fraction comes back from JSON as an integer where it fits.
fn float_value(float: f64) -> Result<Scalar, ResolveError> {
    if !float.is_finite() {
        return Err(ResolveError::NotFinite);
    }
    if float.fract() == 0.0
        && float.abs() < 1e21
        && let Ok(integer) = format!("{float}").parse::<i64>()
    {
        return Ok(Scalar::Number(integer.into()));
    }
    Number::from_f64(float).map(Scalar::Number).ok_or(ResolveError::NotFinite)
}

/// Writes a float as Go's `strconv.FormatFloat(float, 'g', -1, 32)` does, with YAML's names for what is not
/// finite.
fn float_key(float: f64) -> String {
    let float = float as f32;
    if float.is_nan() {
        return ".nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{float}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn decode_binary(text: &str) -> Result<Scalar, ResolveError> {
    let bytes = decode_base64(text).ok_or_else(|| ResolveError::Tag("!!binary".to_owned()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

/// Decodes standard base64 with padding. Line breaks are skipped, as Go does.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let symbols: Vec<u8> = text.bytes().filter(|byte| !b"\r\n".contains(byte)).collect();
    let (quads, rest) = symbols.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(quads.len() * 3);
    for (index, quad) in quads.iter().enumerate() {
        let padding = quad.iter().rev().take_while(|&&symbol| symbol == b'=').count();
        if padding > 2 || (padding > 0 && index + 1 < quads.len()) {
            return None;
        }
        let mut bits = 0u32;
        for &symbol in quad {
            bits = bits << 6 | u32::from(if symbol == b'=' { 0 } else { base64_digit(symbol)? });
        }
        bytes.extend(bits.to_be_bytes().iter().skip(1).take(3 - padding));
    }
    Some(bytes)
}

fn base64_digit(symbol: u8) -> Option<u8> {
    match symbol {
        b'A'..=b'Z' => Some(symbol - b'A'),
        b'a'..=b'z' => Some(symbol - b'a' + 26),
        b'0'..=b'9' => Some(symbol - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
