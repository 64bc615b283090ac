//! The manners of a document: how far it indents, and how it ends its lines.
//!
//! What is spliced into a document follows the document; whole new documents follow `kubectl`.

use std::collections::BTreeMap;

use super::line::{column, dash_before};
use crate::manifest::{Content, Node};

/// How blocks are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// By how many columns a map lies to the right of its key.
    pub(super) indent: usize,
    /// By how many columns the `-` of a list lies to the right of its key.
    pub(super) list_offset: usize,
    pub(super) newline: &'static str,
    pub(super) strings: Strings,
}

/// Which strings of several lines are written as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strings {
    /// All that a literal block can hold, blanks at the ends of lines included.
    Whole,
    AnyLines,
    /// Not those that end in blank lines, which would not end beside blank lines of the document.
    EndedLines,
    OneLine,
}

impl Default for Style {
    fn default() -> Self {
        Self { indent: 2, list_offset: 0, newline: "\n", strings: Strings::AnyLines }
    }
}

impl Style {
    /// Returns the manners that prevail in a document.
    pub(super) fn of(text: &str, node: &Node) -> Self {
        let mut counts = Counts::default();
        counts.add(text, node);
        let default = Self::default();
        let first_line = text.split_inclusive('\n').next().unwrap_or_default();
        Self {
            indent: prevailing(&counts.indents).unwrap_or(default.indent),
            list_offset: prevailing(&counts.list_offsets).unwrap_or(default.list_offset),
            newline: if first_line.ends_with("\r\n") { "\r\n" } else { default.newline },
            strings: Strings::EndedLines,
        }
    }
}

/// How often each distance occurs.
#[derive(Default)]
struct Counts {
    indents: BTreeMap<usize, usize>,
    list_offsets: BTreeMap<usize, usize>,
}

impl Counts {
    fn add(&mut self, text: &str, node: &Node) {
        if node.alias || node.is_flow() {
            return;
        }
        for item in node.items() {
            self.add(text, item);
        }
        for entry in node.entries().iter().filter(|entry| !entry.merged) {
            self.count(text, entry.key_span.start(), &entry.value);
            self.add(text, &entry.value);
        }
    }

    fn count(&mut self, text: &str, key: usize, value: &Node) {
        let Some(start) = block_start(text, value) else { return };
        let distance = column(text, start).checked_sub(column(text, key));
        // A key behind a tag may lie where the keys below it do; that says nothing of others.
        let (counts, least) = match value.content {
            Content::Mapping { .. } => (&mut self.indents, 1),
            Content::Sequence { .. } => (&mut self.list_offsets, 0),
            Content::Scalar { .. } => return,
        };
        if let Some(distance) = distance.filter(|distance| (least..=8).contains(distance)) {
            *counts.entry(distance).or_default() += 1;
        }
    }
}

/// Returns where a block collection begins: at its first key, or its first dash.
fn block_start(text: &str, node: &Node) -> Option<usize> {
    if node.alias || node.is_flow() {
        return None;
    }
    match &node.content {
        Content::Scalar { .. } => None,
        Content::Mapping { entries, .. } => {
            entries.iter().find(|entry| !entry.merged).map(|entry| entry.key_span.start())
        }
        Content::Sequence { items, .. } => dash_before(text, items.first()?),
    }
}

fn prevailing(counts: &BTreeMap<usize, usize>) -> Option<usize> {
    let most = counts.values().max()?;
    counts.iter().find(|(_, count)| *count == most).map(|(distance, _)| *distance)
}
