//! One document of a source: its bytes, and what they are read as.

use std::cell::{Cell, OnceCell};
use std::ops::Range;
use std::rc::Rc;

use serde_json::Value;

use super::compose::{Composed, Keep, Oddity, compose};
use super::event::{self, ReadError, ReadErrorKind};
use super::node::Node;
use super::parts;
use super::secret::{may_be_secret, mentions_secret};
use crate::diagnostic::codes::{
    AMBIGUOUS_YAML, DUPLICATE_KEY, EXCESSIVE_ALIASING, INVALID_YAML, MERGE_OVERRIDES,
    TEXT_AFTER_END, TOO_DEEP,
};
use crate::diagnostic::{Lines, Place, Problem};
use crate::source::Source;

/// The bytes of a document and of the comments that belong to it.
#[derive(Debug, Clone)]
pub(crate) struct Document<'a> {
    pub(super) source: &'a Source,
    pub(super) comments: Vec<Range<usize>>,
    pub(super) range: Range<usize>,
    /// Comments after the last document of a source.
    pub(super) trailing: Vec<Range<usize>>,
    pub(super) format: Format,
    /// Whether the text names the kind Secret, once that was asked for.
    pub(super) secret: OnceCell<bool>,
    /// The tree, where it was kept: of a small document, of a list once an item was asked for, or of
    /// what was asked for again.
    pub(super) tree: OnceCell<Option<Rc<Node>>>,
    /// Whether the tree was asked for.
    pub(super) asked: Cell<bool>,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Yaml,
    Json,
}

impl<'a> Document<'a> {
    /// Returns the bytes of the document.
    pub(crate) fn text(&self) -> &'a str {
        self.source.text().get(self.range.clone()).unwrap_or_default()
    }

    /// Returns the comments before the document that are no part of its bytes.
    pub(crate) fn comments(&self) -> impl Iterator<Item = &'a str> {
        slices(self.source.text(), &self.comments)
    }

    /// Returns the comments after the document that belong to no other.
    pub(crate) fn trailing(&self) -> impl Iterator<Item = &'a str> {
        slices(self.source.text(), &self.trailing)
    }

    /// Returns the source that holds the document.
    pub(crate) fn source(&self) -> &'a Source {
        self.source
    }

    /// Returns the text of the whole source with another text in place of the document.
    pub(crate) fn replaced(&self, document: &str) -> String {
        let text = self.source.text();
        let before = text.get(..self.range.start).unwrap_or_default();
        let after = text.get(self.range.end..).unwrap_or_default();
        [before, document, after].concat()
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Returns the document as JSON.
    pub(crate) fn to_value(&self) -> Value {
        self.tree().map(|root| root.to_value()).unwrap_or_default()
    }

    /// Returns the objects of the document as JSON: itself, or the items of a list; of null, none.
    pub(crate) fn to_objects(&self) -> Vec<Value> {
        let root = self.tree().filter(|root| !root.is_null());
        let parts = root.as_deref().map(parts).unwrap_or_default();
        parts.into_iter().map(|(_, node)| node.to_value()).collect()
    }

    /// Returns the place of the byte `offset` of the document.
    pub(super) fn place(&self, offset: usize) -> Place<'a> {
        Place {
            source: self.source,
            offset: self.range.start + offset,
            field: None,
            secret: *self.secret.get_or_init(|| may_be_secret(self.text())),
        }
    }

    /// Notes the kinds of a document that was read, so that the lines of a Secret are hidden however
    /// its kind is spelled.
    pub(super) fn note_kinds(&self, root: &Node) {
        let is_secret = |node: &Node| {
            let kind = node.child("kind").and_then(Node::as_str);
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case("Secret"))
        };
        let secret = parts(root).into_iter().any(|(_, node)| is_secret(node));
        // Who comes second is refused by the cell: the kinds of a document do not change.
        let _ = self.secret.set(secret || mentions_secret(self.text()));
    }

    /// Returns the file and line of the document, as messages say it.
    pub(super) fn start(&self, lines: &mut Lines<'a>) -> String {
        let line = lines.find(self.source, self.range.start).line;
        format!("{}:{line}", self.source.name())
    }

    /// Returns the tree of the document, read again where it was not kept.
    pub(crate) fn tree(&self) -> Option<Rc<Node>> {
        self.tree.get().cloned().unwrap_or_else(|| self.read_tree())
    }

    /// Returns the tree, and keeps it where it is asked for again and `room` has so many bytes left.
    pub(super) fn tree_within(&self, room: &Cell<usize>) -> Option<Rc<Node>> {
        let again = self.asked.replace(true) && self.tree.get().is_none();
        match room.get().checked_sub(self.text().len()).filter(|_| again) {
            Some(left) => {
                room.set(left);
                self.tree.get_or_init(|| self.read_tree()).clone()
            }
            None => self.tree(),
        }
    }

    /// Returns the item at `index` of a document that is a list.
    ///
    /// The list is read once: reading it for every item would take time with the square of its
    /// length.
    pub(super) fn item(&self, index: usize) -> Option<Rc<Node>> {
        let root = self.tree.get_or_init(|| self.read_tree());
        root.as_ref()?.child("items")?.items().get(index).cloned().map(Rc::new)
    }

    /// Keeps the tree that the document was read as.
    pub(super) fn keep_tree(&self, root: Node) {
        // A document is read once, so there is no other tree.
        let _ = self.tree.set(Some(Rc::new(root)));
    }

    fn read_tree(&self) -> Option<Rc<Node>> {
        self.compose(Keep::Everything).ok()?.root.map(Rc::new)
    }

    /// Reads the document.
    pub(super) fn compose(&self, keep: Keep) -> Result<Composed, ReadError> {
        match self.format {
            Format::Yaml => compose(&mut event::events(self.text()), keep),
            Format::Json => compose(&mut event::json::events(self.text()), keep),
        }
    }

    /// Returns whether a scan finds what reading everything finds: the same error, or the same
    /// objects and oddities.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn scans_as_it_reads(&self) -> bool {
        match (self.compose(Keep::Identity), self.compose(Keep::Everything)) {
            (Ok(scanned), Ok(read)) => {
                let found = |composed: &Composed| {
                    let parts = composed.root.as_ref().map(parts).unwrap_or_default();
                    let parts = parts.into_iter();
                    parts.map(|(item, node)| (item, super::identify(node, ""))).collect::<Vec<_>>()
                };
                found(&scanned) == found(&read)
                    && (scanned.oddities, scanned.end) == (read.oddities, read.end)
            }
            (Err(scanned), Err(read)) => scanned == read,
            _ => false,
        }
    }

    /// Returns what is odd about a document that was read.
    pub(super) fn oddities(&self, composed: &Composed) -> Vec<Problem<'a>> {
        let mut problems: Vec<_> =
            composed.oddities.iter().map(|oddity| self.oddity(oddity)).collect();
        problems.extend(self.text_after_end(composed.end));
        problems
    }

    fn oddity(&self, oddity: &Oddity) -> Problem<'a> {
        match oddity {
            Oddity::DuplicateKey { key, offset } => {
                Problem::new(&DUPLICATE_KEY, format!("key `{key}` is given twice in one map"))
                    .at(self.place(*offset))
                    .help("remove one of the two; `kubectl` takes the last and kustomize refuses")
            }
            Oddity::MergeOverrides { key, offset } => Problem::new(
                &MERGE_OVERRIDES,
                format!("`<<` overrides key `{key}` written before it"),
            )
            .at(self.place(*offset))
            .help("move `<<` to the top of the map, where all tools read it the same way"),
        }
    }

    fn text_after_end(&self, end: usize) -> Option<Problem<'a>> {
        let mut offset = end;
        for line in self.text().get(end..)?.split_inclusive('\n') {
            if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                let message = "text after `...` is not read, as `kubectl` does not";
                return Some(
                    Problem::new(&TEXT_AFTER_END, message)
                        .at(self.place(offset))
                        .help("start a new document with `---`, or remove the text"),
                );
            }
            offset += line.len();
        }
        None
    }

    /// Returns the problem with a document that cannot be read.
    pub(super) fn unreadable(&self, error: &ReadError) -> Problem<'a> {
        let (code, help) = match error.kind {
            ReadErrorKind::Syntax if self.text().lines().any(is_conflict) => (
                &INVALID_YAML,
                "resolve the merge conflict, whose marks are lines of `<<<<<<<` and `>>>>>>>`",
            ),
            ReadErrorKind::Syntax => {
                (&INVALID_YAML, "correct the text; `kubectl` refuses it as well")
            }
            ReadErrorKind::Tab => (&INVALID_YAML, "indent with blanks"),
            ReadErrorKind::Quote => {
                (&INVALID_YAML, "close the quote, or indent the lines that the string goes on in")
            }
            ReadErrorKind::TooDeep => (&TOO_DEEP, "no Kubernetes object nests this deep"),
            ReadErrorKind::ExcessiveAliasing => {
                (&EXCESSIVE_ALIASING, "write the values out instead of repeating aliases")
            }
            ReadErrorKind::Ambiguous => (
                &AMBIGUOUS_YAML,
                "write it so that all YAML readers agree, for example with an escape",
            ),
        };
        Problem::new(code, error.message.clone()).at(self.place(error.offset)).help(help)
    }
}

/// Returns whether Git has marked the beginning of a conflict with the line.
fn is_conflict(line: &str) -> bool {
    line.starts_with("<<<<<<< ")
}

fn slices<'a>(text: &'a str, ranges: &[Range<usize>]) -> impl Iterator<Item = &'a str> {
    ranges.iter().filter_map(move |range| text.get(range.clone()))
}
