//! A value and where its text lies.
//!
//! A [`Node`] is what Kubernetes sees (resolved, merged, expanded) with the bytes that said so, so
//! that problems can point at them and edits can replace them. Keys keep the order of the text.

use std::ops::Range;

use serde_json::{Map, Value};

use super::scalar::Scalar;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// The bytes of the node, with its anchor and tag; of an alias, those of `*name`.
    pub(crate) span: Span,
    pub(crate) content: Content,
    /// Whether the bytes are an alias, so that those of the content lie elsewhere.
    pub(crate) alias: bool,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// A string, number, boolean or null, and whether it is written plain.
    Scalar {
        value: Scalar,
        plain: bool,
    },
    Sequence {
        items: Vec<Node>,
        flow: bool,
    },
    Mapping {
        entries: Vec<Entry>,
        flow: bool,
    },
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Box<str>,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
    /// Whether the entry comes from a merge key, so that its bytes lie elsewhere.
    pub(crate) merged: bool,
}

/// The bytes of a node in its document, whose length [`compose`](super::compose) limits to what fits.
///
/// A tree holds many, so that they take no more room than they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Returns the span of these bytes.
    pub(crate) fn of(range: Range<usize>) -> Self {
        let fitting = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: fitting(range.start), end: fitting(range.end) }
    }

    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    pub(crate) fn end(self) -> usize {
        self.end as usize
    }

    /// Returns the bytes.
    pub(crate) fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// Returns whether there are no bytes.
    pub(crate) fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

impl Node {
    /// Returns the entry of `key`, if this is a mapping that has one.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| *entry.key == *key)
    }

    /// Returns the value of `key`, if this is a mapping that has one.
    pub(crate) fn child(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Returns the entries of a mapping; of anything else, none.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Mapping { entries, .. } => entries,
            _ => &[],
        }
    }

    /// Returns the items of a sequence; of anything else, none.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.content {
            Content::Sequence { items, .. } => items,
            _ => &[],
        }
    }

    /// Returns the string, if this is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { value, .. } => value.as_str(),
            _ => None,
        }
    }

    /// Returns whether this is null.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { value: Scalar::Null, .. })
    }

    /// Returns whether the node is written between brackets or braces.
    pub(crate) fn is_flow(&self) -> bool {
        matches!(
            self.content,
            Content::Sequence { flow: true, .. } | Content::Mapping { flow: true, .. }
        )
    }

    /// Returns whether the node is a list or map written over lines, without brackets or braces.
    pub(crate) fn is_block(&self) -> bool {
        let collection = !matches!(self.content, Content::Scalar { .. });
        collection && !self.alias && !self.is_flow()
    }

    /// Returns whether another node has the same value, its keys in the same order, wherever it lies.
    pub(crate) fn has_value_of(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (Content::Scalar { value: one, .. }, Content::Scalar { value: other, .. }) => {
                one == other
            }
            (Content::Sequence { items, .. }, Content::Sequence { items: others, .. }) => {
                let mut pairs = items.iter().zip(others);
                items.len() == others.len() && pairs.all(|(one, other)| one.has_value_of(other))
            }
            (Content::Mapping { entries, .. }, Content::Mapping { entries: others, .. }) => {
                let mut pairs = entries.iter().zip(others);
                entries.len() == others.len()
                    && pairs.all(|(one, other)| {
                        one.key == other.key && one.value.has_value_of(&other.value)
                    })
            }
            _ => false,
        }
    }

    /// Returns the value as JSON.
    pub(crate) fn to_value(&self) -> Value {
        match &self.content {
            Content::Scalar { value, .. } => value.to_value(),
            Content::Sequence { items, .. } => items.iter().map(Self::to_value).collect(),
            Content::Mapping { entries, .. } => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.to_string(), entry.value.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}
