//! Keys and items that come, go or change.
//!
//! Of a block, each has lines of its own; only the first may share its line with a dash. Comments
//! above a key or item stay where they are, so what is new follows directly what stands before it.

use super::element::{Element, Slot};
use super::patch::put;
use super::place::{Patches, Placer};
use crate::emit::block;
use crate::emit::style::{is_missing, line_start};
use crate::manifest::{Entry, Node};
use crate::render::Changes;

impl Placer<'_> {
    pub(super) fn change_map(
        &self,
        node: &Node,
        changes: &Changes<'_>,
        patches: &mut Patches,
    ) -> Option<()> {
        let entries = node.entries();
        let written: Vec<&Entry> = entries.iter().filter(|entry| !entry.merged).collect();
        let removes_merged = |entry: &Entry| {
            entry.merged && changes.of_key(&entry.key).is_some_and(Changes::is_removal)
        };
        if entries.iter().any(removes_merged) {
            return None;
        }
        let elements = written.iter().map(|entry| self.entry(entry)).collect::<Option<Vec<_>>>()?;
        let fates: Vec<_> = written.iter().map(|entry| changes.of_key(&entry.key)).collect();
        for (element, fate) in elements.iter().zip(&fates) {
            self.change_element(element, *fate, patches)?;
        }
        self.remove(&elements, &fates, patches)?;
        let text = self.new_entries(entries, changes, elements.first()?)?;
        let at = self.extent(node)?.after;
        put(patches, at..at, text);
        Some(())
    }

    /// Returns the lines of keys that are not there yet, or only merged in.
    fn new_entries(
        &self,
        entries: &[Entry],
        changes: &Changes<'_>,
        beside: &Element<'_>,
    ) -> Option<String> {
        let column = self.column(beside.extent.start);
        let mut text = String::new();
        for (key, value) in new_values(entries, changes) {
            text.push_str(&block::entry(key, &value, column, &self.style));
        }
        Some(text)
    }

    pub(super) fn change_list(
        &self,
        items: &[Node],
        changes: &Changes<'_>,
        patches: &mut Patches,
    ) -> Option<()> {
        let elements = items.iter().map(|item| self.item(item)).collect::<Option<Vec<_>>>()?;
        let fates: Vec<_> = (0..items.len()).map(|index| changes.of_index(index)).collect();
        let first = elements.first()?.extent.start;
        let column = self.column(first);
        let lines = |values: &mut dyn Iterator<Item = serde_json::Value>| -> String {
            values.map(|value| block::item(&value, column, &self.style)).collect()
        };
        // Behind a dash, what is new takes the place of the items that go from there.
        let turned = if self.is_inside_line(first) { 1 + leading(&fates) } else { 0 };
        let mut at = self.before_first(first);
        for (index, (element, fate)) in elements.iter().zip(&fates).enumerate() {
            let text = lines(&mut changes.inserts_at(index));
            if index < turned {
                put(patches, first..first, turn(&text, column));
            } else {
                put(patches, at..at, text);
            }
            self.change_element(element, *fate, patches)?;
            at = element.extent.after;
        }
        self.remove(&elements, &fates, patches)?;
        put(patches, at..at, lines(&mut changes.inserts_from(items.len())));
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

    fn change_element(
        &self,
        element: &Element<'_>,
        fate: Option<&Changes<'_>>,
        patches: &mut Patches,
    ) -> Option<()> {
        match fate {
            Some(changes) if !changes.is_removal() => {
                self.change(element.value, element.slot, changes, patches)
            }
            _ => Some(()),
        }
    }

    /// Takes the lines of elements away; a collection that would have none left is written anew.
    fn remove(
        &self,
        elements: &[Element<'_>],
        fates: &[Option<&Changes<'_>>],
        patches: &mut Patches,
    ) -> Option<()> {
        if fates.iter().all(is_removed) {
            return None;
        }
        let leading = leading(fates);
        let rest = match elements.first() {
            Some(first) if leading > 0 && self.is_inside_line(first.extent.start) => {
                let next = elements.get(leading)?;
                self.remove_behind_dash(elements.get(..leading)?, next, patches)?;
                leading
            }
            _ => 0,
        };
        for (element, fate) in elements.iter().zip(fates).skip(rest) {
            if is_removed(fate) {
                let start = line_start(self.text, element.extent.start);
                put(patches, start..element.after_blank_lines(self.text), "");
            }
        }
        Some(())
    }

    /// Takes away the first elements of a collection that shares its line with a dash; `next` moves
    /// up to the dash, unless comments stand between.
    fn remove_behind_dash(
        &self,
        removed: &[Element<'_>],
        next: &Element<'_>,
        patches: &mut Patches,
    ) -> Option<()> {
        let (first, others) = removed.split_first()?;
        let mut end = first.after_blank_lines(self.text);
        for element in others {
            let start = line_start(self.text, element.extent.start);
            if start != end {
                return None;
            }
            end = element.after_blank_lines(self.text);
        }
        if line_start(self.text, next.extent.start) == end {
            put(patches, first.extent.start..next.extent.start, "");
            return Some(());
        }
        let before = self.text.get(..first.extent.start)?.trim_end_matches(' ').len();
        put(patches, before..end, self.style.newline.to_owned());
        Some(())
    }

    pub(super) fn change_flow_map(
        &self,
        entries: &[Entry],
        changes: &Changes<'_>,
        patches: &mut Patches,
    ) -> Option<()> {
        if entries.iter().any(|entry| entry.merged || is_missing(&entry.value)) {
            return None;
        }
        let extents = entries.iter().map(|entry| (entry.key_span.start, entry.value.span.end));
        let extents: Vec<_> = extents.collect();
        let fates: Vec<_> = entries.iter().map(|entry| changes.of_key(&entry.key)).collect();
        for (entry, fate) in entries.iter().zip(&fates) {
            self.change_in_flow(&entry.value, *fate, patches)?;
        }
        let texts = new_values(entries, changes).map(|(key, value)| block::flow_entry(key, &value));
        push_in_flow(extents.last()?.1, texts, patches);
        remove_in_flow(&extents, &fates, patches)
    }

    pub(super) fn change_flow_list(
        &self,
        items: &[Node],
        changes: &Changes<'_>,
        patches: &mut Patches,
    ) -> Option<()> {
        let has_removals = changes.below.iter().any(|(_, changes)| changes.is_removal());
        if has_removals && !changes.inserts.is_empty() {
            return None;
        }
        let extents: Vec<_> = items.iter().map(|item| (item.span.start, item.span.end)).collect();
        let fates: Vec<_> = (0..items.len()).map(|index| changes.of_index(index)).collect();
        for (index, (item, fate)) in items.iter().zip(&fates).enumerate() {
            for value in changes.inserts_at(index) {
                put(patches, item.span.start..item.span.start, block::flow(&value) + ", ");
            }
            self.change_in_flow(item, *fate, patches)?;
        }
        let texts = changes.inserts_from(items.len()).map(|value| block::flow(&value));
        push_in_flow(extents.last()?.1, texts, patches);
        remove_in_flow(&extents, &fates, patches)
    }

    fn change_in_flow(
        &self,
        node: &Node,
        fate: Option<&Changes<'_>>,
        patches: &mut Patches,
    ) -> Option<()> {
        match fate {
            Some(changes) if !changes.is_removal() => {
                self.change(node, Slot::Flow, changes, patches)
            }
            _ => Some(()),
        }
    }
}

fn is_removed(fate: &Option<&Changes<'_>>) -> bool {
    fate.is_some_and(Changes::is_removal)
}

/// Returns how many elements go before the first one that stays.
fn leading(fates: &[Option<&Changes<'_>>]) -> usize {
    fates.iter().take_while(|fate| is_removed(fate)).count()
}

/// Returns lines with the indentation of the first one behind the last.
fn turn(lines: &str, column: usize) -> String {
    match lines.get(column..) {
        Some(text) if !text.is_empty() => format!("{text}{}", " ".repeat(column)),
        _ => String::new(),
    }
}

/// Returns the keys that no entry of the text has, with their values.
fn new_values<'c>(
    entries: &'c [Entry],
    changes: &'c Changes<'_>,
) -> impl Iterator<Item = (&'c str, serde_json::Value)> {
    changes.keys().filter(|(_, changes)| !changes.is_removal()).filter_map(|(key, changes)| {
        let merged = entries.iter().find(|entry| entry.key == key);
        match merged {
            Some(entry) if !entry.merged => None,
            Some(entry) => Some((key, changes.apply(&entry.value.to_value()))),
            None => Some((key, changes.apply(&serde_json::Value::Null))),
        }
    })
}

fn push_in_flow(at: usize, texts: impl Iterator<Item = String>, patches: &mut Patches) {
    for text in texts {
        put(patches, at..at, format!(", {text}"));
    }
}

/// Takes elements away, each with the comma behind it, the last ones with that before them.
fn remove_in_flow(
    extents: &[(usize, usize)],
    fates: &[Option<&Changes<'_>>],
    patches: &mut Patches,
) -> Option<()> {
    let is_removed = |index: usize| fates.get(index).is_some_and(is_removed);
    let last_kept = (0..extents.len()).rev().find(|&index| !is_removed(index))?;
    for (index, pair) in extents.windows(2).enumerate() {
        let [(start, _), (next, _)] = pair else { continue };
        if index < last_kept && is_removed(index) {
            put(patches, *start..*next, "");
        }
    }
    let (_, end) = *extents.get(last_kept)?;
    let (_, last) = *extents.last()?;
    if last > end {
        put(patches, end..last, "");
    }
    Some(())
}
