//! Where the text of a changed field goes.
//!
//! Walks the tree along the changes. What cannot be done within a node is done by writing the node
//! anew, and if that fails too, the one around it. Keys and items of a collection are the business
//! of [`collection`](super::collection) and
//! [`flow`](super::flow).

use serde_json::Value;

use super::element::{Extent, Slot};
use super::patch::{Patch, put};
use crate::emit::block::{self, Text};
use crate::emit::line::{is_missing, line_start, next_line};
use crate::emit::style::Style;
use crate::manifest::{Content, Node};
use crate::render::{Changes, Own};

/// What is known of the document.
pub(super) struct Placer<'t> {
    /// The text, which ends with a newline.
    pub(super) text: &'t str,
    pub(super) style: Style,
}

impl Placer<'_> {
    /// Returns the patches that make the changes; nothing if the document cannot be patched.
    pub(super) fn place(&self, node: &Node, changes: &Changes<'_>) -> Option<Vec<Patch>> {
        let mut patches = Vec::new();
        self.change(node, Slot::Root, changes, &mut patches)?;
        Some(patches)
    }

    /// Changes a node, or writes it anew.
    pub(super) fn change(
        &self,
        node: &Node,
        slot: Slot,
        changes: &Changes<'_>,
        patches: &mut Vec<Patch>,
    ) -> Option<()> {
        let before = patches.len();
        if changes.own == Own::Stays && self.change_within(node, changes, patches).is_some() {
            return Some(());
        }
        patches.truncate(before);
        let value = changes.apply(&node.to_value());
        self.replace(node, slot, &value, patches)
    }

    fn change_within(
        &self,
        node: &Node,
        changes: &Changes<'_>,
        patches: &mut Vec<Patch>,
    ) -> Option<()> {
        if node.alias {
            return None;
        }
        match &node.content {
            Content::Scalar { .. } => None,
            Content::Mapping { flow: true, .. } => self.change_flow_map(node, changes, patches),
            Content::Mapping { flow: false, .. } => self.change_map(node, changes, patches),
            Content::Sequence { items, flow: true } => {
                self.change_flow_list(items, changes, patches)
            }
            Content::Sequence { items, flow: false } => self.change_list(items, changes, patches),
        }
    }

    /// Puts a value in the place of a node.
    fn replace(
        &self,
        node: &Node,
        slot: Slot,
        value: &Value,
        patches: &mut Vec<Patch>,
    ) -> Option<()> {
        let text = match slot {
            Slot::Root => return self.replace_root(node, value, patches),
            Slot::Flow if is_missing(node) => return None,
            Slot::Flow => {
                put(patches, node.span.clone(), block::flow(value));
                return Some(());
            }
            Slot::Key { column, .. } => block::after_key(value, column, &self.style),
            Slot::Dash { at } => block::after_dash(value, self.column(at), &self.style),
        };
        self.replace_behind(node, slot.behind()?, text, patches)
    }

    fn replace_root(&self, node: &Node, value: &Value, patches: &mut Vec<Patch>) -> Option<()> {
        let extent = self.extent(node).unwrap_or_else(|| self.of_leaf(node));
        let range = line_start(self.text, extent.start)..extent.after;
        put(patches, range, block::document(value, &self.style));
        Some(())
    }

    /// Puts a text behind a colon or dash, in the place of a node; a comment on that line stays.
    fn replace_behind(
        &self,
        node: &Node,
        behind: usize,
        text: Text,
        patches: &mut Vec<Patch>,
    ) -> Option<()> {
        let Text { first, rest } = text;
        if is_missing(node) {
            put(patches, behind..behind, first);
            let next = next_line(self.text, behind);
            put(patches, next..next, rest);
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
            put(patches, behind..behind, first);
            put(patches, first_line..after, rest);
        } else if is_block_scalar {
            let text = first + self.style.newline + &rest;
            put(patches, behind..after, text);
        } else {
            put(patches, behind..end, first);
            put(patches, after..after, rest);
        }
        Some(())
    }
}
