//! The objects of a manifest by group, kind and namespace.

use std::collections::BTreeMap;

use memchr::memmem::Finder;

use super::identity::{Identity, SharedName};
use super::{Manifest, Object, ObjectId};

/// The objects of one group and kind, by namespace.
type ByNamespace = BTreeMap<SharedName, Vec<ObjectId>>;

/// The objects of a manifest, filed once.
#[derive(Debug, Default)]
pub(super) struct Classes(BTreeMap<SharedName, BTreeMap<SharedName, ByNamespace>>);

impl Classes {
    fn of<'o>(objects: impl Iterator<Item = (ObjectId, &'o Object)>) -> Self {
        let mut classes = Self::default();
        for (id, object) in objects {
            let Identity { group, kind, namespace, .. } = &object.identity;
            let groups = classes.0.entry(kind.clone()).or_default();
            let namespaces = groups.entry(group.clone()).or_default();
            namespaces.entry(namespace.clone()).or_default().push(id);
        }
        classes
    }

    fn find(&self, group: &str, kind: &str) -> Option<&ByNamespace> {
        self.0.get(kind)?.get(group)
    }

    /// Returns the objects of a group and kind in all namespaces, in the order of the input.
    fn all(&self, group: &str, kind: &str) -> Vec<ObjectId> {
        let all = self.find(group, kind).into_iter().flat_map(BTreeMap::values);
        let mut ids: Vec<_> = all.flatten().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Returns the objects of a group and kind in one namespace, in the order of the input.
    fn within(&self, group: &str, kind: &str, namespace: &str) -> &[ObjectId] {
        let found = self.find(group, kind).and_then(|namespaces| namespaces.get(namespace));
        found.map_or(&[], Vec::as_slice)
    }

    /// Returns each group and kind.
    fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(kind, groups)| {
            groups.keys().map(move |group| (group.as_str(), kind.as_str()))
        })
    }
}

impl Manifest<'_> {
    fn classes(&self) -> &Classes {
        self.classes.get_or_init(|| Classes::of(self.objects()))
    }

    /// Returns the objects of a group and kind, in the order of the input.
    pub(crate) fn of_kind(&self, group: &str, kind: &str) -> Vec<ObjectId> {
        self.classes().all(group, kind)
    }

    /// Returns the objects of a group and kind in one namespace, in the order of the input.
    pub(crate) fn of_kind_in(&self, group: &str, kind: &str, namespace: &str) -> &[ObjectId] {
        self.classes().within(group, kind, namespace)
    }

    /// Returns the objects whose document has a word in its text, in the order of the input. A word that is
    /// written with escapes is not found.
    pub(crate) fn spelling(&self, word: &str) -> impl Iterator<Item = ObjectId> {
        let finder = Finder::new(word).into_owned();
        let has_word = move |object: &Object| {
            let document = self.document_of(object);
            document.is_some_and(|one| finder.find(one.text().as_bytes()).is_some())
        };
        self.objects().filter(move |(_, object)| has_word(object)).map(|(id, _)| id)
    }

    /// Returns the groups and kinds of the objects.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.classes().names()
    }
}
