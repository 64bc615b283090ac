//! The name of an object as flags and RollSteps write it.

use std::fmt;

use crate::manifest::Identity;

/// The name of an object, with its namespace where that is said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName {
    /// The namespace; any, where none is said.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

/// Reads `[NAMESPACE/]NAME`.
impl From<&str> for ObjectName {
    fn from(text: &str) -> Self {
        match text.split_once('/') {
            Some((namespace, name)) => {
                Self { namespace: Some(namespace.to_owned()), name: name.to_owned() }
            }
            None => Self { namespace: None, name: text.to_owned() },
        }
    }
}

impl ObjectName {
    /// Returns the name of the object, with its namespace.
    pub(crate) fn of(identity: &Identity) -> Self {
        let Identity { namespace, name, .. } = identity;
        Self { namespace: Some(namespace.to_string()), name: name.clone() }
    }

    /// Returns whether this is the name of the object.
    pub(crate) fn names(&self, identity: &Identity) -> bool {
        self.name == identity.name
            && self.namespace.as_ref().is_none_or(|namespace| identity.namespace == **namespace)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}/{}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}
