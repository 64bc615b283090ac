//! A field of a rendered object, and the way to it.
//!
//! Reads what is there and passes over what has the wrong type: that is for one check to tell, not for
//! each.

use serde_json::{Map, Value};

use crate::manifest::{FieldPath, Segment};

/// A field that is there and not null.
#[derive(Debug, Clone)]
pub(super) struct Spot<'v> {
    pub(super) value: &'v Value,
    pub(super) path: FieldPath,
}

impl<'v> Spot<'v> {
    /// Starts at the spec of an object.
    pub(super) fn of_spec(spec: &'v Value) -> Self {
        Self { value: spec, path: FieldPath::of_keys(&["spec"]) }
    }

    pub(super) fn child(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Self { value, path: self.path.key(key) })
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value.get(key).is_some_and(|value| !value.is_null())
    }

    /// Returns the items of the list below `key`.
    pub(super) fn list(&self, key: &str) -> Vec<Self> {
        let Some(list) = self.child(key) else { return Vec::new() };
        let items = list.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| Self { value, path: list.path.index(index) }).collect()
    }

    /// Returns the entries of a map, those that are null as well.
    pub(super) fn entries(&self) -> Vec<(&'v str, Self)> {
        let entries = self.value.as_object().into_iter().flat_map(Map::iter);
        let entry = |(key, value): (&'v String, &'v Value)| {
            (key.as_str(), Self { value, path: self.path.key(key) })
        };
        entries.map(entry).collect()
    }

    /// Returns the key that it lies under; an item of a list has none.
    pub(super) fn key(&self) -> Option<&str> {
        match self.path.segments().last()? {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<&'v str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// Returns a string that is there; to protobuf an empty one is not.
    pub(super) fn filled(&self, key: &str) -> Option<&'v str> {
        self.text(key).filter(|text| !text.is_empty())
    }

    pub(super) fn texts(&self, key: &str) -> Vec<&'v str> {
        self.list(key).iter().filter_map(|item| item.value.as_str()).collect()
    }
}
