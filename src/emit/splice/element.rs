//! The bytes that a node, a key or an item takes up.
//!
//! The span of a node says where its value is read; a line that is to go or to come needs to know
//! of dashes, colons and line ends as well.

use super::place::Placer;
use crate::emit::line::{column, dash_before, dash_before_text, is_missing, line_start, next_line};
use crate::manifest::{Content, Entry, Node};
use crate::render::Changes;

/// What lies right before a node.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    Root,
    /// A key at `column`; `colon` is where the colon ends.
    Key {
        column: usize,
        colon: usize,
    },
    /// A dash.
    Dash {
        at: usize,
    },
    /// A bracket, brace or comma.
    Flow,
}

impl Slot {
    /// Returns where the colon or dash ends.
    pub(super) fn behind(self) -> Option<usize> {
        match self {
            Self::Key { colon, .. } => Some(colon),
            Self::Dash { at } => Some(at + 1),
            Self::Root | Self::Flow => None,
        }
    }
}

/// The bytes of a node, or of a key or item with its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) start: usize,
    /// Where the text ends; behind the last line break of a block scalar.
    pub(super) end: usize,
    /// Where the line after it begins.
    pub(super) after: usize,
}

/// A key or item of a block with its value.
pub(super) struct Element<'n> {
    pub(super) extent: Extent,
    pub(super) slot: Slot,
    pub(super) value: &'n Node,
    /// What becomes of it, if anything does.
    pub(super) fate: Option<&'n Changes<'n>>,
}

impl Element<'_> {
    pub(super) fn is_removed(&self) -> bool {
        self.fate.is_some_and(Changes::is_removal)
    }

    /// Returns where the line after the element begins, once blank lines that belong to no value are
    /// counted too: left behind, they could become a part of the value before them.
    pub(super) fn after_blank_lines(&self, text: &str) -> usize {
        line_start(text, self.value.span.end()).max(self.extent.after)
    }
}

impl Placer<'_> {
    pub(super) fn column(&self, offset: usize) -> usize {
        column(self.text, offset)
    }

    /// Returns an entry of a block.
    pub(super) fn entry<'n>(
        &self,
        entry: &'n Entry,
        fate: Option<&'n Changes<'n>>,
    ) -> Option<Element<'n>> {
        let start = entry.key_span.start();
        // Only a new value needs to know the place of the colon.
        let colon = match fate {
            Some(changes) if !changes.is_removal() => self.colon(entry)?,
            _ => self.colon(entry).unwrap_or(entry.key_span.end()),
        };
        let slot = Slot::Key { column: self.column(start), colon };
        let value = &entry.value;
        Some(Element { extent: self.extent_behind(start, colon, value)?, slot, value, fate })
    }

    /// Returns an item of a block.
    pub(super) fn item<'n>(
        &self,
        item: &'n Node,
        fate: Option<&'n Changes<'n>>,
    ) -> Option<Element<'n>> {
        let at = self.dash_before(item)?;
        let extent = self.extent_behind(at, at + 1, item)?;
        Some(Element { extent, slot: Slot::Dash { at }, value: item, fate })
    }

    /// Returns where the `-` of an item lies; that of a list within is found with its bytes.
    fn dash_before(&self, item: &Node) -> Option<usize> {
        let is_list = item.is_block() && !item.items().is_empty();
        match self.extent(item) {
            Some(extent) if is_list => dash_before_text(self.text, extent.start),
            _ => dash_before(self.text, item),
        }
    }

    /// Returns where the colon of a key ends.
    pub(super) fn colon(&self, entry: &Entry) -> Option<usize> {
        let behind = self.text.get(entry.key_span.end()..)?;
        let blanks = behind.len() - behind.trim_start_matches(' ').len();
        behind.get(blanks..)?.starts_with(':').then_some(entry.key_span.end() + blanks + 1)
    }

    fn extent_behind(&self, start: usize, behind: usize, value: &Node) -> Option<Extent> {
        if is_missing(value) {
            return Some(Extent { start, end: behind, after: next_line(self.text, behind) });
        }
        Some(Extent { start, ..self.extent(value)? })
    }

    /// Returns the bytes of a node that is there.
    ///
    /// They are asked for at every level above, so they are found once only.
    pub(super) fn extent(&self, node: &Node) -> Option<Extent> {
        let key = std::ptr::from_ref(node);
        if let Some(known) = self.extents.borrow().get(&key) {
            return *known;
        }
        let extent = self.find_extent(node);
        self.extents.borrow_mut().insert(key, extent);
        extent
    }

    fn find_extent(&self, node: &Node) -> Option<Extent> {
        if is_missing(node) {
            return None;
        }
        let is_block = !node.alias && !node.is_flow();
        match &node.content {
            Content::Mapping { entries, .. } if is_block => {
                let written = entries.iter().filter(|entry| !entry.merged);
                let ends = written.map(|entry| Some(self.entry(entry, None)?.extent.end));
                self.of_block(node, node.span.start(), last(ends)?)
            }
            Content::Sequence { items, .. } if is_block => {
                let start = self.dash_before(items.first()?)?.min(node.span.start());
                let ends = items.iter().map(|item| Some(self.item(item, None)?.extent.end));
                self.of_block(node, start, last(ends)?)
            }
            _ => Some(self.of_leaf(node)),
        }
    }

    /// Returns the extent of a block. A merge key may lie behind all others, and only the span includes it.
    fn of_block(&self, node: &Node, start: usize, end: usize) -> Option<Extent> {
        let has_merged = node.entries().iter().any(|entry| entry.merged);
        let end = if has_merged { end.max(self.end_of_leaf(node)) } else { end };
        Some(Extent { start, end, after: self.line_after(end)? })
    }

    /// Returns the bytes of a node, which are those of its span.
    pub(super) fn of_leaf(&self, node: &Node) -> Extent {
        let end = self.end_of_leaf(node);
        let after = self.line_after(end).unwrap_or(end);
        Extent { start: node.span.start(), end, after }
    }

    fn line_after(&self, end: usize) -> Option<usize> {
        let ends_with_line = self.text.get(..end)?.ends_with('\n');
        Some(if ends_with_line { end } else { next_line(self.text, end) })
    }

    /// Returns the end of a leaf. The span of a block scalar may reach into the indentation of the next
    /// line, and blank lines behind it belong to it only if its header says so.
    fn end_of_leaf(&self, node: &Node) -> usize {
        let text = self.text.get(node.span.range()).unwrap_or_default();
        let lines = text.trim_end_matches(' ');
        if !lines.ends_with('\n') {
            return node.span.end();
        }
        let header = lines.lines().next().unwrap_or_default();
        let kept = if header.contains('+') { lines } else { lines.trim_end() };
        if kept.len() == lines.len() {
            return node.span.start() + lines.len();
        }
        node.span.start() + next_line(text, kept.len())
    }

    /// Returns whether something stands before `offset` on its line.
    pub(super) fn is_inside_line(&self, offset: usize) -> bool {
        let start = line_start(self.text, offset);
        self.text.get(start..offset).is_none_or(|before| !before.trim_start_matches(' ').is_empty())
    }
}

/// Returns the greatest of ends that are all known; of none, the least there is.
fn last(ends: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    let ends = ends.collect::<Option<Vec<_>>>()?;
    Some(ends.into_iter().max().unwrap_or_default())
}
