//! What a rule may do to headers.
//!
//! From istio/istio:pkg/config/validation/validation.go `ValidateHTTPHeaderOperationName`,
//! header_value_validator.go, and virtualservice.go `validateAuthorityRewrite`.

use super::super::spot::Spot;
use super::Refused;

/// How to mend the name of a header.
pub(super) const NAME_HELP: &str = "name a header that is no part of the request line: without `:`, \
                                    and `host` only where a request is changed";

/// Says whether a rule may set or add the header of a request.
pub(super) fn may_be_set(name: &str) -> bool {
    is_authority(name) || may_be_changed(name)
}

/// Says whether a rule may remove the header, or change it in an answer.
pub(super) fn may_be_changed(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(':') && !name.eq_ignore_ascii_case("host")
}

fn is_authority(name: &str) -> bool {
    [":authority", "host"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Where in the value of a header a byte stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Literal,
    Variable,
    Arguments,
    BeforeArgument,
    Argument,
    AfterArgument,
    AfterArguments,
    AfterParenthesis,
}

/// Says whether variables as `%PROTOCOL%` begin and end, and nothing is there that no header holds.
pub(super) fn is_value(value: &str) -> bool {
    let is_control = |byte: u8| (byte < b' ' && byte != b'\t') || byte == 0x7f;
    let mut place = Place::Literal;
    let mut bytes = value.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let is_pair = match (place, byte) {
            (Place::Literal, b'%') => bytes.peek() == Some(&b'%'),
            (Place::Argument, b'\\') => bytes.peek().is_some(),
            _ => false,
        };
        if is_pair {
            bytes.next();
            continue;
        }
        match step(place, byte) {
            Some(next) if !is_control(byte) => place = next,
            _ => return false,
        }
    }
    place == Place::Literal
}

/// Returns where the next byte stands, unless this one cannot stand here.
fn step(place: Place, byte: u8) -> Option<Place> {
    match (place, byte) {
        (Place::Literal, b'%') => Some(Place::Variable),
        (Place::Variable | Place::AfterParenthesis, b'%') => Some(Place::Literal),
        (Place::Variable, b'(') => Some(Place::Arguments),
        (Place::Arguments, b'[') | (Place::AfterArgument, b',') => Some(Place::BeforeArgument),
        (Place::BeforeArgument, b'"') => Some(Place::Argument),
        (Place::Argument, b'"') => Some(Place::AfterArgument),
        (Place::AfterArgument, b']') => Some(Place::AfterArguments),
        (Place::Argument | Place::AfterArguments, b')') => Some(Place::AfterParenthesis),
        (Place::Argument, b'\\') => None,
        (Place::Literal | Place::Variable | Place::Argument, _) | (_, b' ') => Some(place),
        (Place::Arguments, _) => Some(Place::Argument),
        _ => None,
    }
}

/// The host of a request is changed in one place only.
pub(super) fn check_authority<'r>(rule: &Spot<'r>) -> Option<Refused<'r>> {
    let rewritten = rule.child("rewrite").and_then(|rewrite| rewrite.filled("authority"));
    let request = rule.child("headers")?.child("request")?;
    let changes = ["set", "add"].into_iter().filter_map(|key| request.child(key));
    let changed: Vec<_> = changes
        .flat_map(|change| change.entries())
        .filter(|(name, entry)| is_authority(name) && !entry.value.is_null())
        .collect();
    let first = changed.iter().position(|(_, entry)| entry.value != "");
    let again = if rewritten.is_some() { Some(0) } else { first.map(|first| first + 1) };
    let (_, spot) = changed.into_iter().nth(again?)?;
    let message = "the host of the request is changed twice in one rule".to_owned();
    Some((spot, message, "change it once, in `rewrite.authority` or by one header"))
}

#[cfg(test)]
mod tests {
    use super::{is_value, may_be_changed, may_be_set};

    #[test]
    fn variables_begin_and_end() {
        for (value, taken) in [
            ("", true),
            ("plain\tvalue é", true),
            ("100%%", true),
            ("%PROTOCOL%", true),
            ("a %REQ(x-id)% b", true),
            ("%START_TIME(%Y/%m)%", true),
            ("%UPSTREAM_METADATA([\"a\", \"b\"])%", true),
            ("50%", false),
            ("abc%123", false),
            ("%START_TIME%%", false),
            ("%UPSTREAM_METADATA([a])%", false),
            ("%REQ(x)y%", false),
            ("two\nlines", false),
        ] {
            assert_eq!(is_value(value), taken, "{value}");
        }
    }

    #[test]
    fn parts_of_the_request_line_stay() {
        let names = ["x-id", "Host", ":authority", ":path", ""];
        assert_eq!(names.map(may_be_set), [true, true, true, false, false]);
        assert_eq!(names.map(may_be_changed), [true, false, false, false, false]);
    }
}
