//! Columns and lines of nodes in their text.
//!
//! Spans know bytes only; blocks are made of lines, columns and dashes. All offsets are bytes, and so
//! are columns: nothing but blanks and marks stands before a key or a dash.

use crate::manifest::Node;

/// Returns where the `-` of an item lies, if only blanks and comments lie between the two.
pub(super) fn dash_before(text: &str, item: &Node) -> Option<usize> {
    if is_missing(item) {
        return dash_on_line(text, item.span.start());
    }
    let within = if item.alias || item.is_flow() { &[][..] } else { item.items() };
    let inner_dash = within.first().and_then(|first| dash_before(text, first));
    dash_before_text(text, inner_dash.map_or(item.span.start(), |dash| dash.min(item.span.start())))
}

/// Returns where the `-` lies that the text at `start` is the item of, if only blanks and comments lie
/// between the two.
pub(super) fn dash_before_text(text: &str, start: usize) -> Option<usize> {
    let mut end = start;
    while is_blank_or_comment(text.get(line_start(text, end)..end)?) {
        end = line_start(text, end).checked_sub(1)?;
    }
    dash_on_line(text, end)
}

/// Returns where the last of the dashes lies that the line begins with, if nothing but a comment
/// follows them up to `end`.
fn dash_on_line(text: &str, end: usize) -> Option<usize> {
    let start = line_start(text, end);
    let line = text.get(start..end)?;
    let (dashes, rest) = line.split_at(line.len() - line.trim_start_matches([' ', '-']).len());
    is_blank_or_comment(rest).then(|| dashes.rfind('-').map(|dash| start + dash))?
}

fn is_blank_or_comment(line: &str) -> bool {
    let text = line.trim_start();
    text.is_empty() || text.starts_with('#')
}

/// Returns whether there is no text of the node, so that it is null.
pub(super) fn is_missing(node: &Node) -> bool {
    node.span.is_empty() && node.is_null()
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
