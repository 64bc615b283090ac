//! The lines that differ, and the words in them.
//!
//! What every text format draws: hunks of lines, each cut into pieces that are the same in the line
//! that it takes the place of and pieces that are not.

use std::borrow::Cow;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use super::{ObjectChange, State};
use crate::escape;

/// The longest line whose words are compared, in bytes.
const MAX_COMPARED: usize = 2_000;

/// The most context that makes a difference.
const MAX_CONTEXT: usize = 1_000_000;

/// Lines that differ, with those around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The lines of the text before, counted from 0.
    pub before: Range<usize>,
    /// The lines of the text after, counted from 0.
    pub after: Range<usize>,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What became of it.
    pub kind: LineKind,
    /// Its text in pieces, escaped and without the newline.
    pub pieces: Vec<Piece>,
    /// Whether the object has another text there, so that the diff does not apply as a patch.
    pub escaped: bool,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// It is on both sides.
    Same,
    /// It is there before only.
    Removed,
    /// It is there after only.
    Added,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Also in the line that this one replaces, or that replaces it; or there is no such line.
    Plain(String),
    /// Only in this line.
    Marked(String),
}

impl Hunk {
    /// Returns the line above the hunk, as `diff -u` writes it.
    pub fn header(&self) -> String {
        format!("@@ -{} +{} @@", numbered(&self.before), numbered(&self.after))
    }
}

impl Line {
    /// Returns the text of the line.
    pub fn text(&self) -> String {
        self.pieces.iter().map(Piece::text).collect()
    }
}

impl LineKind {
    /// Returns the first character of such a line in a unified diff.
    pub fn sign(self) -> char {
        match self {
            Self::Same => ' ',
            Self::Removed => '-',
            Self::Added => '+',
        }
    }
}

impl Piece {
    /// Returns the text of the piece.
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Marked(text) => text,
        }
    }
}

/// Returns the lines of an object that differ, each hunk with that many lines around it.
pub fn hunks(change: &ObjectChange, context: usize) -> Vec<Hunk> {
    let (before, after) = change.texts();
    let (before, after) = (lines(before), lines(after));
    let operations = capture_diff_slices(Algorithm::Myers, &before, &after);
    let groups = group_diff_ops(operations, context.min(MAX_CONTEXT));
    let sides = Sides { before: &before, after: &after };
    groups.iter().filter_map(|group| sides.hunk(group)).collect()
}

/// Returns how many lines are added, and how many removed.
pub(super) fn count(change: &ObjectChange) -> (usize, usize) {
    let of = |state: &State| lines(&state.text).len();
    match change.sides() {
        (None, after) => (after.map_or(0, of), 0),
        (before, None) => (0, before.map_or(0, of)),
        (Some(before), Some(after)) => {
            let (before, after) = (lines(&before.text), lines(&after.text));
            let operations = capture_diff_slices(Algorithm::Myers, &before, &after);
            let changed = operations.iter().filter(|one| !matches!(one, DiffOp::Equal { .. }));
            changed.fold((0, 0), |(added, removed), one| {
                (added + one.new_range().len(), removed + one.old_range().len())
            })
        }
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.strip_suffix('\n').unwrap_or(text).split('\n').filter(|_| !text.is_empty()).collect()
}

/// Writes a range as `diff -u` does: an empty one names the line before it.
fn numbered(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        length => format!("{},{length}", range.start + 1),
    }
}

/// The lines of both texts.
struct Sides<'s, 't> {
    before: &'s [&'t str],
    after: &'s [&'t str],
}

impl Sides<'_, '_> {
    fn hunk(&self, group: &[DiffOp]) -> Option<Hunk> {
        let (first, last) = (group.first()?, group.last()?);
        Some(Hunk {
            before: first.old_range().start..last.old_range().end,
            after: first.new_range().start..last.new_range().end,
            lines: group.iter().flat_map(|operation| self.lines(operation)).collect(),
        })
    }

    fn lines(&self, operation: &DiffOp) -> Vec<Line> {
        let old = escaped(self.before.get(operation.old_range()).unwrap_or_default());
        let new = escaped(self.after.get(operation.new_range()).unwrap_or_default());
        if matches!(operation, DiffOp::Equal { .. }) {
            return old.iter().map(|text| text.line(LineKind::Same, plain(&text.shown))).collect();
        }
        let mut pairs = old.iter().zip(&new).map(|(old, new)| words(&old.shown, &new.shown));
        let (mut removed, mut added): (Vec<_>, Vec<_>) = pairs.by_ref().unzip();
        removed.extend(old.iter().skip(removed.len()).map(|text| plain(&text.shown)));
        added.extend(new.iter().skip(added.len()).map(|text| plain(&text.shown)));
        let removed =
            old.iter().zip(removed).map(|(old, words)| old.line(LineKind::Removed, words));
        let added = new.iter().zip(added).map(|(new, words)| new.line(LineKind::Added, words));
        removed.chain(added).collect()
    }
}

/// A line of an object as it is shown.
struct Shown<'t> {
    shown: Cow<'t, str>,
    escaped: bool,
}

/// Escapes before words are compared, since what is escaped may be more than one word.
fn escaped<'t>(texts: &[&'t str]) -> Vec<Shown<'t>> {
    let shown = texts.iter().map(|text| {
        let shown = escape::diff_line(text);
        Shown { escaped: *text != shown, shown }
    });
    shown.collect()
}

impl Shown<'_> {
    fn line(&self, kind: LineKind, pieces: Vec<Piece>) -> Line {
        Line { kind, pieces, escaped: self.escaped }
    }
}

fn plain(text: &str) -> Vec<Piece> {
    vec![Piece::Plain(text.to_owned())]
}

/// Marks what differs between two lines; nothing where they have little in common.
fn words(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let alone = || (plain(old), plain(new));
    if old.len().max(new.len()) > MAX_COMPARED {
        return alone();
    }
    let (before, after) = (split(old), split(new));
    let operations = capture_diff_slices(Algorithm::Myers, &before, &after);
    let length = |words: Option<&[&str]>| words.unwrap_or_default().concat().trim().len();
    let equal = operations.iter().filter(|one| matches!(one, DiffOp::Equal { .. }));
    let shared: usize = equal.map(|one| length(before.get(one.old_range()))).sum();
    if shared * 3 < old.trim().len().max(new.trim().len()) {
        return alone();
    }
    let side = |words: &[&str], range: fn(&DiffOp) -> Range<usize>| {
        let pieces = operations.iter().filter_map(|one| {
            let text = words.get(range(one))?.concat();
            let same = matches!(one, DiffOp::Equal { .. });
            let piece = if same { Piece::Plain(text) } else { Piece::Marked(text) };
            (!piece.text().is_empty()).then_some(piece)
        });
        pieces.collect()
    };
    (side(&before, DiffOp::old_range), side(&after, DiffOp::new_range))
}

/// Cuts a line into words and the characters between them.
fn split(text: &str) -> Vec<&str> {
    let is_word = |character: char| character.is_alphanumeric();
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match is_word(first) {
            true => rest.find(|other: char| !is_word(other)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, others) = rest.split_at(end);
        words.push(word);
        rest = others;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Piece, words};

    #[test]
    fn words_that_differ_are_marked() {
        let (old, new) = words("    image: shop/web:1.2", "    image: shop/web:1.3");
        let marked = |number: &str| {
            vec![
                Piece::Plain("    image: shop/web:1.".to_owned()),
                Piece::Marked(number.to_owned()),
            ]
        };
        assert_eq!((old, new), (marked("2"), marked("3")));
    }

    #[test]
    fn lines_with_little_in_common_are_not_marked() {
        let (old, new) = words("  name: a", "  selector: {}");
        assert_eq!(old, [Piece::Plain("  name: a".to_owned())]);
        assert_eq!(new, [Piece::Plain("  selector: {}".to_owned())]);
    }
}
