//! Decisions out of bytes: all zeros make the plainest tree, so that shrinking ends there.

/// Bytes that are used up one by one; after the last, every decision is the first choice.
pub(crate) struct Dice {
    bytes: std::vec::IntoIter<u8>,
}

impl Dice {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into_iter() }
    }

    /// Returns a number below `choices`.
    pub(crate) fn below(&mut self, choices: usize) -> usize {
        usize::from(self.bytes.next().unwrap_or_default()) % choices
    }

    pub(crate) fn flip(&mut self) -> bool {
        self.below(2) == 1
    }

    /// Returns one of the choices.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Puts the items into some order.
    pub(crate) fn shuffle<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        for index in 1..items.len() {
            let other = index - self.below(index + 1);
            items.swap(index, other);
        }
        items
    }
}
