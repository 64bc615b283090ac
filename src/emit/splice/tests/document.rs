//! Documents in many layouts.

use std::fmt::Write as _;

use proptest::prelude::*;

/// A value, and how each part of it is written.
#[derive(Debug, Clone)]
pub(super) enum Draft {
    /// A scalar on one line.
    Scalar(&'static str),
    /// The header of a block scalar, and its lines.
    Block(&'static str, &'static [&'static str]),
    /// A list or map on one line.
    Flow(&'static str),
    List(Vec<(Note, Self)>),
    Map(Vec<(Note, Self)>),
}

/// What stands around a key or an item.
#[derive(Debug, Clone, Copy)]
pub(super) enum Note {
    None,
    Above,
    Behind,
    Blank,
}

/// The manners of a whole document.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    indent: usize,
    list_offset: usize,
    crlf: bool,
    last_newline: bool,
    head: bool,
}

pub(super) fn layout() -> impl Strategy<Value = Layout> {
    (2..5usize, prop::bool::ANY, prop::bool::ANY, prop::bool::ANY, prop::bool::ANY).prop_map(
        |(indent, offset, crlf, last_newline, head)| {
            let list_offset = if offset { indent } else { 0 };
            Layout { indent, list_offset, crlf, last_newline, head }
        },
    )
}

/// Returns a map of a few levels.
pub(super) fn draft() -> impl Strategy<Value = Draft> {
    let inner = leaf().prop_recursive(4, 24, 4, |inner| {
        let parts = prop::collection::vec((note(), inner), 1..4);
        (parts, any::<bool>())
            .prop_map(|(parts, list)| if list { Draft::List(parts) } else { Draft::Map(parts) })
    });
    prop::collection::vec((note(), inner), 1..4).prop_map(Draft::Map)
}

fn leaf() -> impl Strategy<Value = Draft> {
    prop_oneof![
        4 => prop::sample::select(vec!["web", "4", "\"a: b\"", "'it''s'", "true", "a b c"])
            .prop_map(Draft::Scalar),
        1 => prop::sample::select(vec!["", "~", "null", "{}", "[]"]).prop_map(Draft::Scalar),
        1 => prop::sample::select(vec!["|", "|-", "|+", ">", ">-"])
            .prop_map(|header| Draft::Block(header, &["one", "  two", "", "three # no comment"])),
        1 => prop::sample::select(vec!["|", "|+"])
            .prop_map(|header| Draft::Block(header, &["one", ""])),
        1 => prop::sample::select(vec![
            "{a: 1, b: [x, y]}", "[1, {k: v}, \"z\"]", "[ p ]", "{\"q\":{\"r\":[]}}", "[[1, 2], []]",
        ])
        .prop_map(Draft::Flow),
    ]
}

fn note() -> impl Strategy<Value = Note> {
    prop_oneof![
        4 => Just(Note::None), 1 => Just(Note::Above), 1 => Just(Note::Behind),
        1 => Just(Note::Blank),
    ]
}

pub(super) fn write(draft: &Draft, layout: &Layout) -> String {
    let mut writer = Writer { out: String::new(), layout, comments: 0 };
    if layout.head {
        writer.out.push_str("# head\n\n");
    }
    if let Draft::Map(parts) = draft {
        writer.map(parts, 0, 0);
    }
    let text = if layout.last_newline { &writer.out } else { writer.out.trim_end() };
    if layout.crlf { text.replace('\n', "\r\n") } else { text.to_owned() }
}

struct Writer<'l> {
    out: String,
    layout: &'l Layout,
    comments: usize,
}

impl Writer<'_> {
    /// Writes a map at `column`, of which `written` columns of the first line are there already.
    fn map(&mut self, parts: &[(Note, Draft)], column: usize, mut written: usize) {
        for (index, (note, draft)) in parts.iter().enumerate() {
            self.above(*note, column, written);
            self.pad(column - written);
            written = 0;
            write!(self.out, "k{index}:").unwrap();
            self.value(*note, draft, (column, column + self.layout.indent));
        }
    }

    fn list(&mut self, parts: &[(Note, Draft)], column: usize, mut written: usize) {
        for (note, draft) in parts {
            self.above(*note, column, written);
            self.pad(column - written);
            written = 0;
            self.out.push('-');
            match draft {
                Draft::Map(parts) => {
                    self.out.push(' ');
                    self.map(parts, column + 2, column + 2);
                }
                Draft::List(parts) => {
                    self.out.push(' ');
                    self.list(parts, column + 2, column + 2);
                }
                _ => self.value(*note, draft, (column, column + 2)),
            }
        }
    }

    /// Writes a value behind a colon or dash; `columns` are those of the key and of what lies below.
    fn value(&mut self, note: Note, draft: &Draft, (column, below): (usize, usize)) {
        match draft {
            Draft::Scalar(text) | Draft::Flow(text) => {
                self.out.push_str(if text.is_empty() { "" } else { " " });
                self.out.push_str(text);
                self.behind(note);
            }
            Draft::Block(header, lines) => {
                self.out.push(' ');
                self.out.push_str(header);
                self.behind(note);
                let text = lines.iter().map(|line| format!("{:below$}{line}", ""));
                text.for_each(|line| writeln!(self.out, "{}", line.trim_end()).unwrap());
            }
            Draft::Map(parts) => {
                self.behind(note);
                self.map(parts, below, 0);
            }
            Draft::List(parts) => {
                self.behind(note);
                self.list(parts, column + self.layout.list_offset, 0);
            }
        }
    }

    /// Writes a comment or blank line, where a line begins.
    fn above(&mut self, note: Note, column: usize, written: usize) {
        match note {
            Note::Above if written == 0 => {
                self.pad(column);
                self.comments += 1;
                writeln!(self.out, "# note {}", self.comments).unwrap();
            }
            Note::Blank if written == 0 => self.out.push('\n'),
            _ => {}
        }
    }

    fn behind(&mut self, note: Note) {
        if matches!(note, Note::Behind) {
            self.comments += 1;
            write!(self.out, " # note {}", self.comments).unwrap();
        }
        self.out.push('\n');
    }

    fn pad(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }
}
