//! Where things lie on their lines.
//!
//! Spans know bytes only; blocks are made of lines, columns and dashes. All offsets are bytes, and so
//! are columns: nothing but blanks and marks stands before a key or a dash.

use crate::manifest::Node;

/// Returns where the `-` of an item lies, if only line breaks lie between the two.
pub(super) fn dash_before(text: &str, item: &Node) -> Option<usize> {
    if is_missing(item) {
        return dash_on_line(text, item.span.start);
    }
    let first = item.items().first().filter(|_| !item.alias && !item.is_flow());
    let inner_dash = first.and_then(|first| dash_before(text, first));
    let start = inner_dash.map_or(item.span.start, |dash| dash.min(item.span.start));
    let before = text.get(..start)?.trim_end_matches([' ', '\r', '\n']);
    let dash = before.len().checked_sub(1)?;
    let line = before.get(line_start(before, dash)..)?;
    (line.ends_with('-') && line.bytes().all(|byte| b" -".contains(&byte))).then_some(dash)
}

/// Returns whether there is no text of the node, so that it is null.
pub(super) fn is_missing(node: &Node) -> bool {
    node.span.is_empty() && node.is_null()
}

/// Returns where the last of the dashes lies that the line of `offset` begins with.
///
/// An item that is not there is found behind its dash or the comment there.
fn dash_on_line(text: &str, offset: usize) -> Option<usize> {
    let start = line_start(text, offset);
    let line = text.get(start..offset)?;
    let dashes = line.len() - line.trim_start_matches([' ', '-']).len();
    line.get(..dashes)?.rfind('-').map(|dash| start + dash)
}

/// Returns how many bytes lie before `offset` on its line.
pub(super) fn column(text: &str, offset: usize) -> usize {
    offset - line_start(text, offset)
}

/// Returns where the line of `offset` begins.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// Returns where the line after that of `offset` begins.
pub(super) fn next_line(text: &str, offset: usize) -> usize {
    text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| offset + at + 1)
}
