//! Elements between brackets and braces that come, go or change.
//!
//! They keep their layout, and a comma stands between them; lines mean nothing here.

use std::ops::Range;

use super::collection::new_values;
use super::element::Slot;
use super::place::Placer;
use crate::emit::block;
use crate::emit::line::is_missing;
use crate::manifest::Node;
use crate::render::Changes;

/// An element with its bytes, and what becomes of it.
struct Element<'n> {
    range: Range<usize>,
    value: &'n Node,
    fate: Option<&'n Changes<'n>>,
}

impl Placer<'_> {
    pub(super) fn change_flow_map(&mut self, node: &Node, changes: &Changes<'_>) -> Option<()> {
        let entries = node.entries().iter();
        if entries.clone().any(|entry| entry.merged || is_missing(&entry.value)) {
            return None;
        }
        let elements = entries.map(|entry| Element {
            range: entry.key_span.start()..entry.value.span.end(),
            value: &entry.value,
            fate: changes.of_key(&entry.key),
        });
        let elements: Vec<_> = elements.collect();
        let new = new_values(node, changes).map(|(key, value)| block::flow_entry(key, &value));
        self.push(&elements, new)?;
        self.change_flow(&elements)
    }

    pub(super) fn change_flow_list(&mut self, items: &[Node], changes: &Changes<'_>) -> Option<()> {
        let elements = items.iter().enumerate().map(|(index, value)| Element {
            range: value.span.range(),
            value,
            fate: changes.of_index(index),
        });
        let elements: Vec<_> = elements.collect();
        // Which comma goes and which one comes is not worth telling apart.
        if elements.iter().any(Element::is_removed) && !changes.inserts.is_empty() {
            return None;
        }
        for (index, element) in elements.iter().enumerate() {
            let start = element.range.start;
            for value in changes.inserts_at(index) {
                self.put(start..start, block::flow(&value) + ", ");
            }
        }
        let new = changes.inserts_from(items.len()).map(|value| block::flow(&value));
        self.push(&elements, new)?;
        self.change_flow(&elements)
    }

    /// Changes elements within, and takes others away.
    fn change_flow(&mut self, elements: &[Element<'_>]) -> Option<()> {
        for element in elements {
            match element.fate {
                Some(changes) if !changes.is_removal() => {
                    self.change(element.value, Slot::Flow, changes)?;
                }
                _ => {}
            }
        }
        self.remove_from_flow(elements)
    }

    /// Puts new elements behind the last one.
    fn push(&mut self, elements: &[Element<'_>], new: impl Iterator<Item = String>) -> Option<()> {
        let at = elements.last()?.range.end;
        new.for_each(|text| self.put(at..at, format!(", {text}")));
        Some(())
    }

    /// Takes elements away, each with the comma behind it, the last ones with that before them.
    fn remove_from_flow(&mut self, elements: &[Element<'_>]) -> Option<()> {
        let last_kept = elements.iter().rposition(|element| !element.is_removed())?;
        let followers = elements.iter().skip(1);
        for (element, next) in elements.iter().zip(followers).take(last_kept) {
            if element.is_removed() {
                self.put(element.range.start..next.range.start, "");
            }
        }
        self.put(elements.get(last_kept)?.range.end..elements.last()?.range.end, "");
        Some(())
    }
}

impl Element<'_> {
    fn is_removed(&self) -> bool {
        self.fate.is_some_and(Changes::is_removal)
    }
}
