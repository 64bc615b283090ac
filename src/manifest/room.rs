//! The room for trees that are kept.

use std::cell::Cell;

/// How much text keeps its trees when it is first read or asked for: those of a few files are asked for
/// again and again, and those of a large stream would fill the memory.
const KEPT_BYTES: usize = 64 << 10;

/// How much text keeps its trees when it is read again: each of many rollouts looks at its neighbours,
/// which are those of the next one as well.
const KEPT_BYTES_AGAIN: usize = 4 << 20;

/// How many bytes of text may still keep their trees.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Of the [`KEPT_BYTES`].
    pub(super) first: Cell<usize>,
    /// Of the [`KEPT_BYTES_AGAIN`].
    pub(super) again: Cell<usize>,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { first: Cell::new(KEPT_BYTES), again: Cell::new(KEPT_BYTES_AGAIN) }
    }

    /// Takes room for a text, if there is any.
    pub(super) fn take(room: &Cell<usize>, text: &str) -> bool {
        let left = room.get().checked_sub(text.len());
        left.inspect(|left| room.set(*left)).is_some()
    }
}
