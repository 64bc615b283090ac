//! The diff as `diff -u` writes it, for people; words that differ stand out on a terminal.

use super::identity::Called;
use super::lines::{Hunk, Line, LineKind, Piece, count};
use super::{Comparison, Labels, ObjectChange, States, hunks};
use crate::escape::{self, NOT_A_PATCH};

/// How a unified diff is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unified {
    /// What the sides are called.
    pub labels: Labels,
    /// How many lines are shown around those that differ.
    pub context: usize,
    /// Whether it is coloured.
    pub color: Color,
}

/// Whether a text is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    #[default]
    Never,
    /// Text with ANSI escapes.
    Always,
}

/// The escapes of what stands out.
const HEADER: &str = "\x1b[1m";
const PLACE: &str = "\x1b[36m";
const REMOVED: &str = "\x1b[31m";
const ADDED: &str = "\x1b[32m";
const REMOVED_WORD: &str = "\x1b[31;7m";
const ADDED_WORD: &str = "\x1b[32;7m";
const RESET: &str = "\x1b[0m";

/// Returns the diff of every object; empty where nothing differs.
pub fn to_unified(comparison: &Comparison, unified: &Unified) -> String {
    let objects = comparison.changes.iter().map(|change| object(change, unified));
    escape::colored_lines(&objects.collect::<Vec<_>>().join("\n"))
}

fn object(change: &ObjectChange, Unified { labels, context, color }: &Unified) -> String {
    let (added, removed) = count(change);
    let called = Called(&change.key);
    let (before, after) = match &change.states {
        States::Created(_) => ("/dev/null".to_owned(), format!("{called} ({})", labels.after)),
        States::Removed(_) => (format!("{called} ({})", labels.before), "/dev/null".to_owned()),
        States::Changed(..) => {
            (format!("{called} ({})", labels.before), format!("{called} ({})", labels.after))
        }
    };
    let header = format!("{called} {}, +{added} -{removed}", change.word());
    let mut text = String::new();
    for line in [header, format!("--- {before}"), format!("+++ {after}")] {
        push(&mut text, &line, color.of(HEADER));
        text.push('\n');
    }
    let hunks = hunks(change, *context);
    if is_escaped(&hunks) {
        text = format!("{NOT_A_PATCH}\n{text}");
    }
    for hunk in hunks {
        push(&mut text, &hunk.header(), color.of(PLACE));
        text.push('\n');
        hunk.lines.iter().for_each(|line| push_line(&mut text, line, *color));
    }
    text
}

impl Color {
    /// Returns the escape, where there are colours.
    fn of(self, escape: &'static str) -> Option<&'static str> {
        match self {
            Self::Never => None,
            Self::Always => Some(escape),
        }
    }
}

fn push_line(text: &mut String, line: &Line, color: Color) {
    let (whole, word) = match line.kind {
        LineKind::Same => (None, None),
        LineKind::Removed => (color.of(REMOVED), color.of(REMOVED_WORD)),
        LineKind::Added => (color.of(ADDED), color.of(ADDED_WORD)),
    };
    push(text, &line.kind.sign().to_string(), whole);
    for piece in &line.pieces {
        match piece {
            Piece::Plain(plain) => push(text, plain, whole),
            Piece::Marked(marked) => push(text, marked, word),
        }
    }
    text.push('\n');
}

fn push(text: &mut String, part: &str, escape: Option<&str>) {
    match escape {
        None => text.push_str(part),
        Some(escape) => text.push_str(&format!("{escape}{part}{RESET}")),
    }
}

/// Returns whether a line shows another text than the object has.
pub(super) fn is_escaped(hunks: &[Hunk]) -> bool {
    hunks.iter().flat_map(|hunk| &hunk.lines).any(|line| line.escaped)
}

/// Returns hunks as plain text.
pub(super) fn plain(hunks: &[Hunk]) -> String {
    let mut text = String::new();
    for hunk in hunks {
        text.push_str(&format!("{}\n", hunk.header()));
        hunk.lines.iter().for_each(|line| push_line(&mut text, line, Color::Never));
    }
    text
}
