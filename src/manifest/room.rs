//! The room for trees that are kept.

use std::cell::Cell;

/// How much text keeps its trees: those of a few files are asked for again and again, and those of a
/// large stream would fill the memory.
const KEPT_BYTES: usize = 64 << 10;

/// How many bytes of text may still keep their trees.
#[derive(Debug, Default)]
pub(super) struct Room(Cell<usize>);

impl Room {
    pub(super) fn new() -> Self {
        Self(Cell::new(KEPT_BYTES))
    }

    /// Takes room for a text. Returns whether there is any.
    pub(super) fn take(&self, text: &str) -> bool {
        let Some(left) = self.0.get().checked_sub(text.len()) else { return false };
        self.0.set(left);
        true
    }
}
