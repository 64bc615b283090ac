//! What is to change in an object, as data.
//!
//! A list of edits belongs together: every path is that of the object as it was before all of them,
//! so that the order of the edits means nothing and an index never shifts. Placing them in text is
//! the business of [`emit`](crate::emit).

mod between;
mod changes;

use serde_json::Value;

pub(crate) use between::edits_between;
pub(crate) use changes::{Changes, Own, apply};

use crate::manifest::FieldPath;

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
    /// Gives the field a value; where it is not there, it is added as the last key of its map. The
    /// map it belongs to is there.
    Set { path: FieldPath, value: Value },
    /// Puts a value before the item at `index` of the list at `path`; an index that is the length of
    /// the list puts it last. Several values for one place keep the order of their edits.
    Insert { path: FieldPath, index: usize, value: Value },
    /// Takes the field away: a key with its value, or an item.
    Remove { path: FieldPath },
}
