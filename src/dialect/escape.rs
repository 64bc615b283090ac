//! What may follow a backslash.

use super::Reason;
use super::repeat::Counts;

/// Checks an escape outside a class, and returns what follows it.
pub(super) fn check_outside<'a>(after: &'a str, counts: &mut Counts) -> Result<&'a str, Reason> {
    match after.bytes().next() {
        Some(b'A' | b'z' | b'b' | b'B') => {
            counts.nothing_to_repeat();
            let rest = &after[1..];
            // `\b{start}` is an assertion of the crate's own.
            if rest.starts_with('{') { Err(escape(after, 2)) } else { Ok(rest) }
        }
        _ => {
            counts.atom();
            check_character(after)
        }
    }
}

/// Checks an escape that stands for one or some characters, and returns what follows it.
///
/// `\s` has the vertical tab in it here and not in RE2; no header or path can have one.
pub(super) fn check_character(after: &str) -> Result<&str, Reason> {
    let Some(first) = after.bytes().next() else { return Err(Reason::Invalid) };
    match first {
        b'd' | b'D' | b's' | b'S' | b'w' | b'W' => Ok(&after[1..]),
        b'a' | b'f' | b'n' | b'r' | b't' | b'v' => Ok(&after[1..]),
        b'x' => check_hexadecimal(after),
        // The start and the end of a word to the crate, plain characters to the others.
        b'<' | b'>' => Err(escape(after, 1)),
        _ if first.is_ascii_punctuation() => Ok(&after[1..]),
        _ => Err(escape(after, 1)),
    }
}

/// `\x41` is the same everywhere; from `\x80` on, bytes and characters part.
fn check_hexadecimal(after: &str) -> Result<&str, Reason> {
    let digits = after.get(1..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        Some(byte) if byte.is_ascii() => Ok(&after[3..]),
        Some(_) => Err(escape(after, 3)),
        None => Err(escape(after, 2)),
    }
}

fn escape(after: &str, length: usize) -> Reason {
    Reason::Escape(format!("\\{}", after.get(..length).unwrap_or(after)))
}
