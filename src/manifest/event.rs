//! The parser's events, in our own words.
//!
//! Everything after this file sees only [`Event`], so that the parser can be changed in a day. In
//! tests a second parser stands behind the same type.

pub(super) mod json;
#[cfg(test)]
mod libyaml;
mod yaml;

use std::borrow::Cow;
use std::ops::Range;

#[cfg(test)]
pub(super) use libyaml::events as second_opinion;
pub(super) use yaml::events;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) use yaml::unsound;

/// The deepest nesting that is read; real manifests stay far below.
pub(super) const MAX_DEPTH: usize = 255;

/// One event and the bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event<'t> {
    pub(super) kind: EventKind<'t>,
    /// The bytes of the node, without its anchor and tag.
    pub(super) span: Range<usize>,
    pub(super) properties: Properties,
}

/// What a parser can say of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum EventKind<'t> {
    Scalar {
        text: Cow<'t, str>,
        style: ScalarStyle,
    },
    SequenceStart {
        flow: bool,
    },
    SequenceEnd,
    MappingStart {
        flow: bool,
    },
    MappingEnd,
    Alias(usize),
    /// The document is over; what follows is dropped by `kubectl`.
    DocumentEnd,
}

/// How a scalar is written, as far as its meaning depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarStyle {
    Plain,
    Quoted,
    Block,
}

/// The anchor and the tag of a node.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Properties {
    pub(super) anchor: Option<usize>,
    pub(super) tag: Option<String>,
    /// Where the first of them begins.
    pub(super) start: Option<usize>,
}

/// Why a text cannot be read, and the byte where that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct ReadError {
    pub(super) kind: ReadErrorKind,
    pub(super) message: String,
    pub(super) offset: usize,
}

/// Which promise of the input is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadErrorKind {
    Syntax,
    /// A tab where only blanks indent.
    Tab,
    /// A quote that is not closed.
    Quote,
    TooDeep,
    ExcessiveAliasing,
    /// A byte order mark where `kubectl` reads another text than is written.
    ByteOrderMark,
}

impl ReadError {
    pub(super) fn syntax(offset: usize, message: impl Into<String>) -> Self {
        Self { kind: ReadErrorKind::Syntax, message: message.into(), offset }
    }
}

/// Events in the order of the text; the first error is the last item.
pub(super) type Events<'e, 't> = dyn Iterator<Item = Result<Event<'t>, ReadError>> + 'e;
