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
        let mut text = String::new();
        for (number, line) in self.map(object, 0).iter().enumerate() {
            text.push_str(line);
            if self.comment_every > 0 && number % self.comment_every == self.comment_every - 1 {
                text.push_str(&format!("  # note {number}"));
            }
            text.push('\n');
        }
        text
    }

    fn map(self, map: &Value, depth: usize) -> Vec<String> {
        let entries = map.as_object().unwrap().iter();
        entries.flat_map(|(key, value)| self.entry(key, value, depth)).collect()
    }

    fn entry(self, key: &str, value: &Value, depth: usize) -> Vec<String> {
        let below = match value {
            Value::Object(fields) if !fields.is_empty() && depth < self.flow_below => {
                shifted(2, self.map(value, depth + 1))
            }
            Value::Array(items) if !items.is_empty() && depth < self.flow_below => {
                let lines = items.iter().flat_map(|item| self.item(item, depth + 1));
                shifted(if self.indented { 2 } else { 0 }, lines.collect())
            }
            other => return vec![format!("{key}: {other}")],
        };
        [vec![format!("{key}:")], below].concat()
    }

    fn item(self, item: &Value, depth: usize) -> Vec<String> {
        let is_block = item.as_object().is_some_and(|fields| !fields.is_empty());
        if !is_block || depth >= self.flow_below {
            return vec![format!("- {item}")];
        }
        let mut lines = shifted(2, self.map(item, depth));
        lines[0].replace_range(..1, "-");
        lines
    }
}

fn shifted(columns: usize, lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("{:columns$}{line}", "")).collect()
}
