//! Who an object is.
//!
//! The names of groups, versions, kinds and namespaces are those of many objects, so each of them lies
//! in memory once ([`Identities`]).

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use super::DEFAULT_NAMESPACE;
use super::node::Node;

/// Who an object is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) group: SharedName,
    pub(crate) version: SharedName,
    pub(crate) kind: SharedName,
    /// The object's own namespace, else the default one.
    pub(crate) namespace: SharedName,
    /// Empty for objects that the API server is to name.
    pub(crate) name: String,
}

/// A name that many objects share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SharedName(Rc<str>);

impl SharedName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SharedName {
    fn from(name: &str) -> Self {
        Self(Rc::from(name))
    }
}

impl Deref for SharedName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&SharedName> for String {
    fn from(name: &SharedName) -> Self {
        name.to_string()
    }
}

impl Borrow<str> for SharedName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for SharedName {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for SharedName {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for SharedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Identity {
    /// Returns `kind` in lower case and the name in backticks, as messages say it.
    pub(crate) fn called(&self) -> String {
        format!("{} `{}`", self.kind.to_lowercase(), self.name)
    }

    /// Returns the name as a flag says it: another object may have the same one elsewhere.
    pub(crate) fn name_of_flag(&self) -> String {
        match self.namespace.as_str() {
            DEFAULT_NAMESPACE => self.name.clone(),
            namespace => format!("{namespace}/{}", self.name),
        }
    }

    /// Returns what no two objects of a cluster have in common: the names first, which differ most.
    pub(crate) fn key(&self) -> [&str; 4] {
        [&self.name, &self.namespace, &self.kind, &self.group]
    }

    /// Returns whether the object is of this group and kind, in any version.
    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        self.group == *group && self.kind == *kind
    }
}

/// The fields of an object that say who it is, where they are strings and not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IdentityFields<'t> {
    pub(super) api_version: &'t str,
    pub(super) kind: &'t str,
    pub(super) namespace: Option<&'t str>,
    pub(super) name: Option<&'t str>,
}

impl<'n> IdentityFields<'n> {
    /// Reads the fields of an object.
    ///
    /// # Errors
    ///
    /// The name of the field that is missing.
    pub(super) fn read(node: &'n Node) -> Result<Self, &'static str> {
        let text = |keys: &[&str]| {
            let field = keys.iter().try_fold(node, |node, key| node.child(key));
            field.and_then(Node::as_str).filter(|text| !text.is_empty())
        };
        Ok(Self {
            api_version: text(&["apiVersion"]).ok_or("apiVersion")?,
            kind: text(&["kind"]).ok_or("kind")?,
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]),
        })
    }
}

/// The names that identities have in common.
pub(super) struct Identities {
    /// Those of groups, versions and kinds, which are few.
    types: BTreeSet<SharedName>,
    namespaces: BTreeSet<SharedName>,
    /// The namespace of objects that name none.
    default_namespace: SharedName,
    /// The namespace of the last object, which mostly is that of the next.
    last_namespace: SharedName,
}

impl Identities {
    pub(super) fn new(default_namespace: &str) -> Self {
        let default_namespace = SharedName::from(default_namespace);
        let last_namespace = default_namespace.clone();
        let (types, namespaces) = (BTreeSet::new(), BTreeSet::new());
        Self { types, namespaces, default_namespace, last_namespace }
    }

    /// Returns who the object of these fields is.
    pub(super) fn identity(&mut self, fields: &IdentityFields<'_>) -> Identity {
        let IdentityFields { api_version, kind, namespace, name } = *fields;
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Identity {
            group: share(&mut self.types, group),
            version: share(&mut self.types, version),
            kind: share(&mut self.types, kind),
            namespace: self.namespace(namespace),
            name: name.unwrap_or_default().to_owned(),
        }
    }

    fn namespace(&mut self, name: Option<&str>) -> SharedName {
        let Some(name) = name else { return self.default_namespace.clone() };
        if self.last_namespace != *name {
            self.last_namespace = share(&mut self.namespaces, name);
        }
        self.last_namespace.clone()
    }
}

/// Returns the known name that is the same, or makes it known.
fn share(known: &mut BTreeSet<SharedName>, name: &str) -> SharedName {
    if let Some(known) = known.get(name) {
        return known.clone();
    }
    let new = SharedName::from(name);
    known.insert(new.clone());
    new
}
