//! Lines and columns of bytes.
//!
//! A place is looked up from the one before, in either direction, so that thousands of problems in a
//! large file take no longer to show than to find.

use crate::effort;
use crate::source::Source;

/// A walk through sources, from one place to the next.
#[derive(Debug, Default)]
pub(crate) struct Lines<'a> {
    source: Option<&'a Source>,
    at: Position,
}

/// A byte as a person finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    offset: usize,
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
    /// Where the line begins.
    pub(crate) line_start: usize,
}

impl Default for Position {
    fn default() -> Self {
        Self { offset: 0, line: 1, column: 1, line_start: 0 }
    }
}

impl<'a> Lines<'a> {
    /// Returns the position of the byte `offset` of `source`.
    pub(crate) fn find(&mut self, source: &'a Source, offset: usize) -> Position {
        let is_same = self.source.is_some_and(|known| std::ptr::eq(known, source));
        let is_nearer_to_start = offset < self.at.line_start.saturating_sub(offset);
        if !is_same || is_nearer_to_start {
            *self = Self { source: Some(source), at: Position::default() };
        }
        let text = source.text();
        if offset < self.at.offset {
            self.go_back(text, offset);
        }
        let passed = text.get(self.at.offset..offset).unwrap_or_default();
        effort::count(passed.len());
        if let Some(newline) = passed.rfind('\n') {
            self.at.line += count_line_breaks(passed);
            self.at.line_start = self.at.offset + newline + 1;
            self.at.offset = self.at.line_start;
            self.at.column = 1;
        }
        self.at.column += text.get(self.at.offset..offset).unwrap_or_default().chars().count();
        self.at.offset = offset;
        self.at
    }

    /// Goes to the beginning of the line that holds the byte `offset`, which is passed already.
    fn go_back(&mut self, text: &str, offset: usize) {
        let passed = text.get(offset..self.at.line_start).unwrap_or_default();
        effort::count(passed.len());
        if !passed.is_empty() {
            self.at.line -= count_line_breaks(passed);
            let before = text.get(..offset).unwrap_or_default();
            self.at.line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        }
        self.at.offset = self.at.line_start;
        self.at.column = 1;
    }
}

/// Counts the line breaks of a text.
///
/// memchr asks the processor for its features first, which takes longer than counting in a short text.
fn count_line_breaks(text: &str) -> usize {
    const LONG: usize = 64 << 10;
    if text.len() < LONG {
        text.bytes().filter(|byte| *byte == b'\n').count()
    } else {
        memchr::memchr_iter(b'\n', text.as_bytes()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_any_order() {
        let source = Source::new("a", "a: é1\n\nb: 2");
        let other = Source::new("b", "\n");
        let mut lines = Lines::default();
        let mut find = |source, offset| {
            let Position { line, column, line_start, .. } = lines.find(source, offset);
            (line, column, line_start)
        };
        assert_eq!(find(&source, 0), (1, 1, 0));
        assert_eq!(find(&source, 5), (1, 5, 0));
        assert_eq!(find(&source, 8), (3, 1, 8));
        assert_eq!(find(&source, 11), (3, 4, 8));
        assert_eq!(find(&other, 1), (2, 1, 1));
        assert_eq!(find(&source, 6), (1, 6, 0));
    }

    #[test]
    fn a_place_before_the_last_one_is_found_as_from_the_start() {
        let text = "a: 1\n\n  é: b\n# c\n".repeat(20);
        let source = Source::new("a", text.as_str());
        let offsets: Vec<_> = text.char_indices().map(|(offset, _)| offset).collect();
        let mut lines = Lines::default();
        for step in [1, 3, 7, 31, 100] {
            for index in (0..offsets.len()).map(|index| index * step % offsets.len()).rev() {
                let found = lines.find(&source, offsets[index]);
                assert_eq!(found, Lines::default().find(&source, offsets[index]));
            }
        }
    }
}
