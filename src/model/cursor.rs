//! Reading a value that has no place in the text: the original of a routing object may lie in an
//! annotation. Where something is wrong is said by its path.

use serde_json::Value;

use crate::manifest::FieldPath;

/// Where a spec is not what the schema says, and how.
pub(super) type Invalid = (FieldPath, String);

/// A value of the spec, and where it lies.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'v> {
    pub(super) value: &'v Value,
    pub(super) path: FieldPath,
}

impl<'v> Cursor<'v> {
    /// Starts at the spec of an object.
    pub(super) fn of_spec(spec: &'v Value) -> Self {
        Self { value: spec, path: FieldPath::of_keys(&["spec"]) }
    }

    /// Returns what is wrong here.
    pub(super) fn invalid(&self, message: &str) -> Invalid {
        (self.path.clone(), message.to_owned())
    }

    /// Returns the field of that key; null where there is none.
    pub(super) fn child(&self, key: &str) -> Self {
        Self { value: self.value.get(key).unwrap_or(&Value::Null), path: self.path.key(key) }
    }

    /// Returns whether there is a field of that key.
    pub(super) fn has(&self, key: &str) -> bool {
        !self.child(key).value.is_null()
    }

    /// Reads a string that may be absent.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Invalid> {
        let child = self.child(key);
        match child.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            _ => Err(child.invalid("the field must be a string")),
        }
    }

    /// Reads a list; an absent one is empty.
    pub(super) fn list(&self, key: &str) -> Result<Vec<Self>, Invalid> {
        let child = self.child(key);
        match child.value {
            Value::Null => Ok(Vec::new()),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                Ok(items
                    .map(|(index, value)| Self { value, path: child.path.index(index) })
                    .collect())
            }
            _ => Err(child.invalid("the field must be a list")),
        }
    }

    /// Reads the entries of a map; an absent one is empty.
    pub(super) fn entries(&self) -> Result<Vec<(String, Self)>, Invalid> {
        match self.value {
            Value::Null => Ok(Vec::new()),
            Value::Object(map) => {
                let entry = |(key, value): (&String, &'v Value)| {
                    (key.clone(), Self { value, path: self.path.key(key) })
                };
                Ok(map.iter().map(entry).collect())
            }
            _ => Err(self.invalid("the field must be a map")),
        }
    }
}
