//! An object with its tree, and a cursor to read it by.
//!
//! The cursor knows the path and the bytes of the field it stands on, so that whatever is wrong with
//! the field can be said with its place.

use std::rc::Rc;

use serde_json::Value;

use super::document::{Document, Format};
use super::node::{Content, Entry, Node};
use super::path::{FieldPath, Segment};
use super::written::path_in;
use super::{Identity, ObjectId};
use crate::diagnostic::{Code, Place, Problem};

/// An object of the input, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Resource<'a> {
    pub(crate) id: ObjectId,
    pub(crate) identity: Identity,
    pub(crate) node: Rc<Node>,
    pub(crate) document: Document<'a>,
    /// Whether the object is the whole document, not an item of a list.
    pub(super) whole: bool,
    /// The tree as written, where [`Self::node`] is another form of it.
    pub(super) written: Option<Rc<Node>>,
}

impl<'a> Resource<'a> {
    /// Returns a cursor on the whole object.
    pub(crate) fn root(&self) -> Field<'_, 'a> {
        Field { resource: self, node: &self.node, trail: None, key: None }
    }

    /// Returns a cursor on the field below `keys`, if it is there and not null.
    pub(crate) fn field(&self, keys: &[&str]) -> Option<Field<'_, 'a>> {
        keys.iter().try_fold(self.root(), |field, key| field.child(key))
    }

    /// Returns a problem with the field at `path`, placed at the deepest part of it that is there.
    pub(crate) fn problem_at(
        &self,
        path: &FieldPath,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Problem<'a> {
        self.deepest(path).problem(code, message)
    }

    /// Returns the place of the field at `path`, or of the deepest part of it that is there.
    pub(crate) fn place_at(&self, path: &FieldPath) -> Place<'a> {
        self.deepest(path).own_place()
    }

    fn deepest(&self, path: &FieldPath) -> Field<'_, 'a> {
        let mut field = self.root();
        for segment in path.segments() {
            match field.step(segment) {
                Some(child) => field = child,
                None => break,
            }
        }
        field
    }

    /// Returns the object in another form, whose nodes keep the spans of what they were made of.
    ///
    /// Problems name the fields as they are written.
    pub(crate) fn rewritten(self, node: Node) -> Self {
        let written = self.written.or(Some(self.node));
        Self { node: Rc::new(node), written, ..self }
    }

    /// Returns whether the tree is another form of what is written.
    pub(crate) fn is_rewritten(&self) -> bool {
        self.written.is_some()
    }

    /// Returns the text that the spans of the tree refer to, where it is a YAML document of its own.
    pub(crate) fn text(&self) -> Option<&'a str> {
        let editable = self.whole && self.document.format() == Format::Yaml;
        editable.then(|| self.document.text())
    }

    /// Returns the object as JSON.
    pub(crate) fn to_value(&self) -> Value {
        self.node.to_value()
    }

    /// Returns `kind` in lower case and the name in backticks, as messages say it.
    pub(crate) fn called(&self) -> String {
        self.identity.called()
    }
}

/// A cursor on a field that is there.
#[derive(Debug, Clone)]
pub(crate) struct Field<'r, 'a> {
    resource: &'r Resource<'a>,
    node: &'r Node,
    /// The way to the field; none to the whole object.
    trail: Option<Rc<Trail<'r>>>,
    /// Where the key of the field begins, if it has one.
    key: Option<usize>,
}

/// The last step to a field, and the way to its parent: a path is spelt out only where one is shown.
#[derive(Debug)]
struct Trail<'r> {
    above: Option<Rc<Self>>,
    step: Step<'r>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'r> {
    Key(&'r str),
    Index(usize),
}

impl<'r> Trail<'r> {
    /// Returns the steps from the field up to the whole object.
    fn walk(trail: Option<&Rc<Self>>) -> impl Iterator<Item = Segment> {
        std::iter::successors(trail, |trail| trail.above.as_ref()).map(|trail| match trail.step {
            Step::Key(key) => Segment::Key(key.to_owned()),
            Step::Index(index) => Segment::Index(index),
        })
    }
}

impl<'r, 'a> Field<'r, 'a> {
    pub(crate) fn node(&self) -> &'r Node {
        self.node
    }

    pub(crate) fn path(&self) -> FieldPath {
        let mut steps: Vec<_> = Trail::walk(self.trail.as_ref()).collect();
        steps.reverse();
        FieldPath::of_segments(steps)
    }

    /// Returns the field below `key`, if it is there and not null.
    pub(crate) fn child(&self, key: &str) -> Option<Self> {
        let entry = self.node.entry(key).filter(|entry| !entry.value.is_null())?;
        Some(self.below(entry))
    }

    fn below(&self, entry: &'r Entry) -> Self {
        Self {
            resource: self.resource,
            node: &entry.value,
            trail: self.step_down(Step::Key(&entry.key)),
            key: (!entry.merged).then_some(entry.key_span.start()),
        }
    }

    fn step_down(&self, step: Step<'r>) -> Option<Rc<Trail<'r>>> {
        Some(Rc::new(Trail { above: self.trail.clone(), step }))
    }

    /// Returns the string below `key`.
    pub(crate) fn text(&self, key: &str) -> Option<&'r str> {
        self.node.child(key).and_then(Node::as_str)
    }

    /// Returns the items of the list below `key`; where there is none, none.
    pub(crate) fn list(&self, key: &str) -> Vec<Self> {
        self.child(key).map(|list| list.items()).unwrap_or_default()
    }

    fn step(&self, segment: &Segment) -> Option<Self> {
        match segment {
            Segment::Key(key) => self.child(key),
            Segment::Index(index) => self.item(*index),
        }
    }

    /// Returns the items of a list.
    pub(crate) fn items(&self) -> Vec<Self> {
        (0..self.node.items().len()).filter_map(|index| self.item(index)).collect()
    }

    fn item(&self, index: usize) -> Option<Self> {
        let node = self.node.items().get(index)?;
        let trail = self.step_down(Step::Index(index));
        Some(Self { resource: self.resource, node, trail, key: None })
    }

    /// Returns the keys and values of a map.
    pub(crate) fn entries(&self) -> Vec<(&'r str, Self)> {
        let entries = self.node.entries().iter();
        entries.map(|entry| (&*entry.key, self.below(entry))).collect()
    }

    /// Returns the values of a map that stand in it, not in one that is merged into it.
    pub(super) fn written_values(&self) -> Vec<Self> {
        let entries = self.node.entries().iter();
        entries.filter(|entry| !entry.merged).map(|entry| self.below(entry)).collect()
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.node.content, Content::Mapping { .. })
    }

    pub(crate) fn to_value(&self) -> Value {
        self.node.to_value()
    }

    /// Returns a problem with the value of this field.
    pub(crate) fn problem(&self, code: &'static Code, message: impl Into<String>) -> Problem<'a> {
        Problem::new(code, message).at(self.own_place())
    }

    fn own_place(&self) -> Place<'a> {
        let start = self.node.span.start();
        // A block begins with its first key or item; what is meant is the key above it.
        let above = if self.node.is_block() { self.key } else { None };
        self.place(above.unwrap_or(start))
    }

    /// Returns a problem with the key of `entry` below this field.
    pub(crate) fn key_problem(
        &self,
        key: &str,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Problem<'a> {
        let Some(entry) = self.node.entry(key) else { return self.problem(code, message) };
        let mut place = self.place(entry.key_span.start());
        let path = self.written_path([Segment::Key(key.to_owned())]);
        place.field = Some(path.unwrap_or_else(|| self.path().key(key)).to_string());
        Problem::new(code, message).at(place)
    }

    /// Returns the path of the field as it is written, and of what lies `below` it.
    fn written_path(&self, below: impl IntoIterator<Item = Segment>) -> Option<FieldPath> {
        let written = self.resource.written.as_ref()?;
        let mut steps: Vec<_> = Trail::walk(self.trail.as_ref()).collect();
        steps.reverse();
        steps.extend(below);
        path_in(written, &self.resource.node, steps)
    }

    fn place(&self, offset: usize) -> Place<'a> {
        let path = self.written_path([]);
        let field = path.unwrap_or_else(|| self.path()).to_string();
        let document = &self.resource.document;
        Place { field: (!field.is_empty()).then_some(field), ..document.place(offset) }
    }
}
