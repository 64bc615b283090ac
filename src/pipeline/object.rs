//! An object of a result: who it is, where it comes from, and its value.
//!
//! What no stage touches is read only by those who ask for its value.

use std::borrow::Cow;

use serde_json::Value;

use crate::manifest::{Document, Object, ObjectKey, may_be_secret};

/// Where an object of a result comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the input, as it was.
    Untouched,
    /// From the input, changed by the stage.
    Changed,
    /// Added by the stage.
    Added,
}

/// An object of a result.
#[derive(Debug, Clone)]
pub struct RenderedObject<'a> {
    /// Who it is.
    pub key: ObjectKey,
    /// What became of it.
    pub origin: Origin,
    state: State<'a>,
}

#[derive(Debug, Clone)]
enum State<'a> {
    Read(Value),
    Unread(Box<Unread<'a>>),
}

/// An object that is a whole document of the input.
#[derive(Debug, Clone)]
struct Unread<'a> {
    version: String,
    names_namespace: bool,
    document: Document<'a>,
}

impl<'a> RenderedObject<'a> {
    /// Returns the object of that value; it is in `default_namespace` where it names none.
    pub fn new(origin: Origin, value: Value, default_namespace: &str) -> Self {
        let key = ObjectKey::of(&value, default_namespace);
        Self { key, origin, state: State::Read(value) }
    }

    /// Returns an object that is a whole document of the input, untouched.
    pub(super) fn unread(object: &Object, document: &Document<'a>) -> Self {
        let identity = &object.identity;
        let unread = Unread {
            version: identity.version.to_string(),
            names_namespace: object.names_namespace,
            document: document.clone(),
        };
        let key = ObjectKey {
            group: identity.group.to_string(),
            kind: identity.kind.to_string(),
            namespace: identity.namespace.to_string(),
            name: identity.name.clone(),
        };
        Self { key, origin: Origin::Untouched, state: State::Unread(Box::new(unread)) }
    }

    /// Returns the object as Kubernetes sees it; one that is not read yet is read each time.
    pub fn value(&self) -> Cow<'_, Value> {
        match &self.state {
            State::Read(value) => Cow::Borrowed(value),
            State::Unread(unread) => {
                Cow::Owned(unread.document.to_objects().pop().unwrap_or_default())
            }
        }
    }

    /// Returns the API version without its group.
    pub(crate) fn version(&self) -> &str {
        match &self.state {
            State::Read(value) => {
                let api_version = value.get("apiVersion").and_then(Value::as_str);
                api_version.and_then(|text| text.rsplit('/').next()).unwrap_or_default()
            }
            State::Unread(unread) => &unread.version,
        }
    }

    /// Returns whether the object itself names its namespace.
    pub(crate) fn names_namespace(&self) -> bool {
        match &self.state {
            State::Read(value) => {
                let namespace = value.pointer("/metadata/namespace").and_then(Value::as_str);
                namespace.is_some_and(|namespace| !namespace.is_empty())
            }
            State::Unread(unread) => unread.names_namespace,
        }
    }

    /// Returns whether a Secret may be inside or commented out. Only where it may, the object is read.
    pub(crate) fn may_hold_secret(&self) -> bool {
        match &self.state {
            State::Read(_) => true,
            State::Unread(unread) => may_be_secret(unread.document.text()),
        }
    }

    /// Returns whether both are the same bytes of the same input.
    pub(crate) fn is_same_document(&self, other: &Self) -> bool {
        match (&self.state, &other.state) {
            (State::Unread(one), State::Unread(other)) => {
                std::ptr::eq(one.document.text(), other.document.text())
            }
            _ => false,
        }
    }
}
