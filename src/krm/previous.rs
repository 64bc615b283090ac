//! The names that objects had before kustomize renamed them.
//!
//! kustomize changes names and namespaces before it runs functions, and what refers to them at the
//! very end. In between the Rollout still says `web` where the Deployment is `pre-web`; three
//! annotations hold the earlier names (kubernetes-sigs/kustomize:api/internal/utils/annotations.go).

use std::collections::{BTreeMap, BTreeSet};

use super::item::Item;
use crate::manifest::ObjectKey;

const NAMES: &str = "internal.config.kubernetes.io/previousNames";
const NAMESPACES: &str = "internal.config.kubernetes.io/previousNamespaces";
const KINDS: &str = "internal.config.kubernetes.io/previousKinds";

/// The objects by the names that they have, and by those that they had.
#[derive(Debug, Default)]
pub(super) struct Names {
    current: BTreeSet<ObjectKey>,
    by_name: BTreeMap<String, OfName>,
    /// Whether any object was renamed.
    pub(super) any_renamed: bool,
}

/// The objects that have a name, or had it.
#[derive(Debug, Default)]
struct OfName {
    current: Vec<ObjectKey>,
    previous: Vec<Previous>,
}

#[derive(Debug)]
struct Previous {
    kind: String,
    namespace: String,
    /// Its key of now.
    now: ObjectKey,
}

/// The object that is referred to, as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Referent<'r> {
    pub(super) group: &'r str,
    pub(super) kind: &'r str,
    pub(super) namespace: &'r str,
    pub(super) name: &'r str,
}

impl Names {
    pub(super) fn of(items: &[Item], namespace: &str) -> Self {
        let mut names = Self::default();
        for item in items {
            let key = item.key(namespace);
            for (name, previous) in read(item, &key) {
                names.any_renamed = true;
                names.by_name.entry(name).or_default().previous.push(previous);
            }
            names.by_name.entry(key.name.clone()).or_default().current.push(key.clone());
            names.current.insert(key);
        }
        names
    }

    /// Returns the object of now that is referred to, where it was renamed.
    ///
    /// An object that has the name now comes first. Where several had it, it is not known which is meant.
    pub(super) fn now(&self, wanted: Referent<'_>) -> Option<&ObjectKey> {
        let Referent { group, kind, namespace, name } = wanted;
        let of_name = self.by_name.get(name).filter(|of_name| !of_name.previous.is_empty())?;
        let [own_group, own_kind, own_namespace, own_name] =
            [group, kind, namespace, name].map(str::to_owned);
        let current = ObjectKey {
            group: own_group,
            kind: own_kind,
            namespace: own_namespace,
            name: own_name,
        };
        if self.has(&current) {
            return None;
        }
        let was = |previous: &&Previous| {
            let there = previous.now.namespace == namespace || previous.namespace == namespace;
            let of_kind = previous.now.group == group && previous.now.kind == kind;
            of_kind && previous.kind == kind && there
        };
        only(of_name.previous.iter().filter(was).map(|previous| &previous.now))
    }

    /// Returns the only object of the kind that has or had the name, in whatever namespace.
    pub(super) fn anywhere(&self, group: &str, kind: &str, name: &str) -> Option<&ObjectKey> {
        let OfName { current, previous } = self.by_name.get(name)?;
        let all = current.iter().chain(previous.iter().map(|previous| &previous.now));
        only(all.filter(|key| key.group == group && key.kind == kind))
    }

    /// Returns whether there is an object of this key.
    pub(super) fn has(&self, key: &ObjectKey) -> bool {
        self.current.contains(key)
    }
}

/// Returns the one object that all of them are.
fn only<'k>(mut keys: impl Iterator<Item = &'k ObjectKey>) -> Option<&'k ObjectKey> {
    let first = keys.next()?;
    keys.all(|key| key == first).then_some(first)
}

/// Reads the names that an object had. The three annotations are lists of one length, the oldest first.
fn read(item: &Item, now: &ObjectKey) -> Vec<(String, Previous)> {
    let list = |key: &str| item.annotation(key).unwrap_or_default().split(',');
    let mut found = Vec::new();
    for ((name, namespace), kind) in list(NAMES).zip(list(NAMESPACES)).zip(list(KINDS)) {
        if !name.is_empty() {
            let (kind, namespace) = (kind.to_owned(), namespace.to_owned());
            found.push((name.to_owned(), Previous { kind, namespace, now: now.clone() }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service(name: &str, namespace: &str, previous: Option<[&str; 2]>) -> Item {
        let mut value = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace, "annotations": {}},
        });
        if let Some([names, namespaces]) = previous {
            let kinds = names.split(',').map(|_| "Service").collect::<Vec<_>>().join(",");
            value["metadata"]["annotations"] =
                json!({NAMES: names, NAMESPACES: namespaces, KINDS: kinds});
        }
        Item::new(String::new(), value)
    }

    fn now<'n>(names: &'n Names, namespace: &str, name: &str) -> Option<&'n str> {
        let wanted = Referent { group: "", kind: "Service", namespace, name };
        names.now(wanted).map(|key| key.name.as_str())
    }

    #[test]
    fn every_former_name_is_known_in_both_namespaces() {
        let renamed = service("b-a-web", "shop", Some(["web,a-web", "default,shop"]));
        let names = Names::of(&[renamed], "default");
        assert_eq!(now(&names, "shop", "web"), Some("b-a-web"));
        assert_eq!(now(&names, "shop", "a-web"), Some("b-a-web"));
        assert_eq!(now(&names, "default", "web"), Some("b-a-web"));
        assert_eq!(now(&names, "other", "web"), None);
        assert_eq!(now(&names, "shop", "b-a-web"), None);
    }

    #[test]
    fn who_has_the_name_now_is_meant() {
        let renamed = service("pre-web", "shop", Some(["web", "shop"]));
        let names = Names::of(&[renamed, service("web", "shop", None)], "default");
        assert_eq!(now(&names, "shop", "web"), None);
    }

    #[test]
    fn of_two_that_had_the_name_none_is_meant() {
        let one = service("a-web", "shop", Some(["web", "shop"]));
        let other = service("b-web", "shop", Some(["web", "shop"]));
        assert_eq!(now(&Names::of(&[one, other], "default"), "shop", "web"), None);
    }
}
