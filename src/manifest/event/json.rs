//! Events of a JSON text.
//!
//! `kubectl` reads a file that begins with `{` as JSON, where `"\/"` and surrogate pairs are fine.
//! serde_json checks and splits such a text; what is left here is to walk it and note the spans.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::{Event, EventKind, MAX_DEPTH, Properties, ReadError, ReadErrorKind, ScalarStyle};

/// Returns the ranges of the JSON values in `text`, or nothing where it is not all JSON.
pub(in crate::manifest) fn split(text: &str) -> Option<Vec<Range<usize>>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut ranges = Vec::new();
    let mut end = 0;
    while let Some(value) = values.next() {
        value.ok()?;
        let blank = text.get(end..)?.len() - text.get(end..)?.trim_start().len();
        ranges.push(end + blank..values.byte_offset());
        end = values.byte_offset();
    }
    Some(ranges)
}

/// Returns the events of `text`, which [`split`] found to be a JSON value.
pub(in crate::manifest) fn events(
    text: &str,
) -> impl Iterator<Item = Result<Event<'_>, ReadError>> {
    Json { text, at: 0, depth: 0, over: false }
}

struct Json<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    over: bool,
}

impl<'t> Iterator for Json<'t> {
    type Item = Result<Event<'t>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        // Commas and colons say nothing that the order of the events does not say.
        let token = rest.trim_start_matches([' ', '\t', '\r', '\n', ',', ':']);
        self.at += rest.len() - token.len();
        let event = self.event(token);
        if event.is_err() || self.depth > MAX_DEPTH {
            self.over = true;
        }
        if self.depth > MAX_DEPTH {
            return Some(Err(too_deep(self.at)));
        }
        Some(event)
    }
}

impl<'t> Json<'t> {
    fn event(&mut self, token: &'t str) -> Result<Event<'t>, ReadError> {
        let (kind, length) = match token.as_bytes().first() {
            None => {
                self.over = true;
                (EventKind::DocumentEnd, 0)
            }
            Some(b'{') => (EventKind::MappingStart { flow: true }, 1),
            Some(b'[') => (EventKind::SequenceStart { flow: true }, 1),
            Some(b'}') => (EventKind::MappingEnd, 1),
            Some(b']') => (EventKind::SequenceEnd, 1),
            Some(b'"') => string(token, self.at)?,
            Some(_) => atom(token),
        };
        match kind {
            EventKind::MappingStart { .. } | EventKind::SequenceStart { .. } => self.depth += 1,
            EventKind::MappingEnd | EventKind::SequenceEnd => {
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
        let span = self.at..self.at + length;
        self.at = span.end;
        Ok(Event { kind, span, properties: Properties::default() })
    }
}

fn string(token: &str, offset: usize) -> Result<(EventKind<'_>, usize), ReadError> {
    let length = quoted_length(token);
    let quoted = token.get(..length).unwrap_or(token);
    let text = serde_json::from_str::<String>(quoted)
        .map_err(|_| ReadError::syntax(offset, "the string holds an invalid escape"))?;
    Ok((EventKind::Scalar { text: Cow::Owned(text), style: ScalarStyle::Quoted }, length))
}

fn quoted_length(token: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in token.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return at + 1,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    token.len()
}

/// Numbers, `true`, `false` and `null` mean in YAML what they mean in JSON.
fn atom(token: &str) -> (EventKind<'_>, usize) {
    let length = token.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(token.len());
    let text = Cow::Borrowed(token.get(..length).unwrap_or(token));
    (EventKind::Scalar { text, style: ScalarStyle::Plain }, length)
}

fn too_deep(offset: usize) -> ReadError {
    let message = format!("nested deeper than {MAX_DEPTH} levels");
    ReadError { kind: ReadErrorKind::TooDeep, message, offset }
}
