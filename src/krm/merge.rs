//! The rendered documents in place of the items that they came from.
//!
//! Items stay in their order, with what the stage adds behind its stable twin, and keep what the
//! orchestrator noted in their annotations. Our own objects of an earlier run are brought up to date
//! where they stand, so that nothing changes the second time; those that the stage no longer has are
//! left out, which is how a function deletes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::item::{INDEX, Item, PATH, with_annotations, with_place_of};
use super::results;
use super::transform::Part;
use crate::manifest::ObjectKey;
use crate::model::{CANARY_DEPLOYMENT_LABEL, CANARY_OF_ANNOTATION, CANARY_SUFFIX, with_suffix};
use crate::pipeline::{Origin, RenderedDocument};

/// The items of the answer, and what is reported of them.
pub(super) struct Merged<'i> {
    pub(super) items: Vec<Cow<'i, Item>>,
    pub(super) results: Vec<Value>,
}

/// Puts the documents in place of the parts; other items stay as they are.
pub(super) fn merge<'i>(
    items: &'i [Item],
    parts: &[Part<'i>],
    documents: &[RenderedDocument<'_>],
    namespace: &str,
) -> Merged<'i> {
    let mut merging = Merging {
        documents: by_key(documents),
        files: items
            .iter()
            .filter_map(|item| Some((item.path()?.to_owned(), item.index())))
            .collect(),
        placed: items.iter().map(|item| item.key(namespace)).collect(),
        namespace,
        merged: Merged { items: Vec::with_capacity(items.len() + 2), results: Vec::new() },
    };
    let mut parts = parts.iter().peekable();
    for item in items {
        match parts.next_if(|part| std::ptr::eq(part.item, item)) {
            Some(part) => merging.push_part(part),
            None => merging.keep(item),
        }
    }
    merging.push_rest();
    merging.merged
}

/// Returns whether the object carries the mark of what we add; nothing else is ever left out.
fn is_ours(item: &Item) -> bool {
    item.label(CANARY_DEPLOYMENT_LABEL).is_some() || item.annotation(CANARY_OF_ANNOTATION).is_some()
}

/// Returns the documents by their object; one that holds a list of others is not ours.
fn by_key<'d>(
    documents: &'d [RenderedDocument<'d>],
) -> BTreeMap<&'d ObjectKey, &'d RenderedDocument<'d>> {
    let single = |document: &&RenderedDocument<'_>| document.objects.len() == 1;
    let single = documents.iter().filter(single);
    single.filter_map(|document| Some((&document.objects.first()?.key, document))).collect()
}

struct Merging<'d, 'i> {
    documents: BTreeMap<&'d ObjectKey, &'d RenderedDocument<'d>>,
    /// The files that items come from, and where in them.
    files: BTreeSet<(String, Option<usize>)>,
    /// The objects that have their place.
    placed: BTreeSet<ObjectKey>,
    namespace: &'d str,
    merged: Merged<'i>,
}

impl<'d, 'i> Merging<'d, 'i> {
    /// Keeps an item as it came.
    fn keep(&mut self, item: &'i Item) {
        self.merged.items.push(Cow::Borrowed(item));
    }

    fn push_part(&mut self, part: &Part<'i>) {
        let key = part.item.key(self.namespace);
        match part.item.listed() {
            Some(objects) => self.push_list(part.item, objects),
            None if key.name.is_empty() => self.keep(part.item),
            None => self.push_object(part, &key),
        }
        self.push_beside(part.item, &key);
    }

    fn push_object(&mut self, part: &Part<'i>, key: &ObjectKey) {
        match self.find(key) {
            None if is_ours(part.item) => {
                self.merged.results.push(results::of_removed(part.item));
            }
            None | Some((Origin::Untouched, _)) => self.keep(part.item),
            Some((Origin::Changed | Origin::Added, document)) => {
                let rendered = rendered(document);
                let value = with_place_of(rendered.value(), part.item);
                if value == *part.item.value() || rendered.value() == part.resolved.value() {
                    self.keep(part.item);
                    return;
                }
                let changed = rendered.with_value(value);
                self.merged.results.extend(results::of_changed(part.item, &changed));
                self.merged.items.push(Cow::Owned(changed));
            }
        }
    }

    /// Writes a list as it is, or as its items where the stage changes one.
    fn push_list(&mut self, list: &'i Item, objects: &[Value]) {
        let keys = objects.iter().map(|object| ObjectKey::of(object, self.namespace));
        let found: Vec<_> = keys.filter_map(|key| self.find(&key)).collect();
        let untouched = found.iter().all(|(origin, _)| *origin == Origin::Untouched);
        if untouched && (found.is_empty() || found.len() == objects.len()) {
            self.keep(list);
        } else {
            let items = found.into_iter().map(|(_, document)| Cow::Owned(rendered(document)));
            self.merged.items.extend(items);
        }
        for object in objects {
            self.push_beside(list, &ObjectKey::of(object, self.namespace));
        }
    }

    /// Adds what stands behind its twin and was not there before.
    fn push_beside(&mut self, twin: &Item, key: &ObjectKey) {
        let name = with_suffix(&key.name, CANARY_SUFFIX);
        let canary = ObjectKey { name, ..key.clone() };
        if let Some((Origin::Added, document)) = self.find(&canary)
            && self.placed.insert(canary)
        {
            self.push_new(&rendered(document), Some(twin));
        }
    }

    /// Adds what has no twin of that name.
    fn push_rest(&mut self) {
        for (key, document) in self.documents.clone() {
            let added = self.find(key).is_some_and(|(origin, _)| origin == Origin::Added);
            if added && self.placed.insert(key.clone()) {
                self.push_new(&rendered(document), None);
            }
        }
    }

    fn push_new(&mut self, rendered: &Item, twin: Option<&Item>) {
        let place = twin.and_then(Item::path).map(|path| self.place(path, rendered));
        let value = with_annotations(rendered.value(), place.unwrap_or_default());
        let item = rendered.with_value(value);
        self.merged.results.push(results::of_added(&item));
        self.merged.items.push(Cow::Owned(item));
    }

    /// Returns the annotations of a file beside the twin's, and a position that is free in it.
    fn place(&mut self, twin: &str, rendered: &Item) -> Vec<(String, Value)> {
        let text = |pointer: &str| rendered.text_at(pointer).unwrap_or_default();
        let file = format!("{}_{}.yaml", text("/kind").to_lowercase(), text("/metadata/name"));
        let path = match twin.rsplit_once('/') {
            Some((directory, _)) => format!("{directory}/{file}"),
            None => file,
        };
        let taken = |index: usize| self.files.contains(&(path.clone(), Some(index)));
        let index = (0..=self.files.len()).find(|index| !taken(*index)).unwrap_or_default();
        self.files.insert((path.clone(), Some(index)));
        let paths = PATH.map(|key| (key.to_owned(), json!(path)));
        let indices = INDEX.map(|key| (key.to_owned(), json!(index.to_string())));
        let mut place: Vec<_> = paths.into_iter().chain(indices).collect();
        place.sort_by(|(one, _), (other, _)| one.cmp(other));
        place
    }

    /// Returns what became of an object, and the document that it is.
    fn find(&self, key: &ObjectKey) -> Option<(Origin, &'d RenderedDocument<'d>)> {
        let document = *self.documents.get(key)?;
        Some((document.objects.first()?.origin, document))
    }
}

/// Returns the object of a document with its text.
fn rendered(document: &RenderedDocument<'_>) -> Item {
    let text = document.text.strip_prefix("---\n").unwrap_or(&document.text);
    let value = document.objects.first().map(|object| object.value().into_owned());
    Item::new(text.to_owned(), value.unwrap_or_default())
}
