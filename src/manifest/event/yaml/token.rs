//! Tokens: the smallest parts of a document that mean something.

use std::borrow::Cow;
use std::ops::Range;

use crate::manifest::event::ScalarStyle;

/// A token and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind<'t>,
    pub(super) span: Range<usize>,
}

/// The kinds of tokens; names are those of libyaml.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind<'t> {
    StreamEnd,
    /// `%YAML`, with the version.
    VersionDirective {
        major: u8,
        minor: u8,
    },
    /// `%TAG`, with what a handle stands for.
    TagDirective(Box<TagDirective<'t>>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    /// The end of a collection that no bracket closes.
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    /// The `-` of an item.
    BlockEntry,
    /// A `,`.
    FlowEntry,
    /// A `?`, or nothing where a key has none.
    Key,
    /// A `:`.
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    Tag(Box<Tag<'t>>),
    Scalar {
        text: Cow<'t, str>,
        style: ScalarStyle,
    },
}

/// What a `%TAG` line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TagDirective<'t> {
    pub(super) handle: &'t str,
    pub(super) prefix: String,
}

/// A tag as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tag<'t> {
    /// `!`, `!!`, `!name!`, or nothing where the tag is written out.
    pub(super) handle: &'t str,
    pub(super) suffix: String,
}
