//! Items of a block list as documents of their own, and documents as items.
//!
//! Comments and layout go along. YAML has more layouts than this knows, so every text is read back,
//! and where it does not say the value the value is written anew.
//!
//! ```yaml
//! items:
//! # of the Service          # becomes a document that begins with this line
//! - apiVersion: v1
//!   kind: Service
//! ```

use std::ops::Range;

use serde_json::Value;

use super::line::{column, dash_before, line_start, next_line};
use super::to_yaml;
use crate::manifest::{Node, parse};

/// An item of a list as a document of its own.
#[derive(Debug)]
pub(crate) struct ItemText {
    pub(crate) text: String,
    /// The bytes of the item in the list that it was cut out of; none where it was written anew.
    pub(crate) lines: Option<Range<usize>>,
}

/// Returns an item as a document of its own. It ends where the next one begins.
pub(crate) fn item_text(list: &str, item: &Node, next: Option<&Node>) -> ItemText {
    let cut = cut_item(list, item, next).filter(|cut| is_document(&cut.text, item));
    cut.unwrap_or_else(|| ItemText { text: to_yaml(&item.to_value()), lines: None })
}

/// Returns whether these lines of a list are the document as the item of a list at the first column.
pub(crate) fn is_item(lines: &str, document: &str) -> bool {
    indented(document) == lines
}

/// Returns a document as the item of a list at the first column.
pub(crate) fn as_item(text: &str, value: &Value) -> String {
    let whole = indented(text);
    let says = |whole: &String| {
        let read = parse(whole).map(|list| list.to_value());
        read.is_some_and(|list| {
            list.as_array().is_some_and(|items| items == std::slice::from_ref(value))
        })
    };
    Some(whole).filter(says).unwrap_or_else(|| indented(&to_yaml(value)))
}

fn indented(text: &str) -> String {
    let mut whole = String::with_capacity(text.len() + text.len() / 8);
    for (index, line) in text.trim_start_matches(['\n', '\r']).split_inclusive('\n').enumerate() {
        match index {
            0 => whole.push_str("- "),
            _ if line.trim_end_matches(['\n', '\r']).is_empty() => {}
            _ => whole.push_str("  "),
        }
        whole.push_str(line);
    }
    whole
}

/// Cuts an item out of its list, and moves it to the first column.
fn cut_item(text: &str, item: &Node, next: Option<&Node>) -> Option<ItemText> {
    if !item.is_block() {
        return None;
    }
    let dash = dash_before(text, item)?;
    let margin = column(text, item.entries().first()?.key_span.start());
    let start = with_comments(text, dash);
    let end = match next {
        Some(next) => with_comments(text, dash_before(text, next)?),
        None => next_line(text, text.get(..item.span.end())?.trim_end().len()),
    };
    let (before, after) = (text.get(start..dash)?, text.get(dash + 1..end)?);
    let lines = before.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let mut own = String::with_capacity(end - start);
    for line in lines {
        own.push_str(line.trim_start_matches(' '));
    }
    let blank = " ".repeat(column(text, dash) + 1);
    let body = format!("{blank}{after}");
    body.split_inclusive('\n').for_each(|line| own.push_str(outdented(line, margin)));
    own.shrink_to_fit();
    Some(ItemText { text: own, lines: Some(start..end) })
}

/// Returns where the comments begin that stand right above a dash, and no further right.
fn with_comments(text: &str, dash: usize) -> usize {
    let indent = column(text, dash);
    let mut start = line_start(text, dash);
    while let Some(end) = start.checked_sub(1) {
        let above = line_start(text, end);
        let line = text.get(above..end).unwrap_or_default();
        let comment = line.trim_start_matches(' ');
        if !comment.starts_with('#') || line.len() - comment.len() > indent {
            break;
        }
        start = above;
    }
    start
}

fn outdented(line: &str, margin: usize) -> &str {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    line.get(blanks.min(margin)..).unwrap_or_default()
}

/// Returns whether the text is read as one document with the value of this item.
fn is_document(text: &str, item: &Node) -> bool {
    let separates = |line: &str| line.starts_with("---") || line.starts_with("...");
    !text.lines().any(separates) && parse(text).is_some_and(|node| node.has_value_of(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let node = parse(text).unwrap();
        let items = node.child("items").unwrap().items();
        let texts = items.iter().enumerate();
        texts.map(|(index, item)| item_text(text, item, items.get(index + 1)).text).collect()
    }

    #[test]
    fn comments_and_layout_go_along() {
        let text = "items:\n# first\n- a: 1 # one\n  b:\n  # inner\n  - {c: 2}\n- # second\n  a: |\n    x\n\n    y\nlast: 1\n";
        assert_eq!(
            texts(text),
            ["# first\na: 1 # one\nb:\n# inner\n- {c: 2}\n", "# second\na: |\n  x\n\n  y\n"]
        );
    }

    #[test]
    fn deeper_lists_and_flow_items_are_read_as_well() {
        assert_eq!(texts("items:\n    -   a: 1\n        b: 2\n"), ["a: 1\nb: 2\n"]);
        assert_eq!(texts("items: [{a: 1}]\n"), ["a: 1\n"]);
        assert_eq!(
            texts("items:\n- {a: 1}\n- a: &x 1\n- b: *x\n"),
            ["a: 1\n", "a: &x 1\n", "b: 1\n"]
        );
    }

    #[test]
    fn a_document_becomes_an_item_and_comes_back() {
        let document = "# head\na: |\n  x\n\n  y\nb: 1\n";
        let value = parse(document).unwrap().to_value();
        let item = as_item(document, &value);
        assert_eq!(item, "- # head\n  a: |\n    x\n\n    y\n  b: 1\n");
        assert_eq!(texts(&format!("items:\n{item}")), [document]);
    }

    #[test]
    fn what_cannot_be_an_item_is_written_anew() {
        let value = serde_json::json!({"a": 1});
        assert_eq!(as_item("a: 1\n...\n", &value), "- a: 1\n");
    }
}
