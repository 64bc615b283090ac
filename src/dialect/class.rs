//! What may stand between brackets.

use super::{Reason, escape};

/// The classes with a name that all engines know.
const NAMES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// Checks a class after its opening bracket, and returns what follows its end.
///
/// The crate knows nested classes, and `&&`, `--` and `~~` between them; to others these are
/// characters.
pub(super) fn check(after: &str) -> Result<&str, Reason> {
    let mut rest = after.strip_prefix('^').unwrap_or(after);
    // A bracket that closes nothing is a character.
    rest = rest.strip_prefix(']').unwrap_or(rest);
    loop {
        if let Some(operator) = ["&&", "--", "~~"].iter().find(|text| rest.starts_with(**text)) {
            return Err(Reason::Class((*operator).to_owned()));
        }
        match rest.bytes().next() {
            None => return Err(Reason::Invalid),
            Some(b']') => return Ok(&rest[1..]),
            Some(b'\\') => rest = escape::check_character(&rest[1..])?,
            Some(b'[') => rest = check_named(rest)?,
            Some(_) => rest = &rest[1..],
        }
    }
}

fn check_named(rest: &str) -> Result<&str, Reason> {
    let named = rest.strip_prefix("[:").and_then(|inside| inside.split_once(":]"));
    match named {
        Some((name, after)) if NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) => Ok(after),
        _ => Err(Reason::Class("[".to_owned())),
    }
}
