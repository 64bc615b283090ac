//! Writes values as people do: block or flow, with comments, lists indented or not.

use serde_json::Value;

/// How a document is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// The depth from which on everything is in flow style.
    pub(crate) flow_below: usize,
    /// After how many lines there is a comment; never, where 0.
    pub(crate) comment_every: usize,
    /// Whether lists are indented below their key.
    pub(crate) indented: bool,
}

impl Style {
    /// Writes a document.
    pub(crate) fn write(self, object: &Value) -> String {
        let mut lines = Vec::new();
        self.map(object, 0, 0, &mut lines);
        let mut text = String::new();
        for (number, line) in lines.iter().enumerate() {
            text.push_str(line);
            if self.comment_every > 0 && number % self.comment_every == self.comment_every - 1 {
                text.push_str(&format!("  # note {number}"));
            }
            text.push('\n');
        }
        text
    }

    fn map(self, map: &Value, indent: usize, depth: usize, lines: &mut Vec<String>) {
        for (key, value) in map.as_object().unwrap() {
            let head = format!("{:indent$}{key}:", "");
            match value {
                Value::Object(fields) if !fields.is_empty() && depth < self.flow_below => {
                    lines.push(head);
                    self.map(value, indent + 2, depth + 1, lines);
                }
                Value::Array(items) if !items.is_empty() && depth < self.flow_below => {
                    lines.push(head);
                    let indent = if self.indented { indent + 2 } else { indent };
                    items.iter().for_each(|item| self.item(item, indent, depth + 1, lines));
                }
                other => lines.push(format!("{head} {other}")),
            }
        }
    }

    fn item(self, item: &Value, indent: usize, depth: usize, lines: &mut Vec<String>) {
        let is_block = item.as_object().is_some_and(|fields| !fields.is_empty());
        if !is_block || depth >= self.flow_below {
            lines.push(format!("{:indent$}- {item}", ""));
            return;
        }
        let first = lines.len();
        self.map(item, indent + 2, depth, lines);
        lines[first].replace_range(indent..=indent, "-");
    }
}
