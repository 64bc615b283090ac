//! Keys and items of a block that come, go or change.
//!
//! Each has lines of its own; only the first may share its line with a dash. Comments above a key or
//! item stay where they are, so what is new follows directly what stands before it.

use serde_json::Value;

use super::element::Element;
use super::place::Placer;
use crate::emit::block;
use crate::emit::line::line_start;
use crate::manifest::{Entry, Node};
use crate::render::Changes;

impl Placer<'_> {
    pub(super) fn change_map(&mut self, node: &Node, changes: &Changes<'_>) -> Option<()> {
        let fate = |entry: &Entry| changes.of_key(&entry.key);
        let (merged, written): (Vec<&Entry>, Vec<&Entry>) =
            node.entries().iter().partition(|entry| entry.merged);
        if merged.iter().any(|entry| fate(entry).is_some_and(Changes::is_removal)) {
            return None;
        }
        let elements = written.into_iter().map(|entry| self.entry(entry, fate(entry)));
        let elements = elements.collect::<Option<Vec<_>>>()?;
        for element in &elements {
            self.change_element(element)?;
        }
        if elements.iter().any(Element::is_removed) {
            self.remove(&elements, "")?;
        }
        let first = elements.first().map_or(node.span.start(), |element| element.extent.start);
        let column = self.column(first);
        let new = new_values(node, changes);
        let text: String =
            new.map(|(key, value)| block::entry(key, &value, column, &self.style)).collect();
        let at = self.extent(node)?.after;
        self.put(at..at, text);
        Some(())
    }

    pub(super) fn change_list(&mut self, items: &[Node], changes: &Changes<'_>) -> Option<()> {
        let elements = items.iter().enumerate();
        let elements = elements.map(|(index, item)| self.item(item, changes.of_index(index)));
        let elements = elements.collect::<Option<Vec<_>>>()?;
        let first = elements.first()?.extent.start;
        let column = self.column(first);
        let style = self.style;
        let lines = |values: &mut dyn Iterator<Item = Value>| -> String {
            values.map(|value| block::item(&value, column, &style)).collect()
        };
        // Behind a dash, what is new takes the place of the items that go from there.
        let mut behind_dash = String::new();
        let moved = if self.is_inside_line(first) { 1 + leading(&elements) } else { 0 };
        let mut at = self.before_first(first);
        for (index, element) in elements.iter().enumerate() {
            let text = lines(&mut changes.inserts_at(index));
            if index < moved {
                behind_dash.push_str(&text);
            } else {
                self.put(at..at, text);
            }
            self.change_element(element)?;
            at = element.extent.after;
        }
        self.remove(&elements, behind_dash.trim_start_matches(' '))?;
        self.put(at..at, lines(&mut changes.inserts_from(items.len())));
        Some(())
    }

    /// Returns where an item before the first one goes: above the comments on that.
    fn before_first(&self, dash: usize) -> usize {
        let mut at = line_start(self.text, dash);
        while at > 0 {
            let above = line_start(self.text, at - 1);
            let is_comment =
                self.text.get(above..at).is_some_and(|line| line.trim_start().starts_with('#'));
            if !is_comment {
                break;
            }
            at = above;
        }
        at
    }

    fn change_element(&mut self, element: &Element<'_>) -> Option<()> {
        match element.fate {
            Some(changes) if !changes.is_removal() => {
                self.change(element.value, element.slot, changes)
            }
            _ => Some(()),
        }
    }

    /// Takes the lines of elements away; a collection that would have none left is written anew.
    ///
    /// `new` are the lines to stand right behind the dash that the collection shares a line with.
    fn remove(&mut self, elements: &[Element<'_>], new: &str) -> Option<()> {
        let first = elements.first()?.extent.start;
        let next = elements.get(leading(elements))?;
        let behind_dash = if self.is_inside_line(first) { leading(elements) } else { 0 };
        let (leading, others) = elements.split_at_checked(behind_dash)?;
        if !leading.is_empty() {
            self.replace_behind_dash(leading, next, new)?;
        } else if !new.is_empty() {
            self.put(first..first, format!("{new}{}", " ".repeat(self.column(first))));
        }
        for element in others.iter().filter(|element| element.is_removed()) {
            let start = line_start(self.text, element.extent.start);
            self.put(start..element.after_blank_lines(self.text), "");
        }
        Some(())
    }

    /// Puts lines in the place of the first elements of a collection that shares its line with a
    /// dash. `next` moves up to what is before it, unless comments stand between.
    fn replace_behind_dash(
        &mut self,
        removed: &[Element<'_>],
        next: &Element<'_>,
        new: &str,
    ) -> Option<()> {
        let (first, others) = removed.split_first()?;
        let start = first.extent.start;
        let mut end = first.after_blank_lines(self.text);
        for element in others {
            if line_start(self.text, element.extent.start) != end {
                return None;
            }
            end = element.after_blank_lines(self.text);
        }
        let is_next_line = line_start(self.text, next.extent.start) == end;
        if !new.is_empty() {
            self.put(start..end, new);
        } else if is_next_line {
            self.put(start..next.extent.start, "");
        } else {
            let dash = self.text.get(..start)?.trim_end_matches(' ').len();
            self.put(dash..end, self.style.newline);
        }
        Some(())
    }
}

/// Returns how many elements go before the first one that stays.
fn leading(elements: &[Element<'_>]) -> usize {
    elements.iter().take_while(|element| element.is_removed()).count()
}

/// Returns the keys that are not in the text, with their values.
pub(super) fn new_values<'c>(
    node: &'c Node,
    changes: &'c Changes<'_>,
) -> impl Iterator<Item = (&'c str, Value)> {
    let stays = changes.keys().filter(|(_, changes)| !changes.is_removal());
    stays.filter_map(|(key, changes)| match node.entry(key) {
        Some(entry) if !entry.merged => None,
        Some(entry) => Some((key, changes.apply(&entry.value.to_value()))),
        None => Some((key, changes.apply(&Value::Null))),
    })
}
