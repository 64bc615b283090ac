//! The identity of an object that is at hand as a value.

use serde_json::Value;

/// The group, kind, namespace and name of an object, which no two objects of a cluster share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The namespace: the object's own, else the default one.
    pub namespace: String,
    /// The name; empty where the API server is to give it.
    pub name: String,
}

impl ObjectKey {
    /// Returns the key of an object, whose namespace is the default one where it names none.
    pub fn of(value: &Value, default_namespace: &str) -> Self {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let api_version = text("/apiVersion").unwrap_or_default();
        Self {
            group: api_version.split_once('/').map_or("", |(group, _)| group).to_owned(),
            kind: text("/kind").unwrap_or_default().to_owned(),
            namespace: text("/metadata/namespace").unwrap_or(default_namespace).to_owned(),
            name: text("/metadata/name").unwrap_or_default().to_owned(),
        }
    }
}
