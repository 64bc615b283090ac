//! One document of a source: its bytes, and what they are read as.

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Range;
use std::rc::{Rc, Weak};

use serde_json::Value;

use super::compose::{Composed, HandedOver, Keep, Oddity, compose, compose_handing_over};
use super::event::{self, ReadError, ReadErrorKind};
use super::identity::IdentityFields;
use super::node::Node;
use super::parts;
use super::room::Room;
use super::scan::Scanner;
use super::secret::{has_kind_secret, may_be_secret, mentions_secret};
use crate::diagnostic::codes::{
    DUPLICATE_KEY, EXCESSIVE_ALIASING, INVALID_YAML, MERGE_OVERRIDES, TEXT_AFTER_END, TOO_DEEP,
};
use crate::diagnostic::{Lines, Place, Problem};
use crate::source::Source;

/// The bytes of a document and of the comments that belong to it.
#[derive(Debug, Clone)]
pub(crate) struct Document<'a> {
    pub(super) source: &'a Source,
    pub(super) range: Range<usize>,
    /// The comments around the document, which most have none of.
    pub(super) comments: Option<Box<Comments>>,
    pub(super) format: Format,
    /// Whether a kind of the document is Secret, or its text names that kind, once that was asked for.
    pub(super) secret: OnceCell<bool>,
    /// Whether the kinds of the document were read.
    pub(super) kinds_known: Cell<bool>,
    /// The tree, where it was kept: of a small document, or of a list once an item was asked for.
    pub(super) tree: OnceCell<Rc<Node>>,
    /// The tree that was read last, as long as an object still has it.
    pub(super) in_use: RefCell<Weak<Node>>,
}

/// The bytes of comments that belong to a document and are no part of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Comments {
    pub(super) before: Vec<Range<usize>>,
    /// After the last document of a source.
    pub(super) after: Vec<Range<usize>>,
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

    /// Returns what lies between the document and a later one of the same source, both YAML.
    pub(crate) fn text_until(&self, later: &Self) -> Option<&'a str> {
        let yaml = (self.format, later.format) == (Format::Yaml, Format::Yaml);
        if !yaml || !std::ptr::eq(self.source, later.source) {
            return None;
        }
        self.source.text().get(self.range.end..later.range.start)
    }

    /// Returns the text from the beginning of the document to the end of a later one of its source.
    pub(crate) fn text_through(&self, last: &Self) -> &'a str {
        self.source.text().get(self.range.start..last.range.end).unwrap_or_default()
    }

    /// Returns the comments before the document that are no part of its bytes.
    pub(crate) fn comments(&self) -> impl Iterator<Item = &'a str> {
        self.slices(self.comments.as_ref().map(|comments| comments.before.as_slice()))
    }

    /// Returns the comments after the document that belong to no other.
    pub(crate) fn trailing(&self) -> impl Iterator<Item = &'a str> {
        self.slices(self.comments.as_ref().map(|comments| comments.after.as_slice()))
    }

    fn slices(&self, ranges: Option<&[Range<usize>]>) -> impl Iterator<Item = &'a str> {
        let text = self.source.text();
        ranges.unwrap_or_default().iter().filter_map(move |range| text.get(range.clone()))
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
            secret: self.is_secret(),
        }
    }

    /// Returns the identity of the object that the document is, if it is plainly written.
    pub(super) fn scan(&self, scanner: &mut Scanner<'a>) -> Option<IdentityFields<'a>> {
        match self.format {
            Format::Yaml => scanner.scan(self.text()),
            Format::Json => None,
        }
    }

    /// Notes the kind of a document that was scanned.
    pub(super) fn note_kind(&self, kind: &str) {
        self.note_secret(kind == "Secret");
    }

    /// Notes the kinds of a document that was read, so that the lines of a Secret are hidden however
    /// its kind is spelled.
    pub(super) fn note_kinds(&self, root: &Node) {
        let is_secret = |node: &Node| {
            let kind = node.child("kind").and_then(Node::as_str);
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case("Secret"))
        };
        self.note_secret(parts(root).into_iter().any(|(_, node)| is_secret(node)));
    }

    fn note_secret(&self, secret: bool) {
        if secret {
            // Who comes second is refused by the cell: the kinds of a document do not change.
            let _ = self.secret.set(true);
        }
        self.kinds_known.set(true);
    }

    /// Returns whether the lines of the document are hidden.
    fn is_secret(&self) -> bool {
        let text = self.text();
        let known = self.kinds_known.get();
        *self.secret.get_or_init(|| match known {
            true => mentions_secret(text) || has_kind_secret(text),
            false => may_be_secret(text),
        })
    }

    /// Returns the file and line of the document, as messages say it.
    pub(super) fn start(&self, lines: &mut Lines<'a>) -> String {
        let line = lines.find(self.source, self.range.start).line;
        format!("{}:{line}", self.source.name())
    }

    /// Returns the tree of the document, read again where it was not kept.
    pub(crate) fn tree(&self) -> Option<Rc<Node>> {
        self.tree.get().cloned().or_else(|| self.read_tree())
    }

    /// Returns the tree, and keeps it while there is room.
    pub(super) fn tree_within(&self, room: &Room) -> Option<Rc<Node>> {
        if let Some(tree) = self.tree.get() {
            return Some(Rc::clone(tree));
        }
        if let Some(tree) = self.in_use.borrow().upgrade() {
            return Some(tree);
        }
        let tree = self.read_tree()?;
        if room.take(self.text()) {
            // There is no other tree: a document is read as the same one every time.
            let _ = self.tree.set(Rc::clone(&tree));
        } else {
            self.in_use.replace(Rc::downgrade(&tree));
        }
        Some(tree)
    }

    /// Returns the item at `index` of a document that is a list.
    ///
    /// The list is read once: reading it for every item would take time with the square of its
    /// length.
    pub(super) fn item(&self, index: u32) -> Option<Rc<Node>> {
        if self.tree.get().is_none() {
            // There was no tree, so that this one is taken.
            let _ = self.tree.set(self.read_tree()?);
        }
        let items = self.tree.get()?.child("items")?;
        items.items().get(index as usize).cloned().map(Rc::new)
    }

    /// Returns the tree of a document that is a long list. Its items are not in it: each is handed to `take`,
    /// so that no more than one of them is in memory.
    pub(crate) fn tree_without_items(&self, take: &mut dyn FnMut(HandedOver)) -> Option<Node> {
        let keep = Keep::WithoutItems;
        let composed = match self.format {
            Format::Yaml => compose_handing_over(&mut event::events(self.text()), keep, take),
            Format::Json => compose_handing_over(&mut event::json::events(self.text()), keep, take),
        };
        composed.ok()?.root
    }

    /// Keeps the tree that the document was read as.
    pub(super) fn keep_tree(&self, root: Node) {
        // A document is read once, so there is no other tree.
        let _ = self.tree.set(Rc::new(root));
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

    /// Returns what is wrong with the events of the document, if anything is.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn unsound_events(&self) -> Option<String> {
        event::unsound(self.text())
    }

    /// Returns whether less reading finds what reading everything finds: the same error, or the same
    /// objects and oddities.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn scans_as_it_reads(&self) -> bool {
        let scanned = self.scan(&mut Scanner::default());
        let read = self.compose(Keep::Everything);
        let finds = |scanned| {
            let read = read.as_ref();
            read.is_ok_and(|read| super::finds_what_is_read(self.text(), &scanned, read))
        };
        scanned.is_none_or(finds) && self.checks_as_it_reads()
    }

    #[cfg(feature = "fuzzing")]
    fn checks_as_it_reads(&self) -> bool {
        match (self.compose(Keep::Identity), self.compose(Keep::Everything)) {
            (Ok(checked), Ok(read)) => {
                identities(&checked) == identities(&read)
                    && (checked.oddities, checked.end) == (read.oddities, read.end)
            }
            (Err(checked), Err(read)) => checked == read,
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
        let (before, after) = self.text().split_at_checked(end)?;
        for line in after.split_inclusive('\n') {
            if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                let message = match before.ends_with("...") {
                    true => "text after `...` is not read, as `kubectl` does not",
                    false => "the document ends here, and `kubectl` does not read what follows",
                };
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
                (&INVALID_YAML, "close the quote; one within the string is doubled or escaped")
            }
            ReadErrorKind::TooDeep => (&TOO_DEEP, "no Kubernetes object nests this deep"),
            ReadErrorKind::ExcessiveAliasing => {
                (&EXCESSIVE_ALIASING, "write the values out instead of repeating aliases")
            }
            ReadErrorKind::ByteOrderMark => {
                (&INVALID_YAML, "remove the byte order mark; it belongs at the start of a file")
            }
        };
        Problem::new(code, error.message.clone()).at(self.place(error.offset)).help(help)
    }
}

/// Returns whether Git has marked the beginning of a conflict with the line.
fn is_conflict(line: &str) -> bool {
    line.starts_with("<<<<<<< ")
}

/// Returns the fields that say who each object of a document is.
#[cfg(feature = "fuzzing")]
fn identities(read: &Composed) -> Vec<(Option<u32>, Result<IdentityFields<'_>, &'static str>)> {
    let objects = read.root.as_ref().map(parts).unwrap_or_default();
    objects.into_iter().map(|(item, node)| (item, IdentityFields::read(node))).collect()
}
