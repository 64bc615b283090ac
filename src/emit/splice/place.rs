//! The place of a changed field in the text.
//!
//! Walks the tree along the changes. What cannot be done within a node is done by writing the node
//! anew, and if that fails too, the one around it. Keys and items of a collection are the business
//! of [`collection`](super::collection) and
//! [`flow`](super::flow).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use super::element::{Extent, Slot};
use super::patch::Patch;
use crate::emit::block::{self, Text};
use crate::emit::line::{is_missing, line_start, next_line};
use crate::emit::style::Style;
use crate::manifest::{Content, Node};
use crate::render::{Changes, Own};

/// What is known of the document, and the patches so far.
pub(super) struct Placer<'t> {
    /// The text, which ends with a newline.
    pub(super) text: &'t str,
    pub(super) style: Style,
    /// The bytes of the nodes that were asked for.
    pub(super) extents: RefCell<BTreeMap<*const Node, Option<Extent>>>,
    patches: Vec<Patch>,
}

/// Returns the patches that make the changes; nothing if the document cannot be patched.
pub(super) fn place(
    text: &str,
    style: Style,
    node: &Node,
    changes: &Changes<'_>,
) -> Option<Vec<Patch>> {
    let mut placer = Placer { text, style, extents: RefCell::default(), patches: Vec::new() };
    placer.change(node, Slot::Root, changes)?;
    Some(placer.patches)
}

impl Placer<'_> {
    /// Adds a patch, if it changes anything.
    pub(super) fn put(&mut self, range: Range<usize>, text: impl Into<String>) {
        let text = text.into();
        if !range.is_empty() || !text.is_empty() {
            self.patches.push(Patch { range, text });
        }
    }

    /// Changes a node, or writes it anew.
    pub(super) fn change(&mut self, node: &Node, slot: Slot, changes: &Changes<'_>) -> Option<()> {
        let before = self.patches.len();
        if changes.own == Own::Stays && self.change_within(node, changes).is_some() {
            return Some(());
        }
        self.patches.truncate(before);
        let value = changes.apply(&node.to_value());
        self.replace(node, slot, &value)
    }

    fn change_within(&mut self, node: &Node, changes: &Changes<'_>) -> Option<()> {
        if node.alias {
            return None;
        }
        match &node.content {
            Content::Scalar { .. } => None,
            Content::Mapping { flow: true, .. } => self.change_flow_map(node, changes),
            Content::Mapping { flow: false, .. } => self.change_map(node, changes),
            Content::Sequence { items, flow: true } => self.change_flow_list(items, changes),
            Content::Sequence { items, flow: false } => self.change_list(items, changes),
        }
    }

    /// Puts a value in the place of a node.
    fn replace(&mut self, node: &Node, slot: Slot, value: &Value) -> Option<()> {
        let text = match slot {
            Slot::Root => return self.replace_root(node, value),
            Slot::Flow if is_missing(node) => return None,
            Slot::Flow => {
                self.put(node.span.range(), block::flow(value));
                return Some(());
            }
            Slot::Key { column, .. } => block::after_key(value, column, &self.style),
            Slot::Dash { at } => block::after_dash(value, self.column(at), &self.style),
        };
        self.replace_behind(node, slot.behind()?, text)
    }

    fn replace_root(&mut self, node: &Node, value: &Value) -> Option<()> {
        let extent = self.extent(node).unwrap_or_else(|| self.of_leaf(node));
        let range = line_start(self.text, extent.start)..extent.after;
        self.put(range, block::document(value, &self.style));
        Some(())
    }

    /// Puts a text behind a colon or dash, in the place of a node; a comment on that line stays.
    fn replace_behind(&mut self, node: &Node, behind: usize, text: Text) -> Option<()> {
        let Text { first, rest } = text;
        if is_missing(node) {
            self.put(behind..behind, first);
            let next = next_line(self.text, behind);
            self.put(next..next, rest);
            return Some(());
        }
        let Extent { start, end, after } = self.extent(node)?;
        // Comments above an old block would become a part of a block scalar.
        let first_line = match line_start(self.text, start) {
            line if line > behind && first.starts_with(" |") => next_line(self.text, behind),
            line => line,
        };
        let is_block_scalar = self.text.get(..end)?.ends_with('\n');
        if first_line > behind {
            self.put(behind..behind, first);
            self.put(first_line..after, rest);
        } else if is_block_scalar {
            let text = first + self.style.newline + &rest;
            self.put(behind..after, text);
        } else {
            self.put(behind..end, first);
            self.put(after..after, rest);
        }
        Some(())
    }
}
