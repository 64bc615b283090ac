//! Who an object was before kustomize renamed it.
//!
//! kustomize changes names and namespaces before it runs functions, and what refers to them at the
//! very end. In between the Rollout still says `web` where the Deployment is `pre-web`; three
//! annotations tell who it was (kubernetes-sigs/kustomize:api/internal/utils/annotations.go).

use super::item::Item;
use crate::manifest::ObjectKey;

const NAMES: &str = "internal.config.kubernetes.io/previousNames";
const NAMESPACES: &str = "internal.config.kubernetes.io/previousNamespaces";
const KINDS: &str = "internal.config.kubernetes.io/previousKinds";

/// Every object that was renamed, and all names that are taken now.
#[derive(Debug)]
pub(super) struct Names {
    current: Vec<ObjectKey>,
    previous: Vec<Previous>,
}

#[derive(Debug)]
struct Previous {
    kind: String,
    namespace: String,
    name: String,
    /// Who it is now.
    now: ObjectKey,
}

/// Who is referred to, as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Referent<'r> {
    pub(super) group: &'r str,
    pub(super) kind: &'r str,
    pub(super) namespace: &'r str,
    pub(super) name: &'r str,
}

impl Names {
    pub(super) fn of(items: &[Item], namespace: &str) -> Self {
        let current = items.iter().map(|item| item.key(namespace)).collect();
        let previous = items.iter().flat_map(|item| read(item, namespace)).collect();
        Self { current, previous }
    }

    /// Returns who is meant, where that is somebody who was renamed.
    ///
    /// Who has the name now comes first; where several had it, nobody is meant.
    pub(super) fn now(&self, wanted: Referent<'_>) -> Option<&ObjectKey> {
        let Referent { group, kind, namespace, name } = wanted;
        let of_kind = |key: &ObjectKey| key.group == group && key.kind == kind;
        let is_current =
            |key: &&ObjectKey| of_kind(key) && key.namespace == namespace && key.name == name;
        if self.current.iter().any(|key| is_current(&key)) {
            return None;
        }
        let was = |previous: &&Previous| {
            let there = previous.now.namespace == namespace || previous.namespace == namespace;
            of_kind(&previous.now) && previous.kind == kind && previous.name == name && there
        };
        only(self.previous.iter().filter(was).map(|previous| &previous.now))
    }

    /// Returns the only object of the kind that has or had the name, in whatever namespace.
    pub(super) fn anywhere(&self, group: &str, kind: &str, name: &str) -> Option<&ObjectKey> {
        let of_kind = |key: &&ObjectKey| key.group == group && key.kind == kind;
        let current = self.current.iter().filter(|key| key.name == name);
        let previous = self.previous.iter().filter(|previous| previous.name == name);
        only(current.chain(previous.map(|previous| &previous.now)).filter(of_kind))
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

/// The three annotations are lists of one length, the oldest first.
fn read(item: &Item, namespace: &str) -> Vec<Previous> {
    let list = |key: &str| item.annotation(key).unwrap_or_default().split(',');
    let names = list(NAMES).zip(list(NAMESPACES)).zip(list(KINDS));
    let previous = |((name, previous_namespace), kind): ((&str, &str), &str)| Previous {
        kind: kind.to_owned(),
        namespace: previous_namespace.to_owned(),
        name: name.to_owned(),
        now: item.key(namespace),
    };
    names.filter(|((name, _), _)| !name.is_empty()).map(previous).collect()
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
        Item { text: String::new(), value }
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
