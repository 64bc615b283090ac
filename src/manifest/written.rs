//! Paths of the fields of a rewritten tree, as they are written.
//!
//! A tree that was rewritten keeps the spans of what was written, and by these a problem names the
//! field as its author knows it.

use super::node::{Entry, Node, Span};
use super::path::{FieldPath, Segment};

/// Returns the path in `written` of what lies at the `steps` of its other form.
///
/// Fields that stayed where they were are found on the way; only those that moved are looked for.
pub(super) fn path_in(written: &Node, rewritten: &Node, steps: Vec<Segment>) -> Option<FieldPath> {
    let mut found = Vec::new();
    let (mut written_here, mut here) = (written, rewritten);
    for step in steps {
        match &step {
            Segment::Index(index) => {
                here = here.items().get(*index)?;
                written_here = written_here.items().get(*index)?;
                found.push(step);
            }
            Segment::Key(key) => {
                let entry = here.entry(key)?;
                let mut way = match find(written_here, entry.key_span) {
                    Some(way) => way,
                    None => {
                        found.clear();
                        written_here = written;
                        find(written, entry.key_span)?
                    }
                };
                way.reverse();
                here = &entry.value;
                for entry in way {
                    written_here = &entry.value;
                    found.push(Segment::Key(entry.key.to_string()));
                }
            }
        }
    }
    Some(FieldPath::of_segments(found))
}

/// Returns the entries from the one whose key lies there up to one of the node.
fn find(node: &Node, key_span: Span) -> Option<Vec<&Entry>> {
    if let Some(entry) = node.entries().iter().find(|entry| entry.key_span == key_span) {
        return Some(vec![entry]);
    }
    node.entries().iter().find_map(|entry| {
        let mut way = find(&entry.value, key_span)?;
        way.push(entry);
        Some(way)
    })
}
