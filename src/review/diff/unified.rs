//! The diff as `diff -u` writes it, for people; words that differ stand out on a terminal.

use super::identity::Called;
use super::lines::{Hunk, Line, LineKind, Piece, count};
use super::{Comparison, Labels, ObjectChange, States, hunks};

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

/// What stands out, and the escapes that make it so.
enum Style {
    Header,
    Place,
    Removed,
    Added,
    RemovedWord,
    AddedWord,
}

impl Style {
    fn escape(&self) -> &'static str {
        match self {
            Self::Header => "\x1b[1m",
            Self::Place => "\x1b[36m",
            Self::Removed => "\x1b[31m",
            Self::Added => "\x1b[32m",
            Self::RemovedWord => "\x1b[31;7m",
            Self::AddedWord => "\x1b[32;7m",
        }
    }
}

const RESET: &str = "\x1b[0m";

/// Returns the diff of every object; empty where nothing differs.
pub fn to_unified(comparison: &Comparison, unified: &Unified) -> String {
    let objects = comparison.changes.iter().map(|change| object(change, unified));
    objects.collect::<Vec<_>>().join("\n")
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
        push(&mut text, &line, color.of(Style::Header));
        text.push('\n');
    }
    for hunk in hunks(change, *context) {
        push(&mut text, &hunk.header(), color.of(Style::Place));
        text.push('\n');
        hunk.lines.iter().for_each(|line| push_line(&mut text, line, *color));
    }
    text
}

impl Color {
    fn of(self, style: Style) -> Option<Style> {
        match self {
            Self::Never => None,
            Self::Always => Some(style),
        }
    }
}

fn push_line(text: &mut String, line: &Line, color: Color) {
    let (whole, word): (fn() -> Style, fn() -> Style) = match line.kind {
        LineKind::Same => {
            text.push_str(&format!(" {}\n", line.text()));
            return;
        }
        LineKind::Removed => (|| Style::Removed, || Style::RemovedWord),
        LineKind::Added => (|| Style::Added, || Style::AddedWord),
    };
    push(text, &line.kind.sign().to_string(), color.of(whole()));
    for piece in &line.pieces {
        match piece {
            Piece::Plain(plain) => push(text, plain, color.of(whole())),
            Piece::Marked(marked) => push(text, marked, color.of(word())),
        }
    }
    text.push('\n');
}

fn push(text: &mut String, part: &str, style: Option<Style>) {
    match style {
        None => text.push_str(part),
        Some(style) => text.push_str(&format!("{}{part}{RESET}", style.escape())),
    }
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
