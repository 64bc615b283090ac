//! The regular expressions that Go, Envoy and this crate read alike.
//!
//! The admission webhook compiles a pattern with Go's regexp, Envoy runs it with RE2 on bytes, and we
//! with the crate `regex`. The three differ at the edges, some of them without an error: `[a&&b]` is a
//! list of characters in RE2 and an intersection here. A simulation that guesses is not a proof, so what
//! is not known to mean the same in all three is refused, with the reason. Of what is left, the crate
//! is asked last, so that a pattern accepted here also compiles.

use std::fmt;

mod class;
mod compiled;
mod escape;
mod repeat;

use regex::bytes::{Regex, RegexBuilder};
use repeat::Counts;

/// The longest pattern that the webhook admits.
///
/// From istio/istio:pkg/config/validation/validation.go `validateStringMatchRegexp`.
const MAX_LENGTH: usize = 1024;

/// The most memory that a compiled pattern may take, in bytes.
const MAX_SIZE: usize = 4 << 20;

/// Why a regular expression is not evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The pattern.
    pub pattern: String,
    /// What in it stands in the way.
    pub reason: Reason,
}

/// What stands in the way of evaluating a regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is empty.
    Empty,
    /// It is longer than the webhook admits.
    TooLong,
    /// It has a character that is several bytes to Envoy and one character to others.
    NotAscii,
    /// It has an escape that not all engines know, or that they read differently.
    Escape(String),
    /// It has a group that not all engines know.
    Group(String),
    /// It has a class that not all engines read alike.
    Class(String),
    /// It has a repetition that not all engines read alike.
    Repetition(String),
    /// It is invalid for every engine.
    Invalid,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the regex `{}` {}", self.pattern, self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(formatter, "is empty"),
            Self::TooLong => write!(formatter, "is longer than {MAX_LENGTH} bytes"),
            Self::NotAscii => {
                write!(formatter, "has a character outside ASCII, which Envoy reads as bytes")
            }
            Self::Escape(text) => {
                write!(formatter, "has `{text}`, which Go, Envoy and others read differently")
            }
            Self::Group(text) => write!(formatter, "has `{text}`, which not every engine knows"),
            Self::Class(text) => {
                write!(formatter, "has `{text}` in a class, which engines read differently")
            }
            Self::Repetition(text) => {
                write!(formatter, "has `{text}`, a repetition that engines read differently")
            }
            Self::Invalid => write!(formatter, "is invalid"),
        }
    }
}

/// Compiles a pattern that must match the whole value, on bytes, as Envoy does.
///
/// # Errors
///
/// Where engines differ, or the pattern is invalid.
pub(crate) fn compile(pattern: &str) -> Result<Regex, Refusal> {
    compiled::compiled(pattern, || compile_new(pattern))
}

fn compile_new(pattern: &str) -> Result<Regex, Refusal> {
    let refuse = |reason| Refusal { pattern: pattern.to_owned(), reason };
    check(pattern).map_err(refuse)?;
    RegexBuilder::new(&format!("^(?:{pattern})\\z"))
        .unicode(false)
        .size_limit(MAX_SIZE)
        .build()
        .map_err(|_| refuse(Reason::Invalid))
}

fn check(pattern: &str) -> Result<(), Reason> {
    if pattern.is_empty() {
        return Err(Reason::Empty);
    }
    if pattern.len() > MAX_LENGTH {
        return Err(Reason::TooLong);
    }
    if !pattern.is_ascii() {
        return Err(Reason::NotAscii);
    }
    let mut rest = pattern;
    let mut counts = Counts::default();
    while !rest.is_empty() {
        rest = check_next(rest, &mut counts)?;
    }
    counts.check_end()
}

/// Checks the first item of `rest`, and returns what follows it.
fn check_next<'a>(rest: &'a str, counts: &mut Counts) -> Result<&'a str, Reason> {
    let (first, after) = rest.split_at(1);
    match first {
        "\\" => escape::check_outside(after, counts),
        "[" => {
            counts.atom();
            class::check(after)
        }
        "(" => check_group(after, counts),
        ")" => counts.close().map(|()| after),
        "|" | "^" | "$" => {
            counts.nothing_to_repeat();
            Ok(after)
        }
        "*" | "+" | "?" | "{" => counts.repeat(rest),
        _ => {
            counts.atom();
            Ok(after)
        }
    }
}

/// Checks what comes after an opening parenthesis, up to the inside of the group.
fn check_group<'a>(after: &'a str, counts: &mut Counts) -> Result<&'a str, Reason> {
    let Some(special) = after.strip_prefix('?') else {
        counts.open();
        return Ok(after);
    };
    if let Some(name) = special.strip_prefix("P<") {
        counts.open();
        return check_name(name);
    }
    let end = special.find([':', ')']).ok_or(Reason::Invalid)?;
    let (flags, inside) = special.split_at(end);
    let known = flags.bytes().all(|flag| b"imsU-".contains(&flag));
    let shaped = !flags.ends_with('-') && flags.matches('-').count() <= 1;
    if !known || !shaped {
        return Err(Reason::Group(format!("(?{}", &special[..=end])));
    }
    if inside.starts_with(':') {
        counts.open();
    } else if flags.is_empty() {
        return Err(Reason::Invalid);
    } else {
        // Flags for the rest of the group at hand: this parenthesis opens no group.
        counts.nothing_to_repeat();
    }
    Ok(&inside[1..])
}

/// Checks the name of a group, and returns what follows it.
fn check_name(text: &str) -> Result<&str, Reason> {
    let (name, inside) = text.split_once('>').ok_or(Reason::Invalid)?;
    let starts_well = !name.starts_with(|first: char| first.is_ascii_digit());
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word && starts_well && !name.is_empty() {
        return Ok(inside);
    }
    Err(Reason::Group(format!("(?P<{name}>")))
}

#[cfg(test)]
mod tests;
