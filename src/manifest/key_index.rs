//! Objects by keys that are read from each of them.
//!
//! An index only narrows down: whoever asks looks at each object and decides.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use super::ObjectId;
use crate::effort;

/// How often all objects are returned before the index is built.
///
/// Whoever asks searches the text of the objects first, which takes about a thirtieth of the time of
/// reading them.
const SEARCHES: usize = 32;

/// Objects by keys that are read from each of them.
#[derive(Debug)]
pub(crate) struct KeyIndex<K> {
    /// All objects, in the order of the input.
    ids: Vec<ObjectId>,
    /// How often all objects are still returned.
    searches: Cell<usize>,
    by_key: OnceCell<BTreeMap<K, Vec<ObjectId>>>,
}

impl<K: Ord> KeyIndex<K> {
    /// Returns an index of these objects, which is built once it pays.
    pub(crate) fn of(mut ids: Vec<ObjectId>) -> Self {
        ids.sort_unstable();
        Self { ids, searches: Cell::new(SEARCHES), by_key: OnceCell::new() }
    }

    /// Returns the objects that may have one of the keys, in the order of the input.
    pub(crate) fn with_any(
        &self,
        keys: &[K],
        keys_of: impl Fn(ObjectId) -> Vec<K>,
    ) -> Vec<ObjectId> {
        effort::count(keys.len());
        let Some(by_key) = self.by_key(keys_of) else { return self.ids.clone() };
        let lists = keys.iter().filter_map(|key| by_key.get(key));
        let mut found: Vec<_> = lists.flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns the objects that may have all of the keys, in the order of the input: those with the key
    /// that the fewest have.
    pub(crate) fn with_all(
        &self,
        keys: &[K],
        keys_of: impl Fn(ObjectId) -> Vec<K>,
    ) -> Vec<ObjectId> {
        if keys.is_empty() {
            return self.ids.clone();
        }
        let Some(by_key) = self.by_key(keys_of) else { return self.ids.clone() };
        let lists = keys.iter().map(|key| by_key.get(key).map_or(&[][..], Vec::as_slice));
        lists.min_by_key(|list| list.len()).unwrap_or_default().to_vec()
    }

    /// Returns the objects by their keys. None for the first who ask.
    fn by_key(&self, keys_of: impl Fn(ObjectId) -> Vec<K>) -> Option<&BTreeMap<K, Vec<ObjectId>>> {
        if let Some(left) = self.searches.get().checked_sub(1) {
            self.searches.set(left);
            return None;
        }
        Some(self.by_key.get_or_init(|| file(&self.ids, keys_of)))
    }
}

/// Returns objects by their keys.
fn file<K: Ord>(
    ids: &[ObjectId],
    keys_of: impl Fn(ObjectId) -> Vec<K>,
) -> BTreeMap<K, Vec<ObjectId>> {
    let mut by_key: BTreeMap<K, Vec<ObjectId>> = BTreeMap::new();
    for &id in ids {
        for key in keys_of(id) {
            let filed = by_key.entry(key).or_default();
            if filed.last() != Some(&id) {
                filed.push(id);
            }
        }
    }
    by_key
}
