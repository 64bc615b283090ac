//! Documents as Kubernetes reads them.
//!
//! Splits sources into documents and documents into objects, and knows no kind but lists. Every
//! document is read once, to find out whether it is valid and who it is; beyond the first few, the
//! tree of an object is built when somebody acts on it ([`Manifest::resource`]).

mod classes;
mod compose;
mod decode;
mod document;
mod event;
mod go_json;
mod identity;
mod key_index;
mod kustomize;
mod node;
mod number;
mod object_key;
mod path;
mod repeated;
mod resolve;
mod resource;
mod room;
mod scalar;
mod scan;
mod secret;
mod split;
mod written;
mod yaml_1_2;

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Range;

use classes::Classes;
use document::Comments;
pub(crate) use document::{Document, Format};
pub(crate) use go_json::write_go_json;
use identity::{Identities, IdentityFields};
pub(crate) use identity::{Identity, SharedName};
pub(crate) use key_index::KeyIndex;
pub(crate) use node::{Content, Entry, Node, Span};
pub(crate) use number::to_go_json;
pub use object_key::ObjectKey;
pub(crate) use path::{FieldPath, Segment};
pub use repeated::repeated_secrets;
pub(crate) use repeated::{HIDDEN, SHOWN};
pub(crate) use resolve::{is_date, is_plain_string};
pub(crate) use resource::{Field, Resource};
pub(crate) use scalar::Scalar;
pub use secret::comments_on_secret;
pub(crate) use secret::{has_kind_secret, may_be_secret, mentions_secret};

use crate::diagnostic::codes::{DUPLICATE_OBJECT, INVALID_FIELD, INVALID_SEPARATOR, NOT_AN_OBJECT};
use crate::diagnostic::{Collector, Lines, Place, Problem};
use crate::effort;
use crate::source::Source;
#[cfg(any(test, feature = "fuzzing"))]
use compose::Composed;
pub(crate) use compose::HandedOver;
use compose::Keep;
use room::Room;
use scan::Scanner;
use split::{Chunk, Chunks};

/// The namespace of objects that name none, where no other is given.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";

/// The documents of all sources and the objects in them, both in the order of the input.
#[derive(Debug, Default)]
pub(crate) struct Manifest<'a> {
    pub(crate) documents: Vec<Document<'a>>,
    pub(crate) objects: Vec<Object>,
    /// The objects by who they are, those of one name in the order of the input.
    by_key: Vec<ObjectId>,
    /// The objects by group, kind and namespace, filed when they are first asked for.
    classes: OnceCell<Classes>,
    /// Whether some document could not be read, so that an object may be there after all.
    pub(crate) incomplete: bool,
    room: Room,
}

/// The index of an object in [`Manifest::objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectId(u32);

impl ObjectId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// An object, and the document that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) document: u32,
    /// The index among the items, where the document is a list.
    pub(crate) item: Option<u32>,
    pub(crate) identity: Identity,
    /// Whether the object itself names its namespace.
    pub(crate) names_namespace: bool,
}

impl Object {
    fn of(
        fields: &IdentityFields<'_>,
        document: u32,
        item: Option<u32>,
        identities: &mut Identities,
    ) -> Self {
        let names_namespace = fields.namespace.is_some();
        Self { document, item, identity: identities.identity(fields), names_namespace }
    }
}

impl<'a> Manifest<'a> {
    /// Reads all sources. What cannot be read is reported and left out.
    pub(crate) fn read(
        sources: &'a [Source],
        default_namespace: &str,
        problems: &mut Collector<'a>,
    ) -> Self {
        let mut manifest = Self { room: Room::new(), ..Self::default() };
        for source in sources {
            manifest.read_source(source, problems);
        }
        manifest.read_objects(default_namespace, problems);
        manifest.sort_objects();
        manifest.check_duplicates(problems);
        manifest
    }

    fn read_source(&mut self, source: &'a Source, problems: &mut Collector<'a>) {
        let text = source.text();
        if let Some(values) = event::json::split(text) {
            let chunks = values.into_iter().map(|text| Chunk { text, comments: Vec::new() });
            self.documents.extend(chunks.map(|chunk| document(source, chunk, Format::Json)));
            return;
        }
        let mut chunks = split::split(text);
        let first = self.documents.len();
        self.documents.extend(chunks.by_ref().map(|chunk| document(source, chunk, Format::Yaml)));
        let Chunks { trailing, invalid, .. } = chunks;
        let documents = self.documents.get_mut(first..).unwrap_or_default();
        let before = documents.iter().filter_map(|document| document.comments.as_ref());
        check_comments(source, before.flat_map(|one| &one.before).chain(&trailing), problems);
        if let Some(last) = documents.last_mut()
            && !trailing.is_empty()
        {
            last.comments.get_or_insert_default().after = trailing;
        }
        if !invalid.is_empty() {
            let secret = mentions_secret(text);
            let found = invalid.into_iter();
            let places = found.map(|offset| Place { source, offset, field: None, secret });
            problems.extend(places.map(invalid_separator).collect());
        }
    }

    fn read_objects(&mut self, default_namespace: &str, problems: &mut Collector<'a>) {
        self.objects.reserve_exact(self.documents.len());
        let mut scanner = Scanner::default();
        let mut identities = Identities::new(default_namespace);
        for (index, document) in (0..).zip(&self.documents) {
            if let Some(fields) = document.scan(&mut scanner) {
                document.note_kind(fields.kind);
                self.objects.push(Object::of(&fields, index, None, &mut identities));
                continue;
            }
            let keep = match self.room.take(document.text()) {
                true => Keep::Everything,
                false => Keep::Identity,
            };
            let composed = match document.compose(keep) {
                Ok(composed) => composed,
                Err(error) => {
                    problems.push(document.unreadable(&error));
                    self.incomplete = true;
                    continue;
                }
            };
            if let Some(root) = &composed.root {
                document.note_kinds(root);
            }
            problems.extend(document.oddities(&composed));
            let Some(root) = composed.root.filter(|root| !root.is_null()) else { continue };
            for (item, node) in parts(&root) {
                problems.extend(namespace_of_no_text(document, node).into_iter().collect());
                let object = IdentityFields::read(node)
                    .map(|fields| Object::of(&fields, index, item, &mut identities));
                match object {
                    Ok(object) => self.objects.push(object),
                    Err(missing) => problems.push(not_an_object(document, node, missing)),
                }
            }
            if keep == Keep::Everything {
                document.keep_tree(root);
            }
        }
    }

    fn sort_objects(&mut self) {
        let key_of =
            |id: &ObjectId| self.objects.get(id.index()).map(|object| object.identity.key());
        let mut by_key: Vec<_> = self.objects().map(|(id, _)| id).collect();
        by_key.sort_unstable_by(|first, second| {
            key_of(first).cmp(&key_of(second)).then(first.cmp(second))
        });
        self.by_key = by_key;
    }

    fn check_duplicates(&self, problems: &mut Collector<'a>) {
        let objects = self.by_key.iter().filter_map(|id| self.objects.get(id.index()));
        let mut pairs: Vec<_> = objects
            .clone()
            .zip(objects.skip(1))
            .filter(|(first, second)| {
                !second.identity.name.is_empty() && first.identity.key() == second.identity.key()
            })
            .collect();
        pairs.sort_by_key(|(first, _)| first.document);
        let mut lines = Lines::default();
        effort::count(self.by_key.len() + pairs.len());
        let found = pairs.iter().filter_map(|(first, second)| {
            let place = self.document_of(first)?.start(&mut lines);
            Some(duplicate(self.document_of(second)?, &second.identity, &place))
        });
        found.for_each(|problem| problems.push(problem));
    }

    /// Returns the object `id` with its tree.
    pub(crate) fn resource(&self, id: ObjectId) -> Option<Resource<'a>> {
        effort::count(1);
        let object = self.objects.get(id.index())?;
        let document = self.document_of(object)?;
        let node = match object.item {
            Some(index) => document.item(index)?,
            None => document.tree_within(&self.room)?,
        };
        let identity = object.identity.clone();
        let whole = object.item.is_none();
        Some(Resource { id, identity, node, document: document.clone(), whole, written: None })
    }

    /// Returns an object without reading it.
    pub(crate) fn object(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(id.index())
    }

    /// Returns the first object of this group, kind, namespace and name.
    pub(crate) fn find(&self, [group, kind, namespace, name]: [&str; 4]) -> Option<ObjectId> {
        self.find_key([name, namespace, kind, group])
    }

    /// Returns whether there is an object of that group, kind, namespace and name.
    pub(crate) fn holds(&self, identity: &Identity) -> bool {
        self.find_key(identity.key()).is_some()
    }

    fn find_key(&self, key: [&str; 4]) -> Option<ObjectId> {
        let key_of =
            |id: &ObjectId| self.objects.get(id.index()).map(|object| object.identity.key());
        let index = self.by_key.partition_point(|id| key_of(id) < Some(key));
        self.by_key.get(index).copied().filter(|id| key_of(id) == Some(key))
    }

    fn document_of(&self, object: &Object) -> Option<&Document<'a>> {
        self.documents.get(object.document as usize)
    }

    /// Returns the object `id` with its tree, if one of its values may hold each of the words.
    ///
    /// An object whose text lacks a word is not read, unless the text has escapes that may spell it.
    pub(crate) fn resource_mentioning(&self, id: ObjectId, words: &[&str]) -> Option<Resource<'a>> {
        let text = self.document_of(self.objects.get(id.index())?)?.text();
        effort::count(1);
        let is_mentioned = words.iter().all(|word| text.contains(word));
        if is_mentioned || text.contains('\\') {
            return self.resource(id);
        }
        None
    }

    /// Returns the objects with their ids.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        (0..).map(ObjectId).zip(&self.objects)
    }
}

/// Reports comments that cannot be read: they are written into the document that they belong to.
fn check_comments<'a, 'c>(
    source: &'a Source,
    comments: impl Iterator<Item = &'c Range<usize>>,
    problems: &mut Collector<'a>,
) {
    for range in comments {
        let chunk = Chunk { text: range.clone(), comments: Vec::new() };
        let comment = document(source, chunk, Format::Yaml);
        match comment.compose(Keep::Nothing) {
            Err(error) => problems.push(comment.unreadable(&error)),
            // A carriage return ends a comment behind a separator, but not the line for `kubectl`.
            Ok(composed) if composed.root.is_some() => {
                problems.push(invalid_separator(comment.place(0)));
            }
            Ok(_) => {}
        }
    }
}

fn document(source: &Source, chunk: Chunk, format: Format) -> Document<'_> {
    let Chunk { comments: before, text: range } = chunk;
    let comments = (!before.is_empty()).then(|| Box::new(Comments { before, after: Vec::new() }));
    let (secret, tree) = (OnceCell::new(), OnceCell::new());
    let (kinds_known, in_use) = (Cell::new(false), RefCell::default());
    Document { source, range, comments, format, secret, kinds_known, tree, in_use }
}

/// Returns the tree of a text that holds one YAML document.
pub(crate) fn parse(text: &str) -> Option<Node> {
    compose::compose(&mut event::events(text), Keep::Everything).ok()?.root
}

/// Returns whether the reader finds what the scanner finds, where it accepts a document.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn is_scanned_as_read(text: &str) -> bool {
    let Some(scanned) = Scanner::default().scan(text) else { return true };
    let read = compose::compose(&mut event::events(text), Keep::Everything);
    read.is_ok_and(|read| finds_what_is_read(text, &scanned, &read))
}

/// Returns whether reading the document finds what a scan of it found, and nothing to warn of.
#[cfg(any(test, feature = "fuzzing"))]
fn finds_what_is_read(text: &str, scanned: &IdentityFields<'_>, read: &Composed) -> bool {
    let objects = read.root.as_ref().map(parts).unwrap_or_default();
    let [(None, node)] = objects.as_slice() else { return false };
    let namespace = node.child("metadata").and_then(|metadata| metadata.child("namespace"));
    read.oddities.is_empty()
        && text.get(read.end..).is_some_and(|behind| !behind.contains("..."))
        && namespace.is_none_or(|namespace| namespace.is_null() || namespace.as_str().is_some())
        && IdentityFields::read(node) == Ok(*scanned)
}

/// Returns the objects that a document is: itself, or the items of a list.
fn parts(root: &Node) -> Vec<(Option<u32>, &Node)> {
    let is_list =
        root.child("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
    match root.child("items") {
        Some(items) if is_list && matches!(items.content, Content::Sequence { .. }) => {
            (0..).map(Some).zip(items.items()).collect()
        }
        _ => vec![(None, root)],
    }
}

fn duplicate<'a>(document: &Document<'a>, identity: &Identity, first: &str) -> Problem<'a> {
    Problem::new(&DUPLICATE_OBJECT, format!("{} is already at {first}", identity.called()))
        .at(document.place(0))
        .help("remove one of the two; the old version of a workload goes to `--stable`")
}

/// Reports a namespace that is a number or a boolean: the object would be taken for one of another.
fn namespace_of_no_text<'a>(document: &Document<'a>, node: &Node) -> Option<Problem<'a>> {
    let namespace = node.child("metadata")?.child("namespace")?;
    if namespace.is_null() || namespace.as_str().is_some() {
        return None;
    }
    let problem = Problem::new(&INVALID_FIELD, "the namespace must be a string");
    let place = document.place(namespace.span.start());
    Some(problem.at(place).help("put it in quotes, as `kubectl` reads a number or a boolean here"))
}

fn not_an_object<'a>(document: &Document<'a>, node: &Node, missing: &str) -> Problem<'a> {
    let message = format!("the document has no `{missing}`, so it is no Kubernetes object");
    Problem::new(&NOT_AN_OBJECT, message)
        .at(document.place(node.span.start()))
        .help(format!("add `{missing}` as a string, or leave the file out"))
}

fn invalid_separator(place: Place<'_>) -> Problem<'_> {
    Problem::new(&INVALID_SEPARATOR, "a line that begins with `---` holds more than a comment")
        .at(place)
        .help("put the document on the lines after the separator, as `kubectl` demands")
}
