//! Values as blocks, one key or item a line.
//!
//! ```yaml
//! key:
//! - item: 1
//!   empty: []
//! ```
//!
//! Every part of a document can be written alone, at the column where it is to lie; where that is,
//! [`splice`](mod@super::splice) finds out.

use serde_json::{Map, Value};

use super::scalar::{self, Context};
use super::style::{Strings, Style};
use crate::manifest::to_go_json;

/// A key over this many bytes is written behind a `?`: readers look no further for its colon.
const MAX_SIMPLE_KEY: usize = 1000;

/// A value cut in two: what stands on the line of its key or dash, and the lines below.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// Empty, or a blank and text; without a line break.
    pub(super) first: String,
    /// Whole lines.
    pub(super) rest: String,
}

/// Returns a whole document.
pub(super) fn document(value: &Value, style: &Style) -> String {
    write(style, |block| block.node(value, 0))
}

/// Returns a key and its value as lines, the key at `column`.
pub(super) fn entry(key: &str, value: &Value, column: usize, style: &Style) -> String {
    write(style, |block| {
        block.pad(column);
        block.entry(key, value, column);
    })
}

/// Returns an item as lines, its dash at `column`.
pub(super) fn item(value: &Value, column: usize, style: &Style) -> String {
    write(style, |block| {
        block.pad(column);
        block.item(value, column);
    })
}

/// Returns a value behind the colon of a key at `column`.
pub(super) fn after_key(value: &Value, column: usize, style: &Style) -> Text {
    cut(&write(style, |block| block.after_key(value, column)), style)
}

/// Returns a value behind a dash at `column`.
pub(super) fn after_dash(value: &Value, column: usize, style: &Style) -> Text {
    cut(&write(style, |block| block.after_dash(value, column)), style)
}

/// Returns a value between brackets or braces.
pub(super) fn flow(value: &Value) -> String {
    let mut block = Block { out: String::new(), style: Style::default() };
    block.flow(value);
    block.out
}

/// Returns a key and its value for a map between braces.
pub(super) fn flow_entry(key: &str, value: &Value) -> String {
    let mut block = Block { out: String::new(), style: Style::default() };
    block.flow_entry(key, value);
    block.out
}

fn write(style: &Style, write: impl FnOnce(&mut Block)) -> String {
    let mut block = Block { out: String::new(), style: *style };
    write(&mut block);
    if style.newline == "\n" { block.out } else { block.out.replace('\n', style.newline) }
}

fn cut(text: &str, style: &Style) -> Text {
    let (first, rest) = text.split_once(style.newline).unwrap_or((text, ""));
    Text { first: first.to_owned(), rest: rest.to_owned() }
}

struct Block {
    out: String,
    style: Style,
}

impl Block {
    /// Writes a value whose first line is already indented to `column`.
    fn node(&mut self, value: &Value, column: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => self.map(map, column),
            Value::Array(items) if !items.is_empty() => self.list(items, column),
            _ => self.leaf(value, column + self.style.indent),
        }
    }

    fn map(&mut self, map: &Map<String, Value>, column: usize) {
        for (position, (key, value)) in map.iter().enumerate() {
            if position > 0 {
                self.pad(column);
            }
            self.entry(key, value, column);
        }
    }

    fn list(&mut self, items: &[Value], column: usize) {
        for (position, value) in items.iter().enumerate() {
            if position > 0 {
                self.pad(column);
            }
            self.item(value, column);
        }
    }

    fn entry(&mut self, key: &str, value: &Value, column: usize) {
        let key = scalar::one_line(key, Context::Block);
        if key.len() > MAX_SIMPLE_KEY {
            self.out.push_str("? ");
            self.out.push_str(&key);
            self.out.push('\n');
            self.pad(column);
        } else {
            self.out.push_str(&key);
        }
        self.out.push(':');
        self.after_key(value, column);
    }

    fn after_key(&mut self, value: &Value, column: usize) {
        let below = match value {
            Value::Object(map) if !map.is_empty() => column + self.style.indent,
            Value::Array(items) if !items.is_empty() => column + self.style.list_offset,
            _ => {
                self.out.push(' ');
                self.leaf(value, column + self.style.indent);
                return;
            }
        };
        self.out.push('\n');
        self.pad(below);
        self.node(value, below);
    }

    fn item(&mut self, value: &Value, column: usize) {
        self.out.push('-');
        self.after_dash(value, column);
    }

    fn after_dash(&mut self, value: &Value, column: usize) {
        self.out.push(' ');
        match value {
            Value::Object(map) if !map.is_empty() => self.map(map, column + 2),
            Value::Array(items) if !items.is_empty() => self.list(items, column + 2),
            _ => self.leaf(value, column + 2),
        }
    }

    /// Writes a value that has nothing below it, further lines of a string at `column`.
    fn leaf(&mut self, value: &Value, column: usize) {
        match value {
            Value::String(text) => match self.literal_header(text) {
                Some(header) => return self.literal(header, text, column),
                None => self.out.push_str(&scalar::one_line(text, Context::Block)),
            },
            _ => self.flow(value),
        }
        self.out.push('\n');
    }

    fn literal_header(&self, text: &str) -> Option<&'static str> {
        let header = match self.style.strings {
            Strings::Whole => scalar::whole_header(text),
            _ => scalar::literal_header(text),
        };
        header.filter(|header| match self.style.strings {
            Strings::Whole | Strings::AnyLines => true,
            Strings::EndedLines => *header != "|+",
            Strings::OneLine => false,
        })
    }

    fn literal(&mut self, header: &str, text: &str, column: usize) {
        self.out.push_str(header);
        self.out.push('\n');
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.pad(column);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn flow(&mut self, value: &Value) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(bool) => self.out.push_str(if *bool { "true" } else { "false" }),
            Value::Number(number) => self.out.push_str(&to_go_json(number)),
            Value::String(text) => self.out.push_str(&scalar::one_line(text, Context::Flow)),
            Value::Array(items) => {
                self.out.push('[');
                for (position, item) in items.iter().enumerate() {
                    self.comma(position);
                    self.flow(item);
                }
                self.out.push(']');
            }
            Value::Object(map) => {
                self.out.push('{');
                for (position, (key, value)) in map.iter().enumerate() {
                    self.comma(position);
                    self.flow_entry(key, value);
                }
                self.out.push('}');
            }
        }
    }

    fn flow_entry(&mut self, key: &str, value: &Value) {
        let key = scalar::one_line(key, Context::Flow);
        if key.len() > MAX_SIMPLE_KEY {
            self.out.push_str("? ");
        }
        self.out.push_str(&key);
        self.out.push_str(if key.len() > MAX_SIMPLE_KEY { " : " } else { ": " });
        self.flow(value);
    }

    fn comma(&mut self, position: usize) {
        if position > 0 {
            self.out.push_str(", ");
        }
    }

    fn pad(&mut self, column: usize) {
        self.out.extend(std::iter::repeat_n(' ', column));
    }
}

#[cfg(test)]
mod tests;
