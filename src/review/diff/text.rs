//! The text that an object is shown as.
//!
//! As its document is written, so that comments show, where the object is the whole document. Items of
//! lists, and what is masked, are written from their values.

use serde_json::Value;

use crate::emit;
use crate::manifest;
use crate::pipeline::RenderedDocument;

/// Returns the text of an object that is not masked.
pub(super) fn of(document: &RenderedDocument, value: &Value) -> String {
    let text = document.text.strip_prefix("---\n").unwrap_or(&document.text);
    let alone = document.objects.len() == 1 && !mentions_secret(text);
    let whole = alone && manifest::parse(text).is_some_and(|node| node.to_value() == *value);
    if whole { unified_endings(text) } else { of_value(value) }
}

/// Returns a value as YAML.
pub(super) fn of_value(value: &Value) -> String {
    emit::to_yaml(value)
}

/// Returns whether a comment may hold a Secret that somebody has commented out.
fn mentions_secret(text: &str) -> bool {
    let comments = text.lines().filter_map(|line| line.split_once('#'));
    comments
        .map(|(_, comment)| comment)
        .any(|comment| comment.split_once("kind").is_some_and(|(_, kind)| kind.contains("Secret")))
}

/// Line endings are layout, which the lines of a diff do not show.
fn unified_endings(text: &str) -> String {
    text.replace("\r\n", "\n")
}
