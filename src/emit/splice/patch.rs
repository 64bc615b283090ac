//! Changes of bytes.

use std::ops::Range;

/// Bytes, and what is to stand in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patch {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// Applies patches in the order of their places; what is put at one place keeps its order.
///
/// Nothing if bytes are to be replaced twice.
pub(super) fn apply(text: &str, mut patches: Vec<Patch>) -> Option<String> {
    patches.sort_by_key(|patch| (patch.range.start, patch.range.end));
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for Patch { range, text: new } in &patches {
        // What is put between lines that go stands where they were.
        let start = if range.is_empty() { range.start.max(at) } else { range.start };
        out.push_str(text.get(at..start)?);
        out.push_str(new);
        at = range.end.max(start);
    }
    out.push_str(text.get(at..)?);
    Some(out)
}
