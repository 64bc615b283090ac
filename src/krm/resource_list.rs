//! Reading and writing the ResourceList itself.
//!
//! What the list says besides items and results is echoed. Lists of kyaml and of other tools differ
//! in layout; each item keeps its own text where that can be cut out of the list.

use serde_json::{Map, Value};

use super::item::Item;
use crate::diagnostic::codes::{INVALID_FIELD, INVALID_YAML, MISSING_FIELD, UNSUPPORTED_VERSION};
use crate::diagnostic::{Collector, Diagnostic};
use crate::emit::{as_item, is_item, to_yaml};
use crate::manifest::{DEFAULT_NAMESPACE, HandedOver, Manifest, Node};
use crate::source::Source;

const KIND: &str = "ResourceList";
/// The versions that are read; v1 is what today's tools send.
const API_VERSIONS: [&str; 3] =
    ["config.kubernetes.io/v1", "config.kubernetes.io/v1beta1", "config.kubernetes.io/v1alpha1"];

/// A ResourceList that was read.
#[derive(Debug)]
pub(super) struct ResourceList {
    /// What stands in the list besides items, configuration and results.
    head: Map<String, Value>,
    pub(super) items: Vec<Item>,
    /// The `functionConfig`, where there is one that says anything.
    pub(super) config: Option<Item>,
}

impl ResourceList {
    /// Reads the list; of one that cannot be read nothing is known.
    pub(super) fn read(source: &Source) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Collector::default();
        let manifest =
            Manifest::read(std::slice::from_ref(source), DEFAULT_NAMESPACE, &mut problems);
        if manifest.incomplete {
            return Err(problems.into_diagnostics());
        }
        let [document] = manifest.documents.as_slice() else {
            let found =
                format!("expected one ResourceList, found {} documents", manifest.documents.len());
            return Err(vec![no_resource_list(&found)]);
        };
        let mut items = Items { list: document.text(), read: Vec::new(), last: None };
        let root = document.tree_without_items(&mut |part| match part {
            HandedOver::Begin => items.clear(),
            HandedOver::Item(item) => items.take(item),
        });
        let root = root.ok_or_else(|| vec![no_resource_list("the input is empty")])?;
        check(&root)?;
        let mut head = root.to_value().as_object().cloned().unwrap_or_default();
        let config = head.shift_remove("functionConfig").filter(says_anything);
        head.shift_remove("items");
        head.shift_remove("results");
        // An alias of a list is not handed over item by item.
        let rest = root.child("items").map_or(&[][..], Node::items);
        for item in rest {
            items.take(item.clone());
        }
        let config = config.map(|value| Item::new(to_yaml(&value), value));
        Ok(Self { head, items: items.finish(), config })
    }

    /// Writes the list, which was read from `input`, with these items and results.
    pub(super) fn write<'i>(
        &self,
        input: &str,
        items: impl ExactSizeIterator<Item = &'i Item>,
        results: &[Value],
    ) -> String {
        let mut text = to_yaml(&Value::Object(self.head.clone()));
        text.push_str(if items.len() == 0 { "items: []\n" } else { "items:\n" });
        for item in items {
            let lines = item.lines.clone().and_then(|lines| input.get(lines));
            match lines.filter(|lines| is_item(lines, &item.text)) {
                Some(lines) => text.push_str(lines),
                None => text.push_str(&as_item(&item.text, item.value())),
            }
        }
        let mut tail = Map::new();
        if let Some(config) = &self.config {
            tail.insert("functionConfig".to_owned(), config.value().clone());
        }
        if !results.is_empty() {
            tail.insert("results".to_owned(), Value::from(results));
        }
        if !tail.is_empty() {
            text.push_str(&to_yaml(&Value::Object(tail)));
        }
        text
    }
}

/// The items of a list, each read once the next one shows where it ends.
struct Items<'t> {
    list: &'t str,
    read: Vec<Item>,
    last: Option<Node>,
}

impl Items<'_> {
    fn clear(&mut self) {
        self.read.clear();
        self.last = None;
    }

    fn take(&mut self, item: Node) {
        if let Some(last) = self.last.replace(item) {
            self.read.push(Item::of_list(self.list, &last, self.last.as_ref()));
        }
    }

    fn finish(mut self) -> Vec<Item> {
        if let Some(last) = self.last.take() {
            self.read.push(Item::of_list(self.list, &last, None));
        }
        self.read
    }
}

fn says_anything(config: &Value) -> bool {
    config.as_object().map_or(!config.is_null(), |config| !config.is_empty())
}

fn check(root: &Node) -> Result<(), Vec<Diagnostic>> {
    let text = |key: &str| root.child(key).and_then(Node::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if kind != KIND {
        return Err(vec![no_resource_list("the input is no ResourceList")]);
    }
    if !API_VERSIONS.contains(&api_version) {
        let message = format!("a ResourceList of version `{api_version}` is not read");
        let help = format!("write `apiVersion: {}`", API_VERSIONS.join("`, `"));
        return Err(vec![Diagnostic::new(&UNSUPPORTED_VERSION, message).with_help(help)]);
    }
    match root.child("items") {
        None => Err(vec![
            Diagnostic::new(&MISSING_FIELD, "the ResourceList has no `items`")
                .with_help("add `items`, a list of objects"),
        ]),
        Some(items) if items.is_null() || matches!(items.to_value(), Value::Array(_)) => Ok(()),
        Some(_) => Err(vec![
            Diagnostic::new(&INVALID_FIELD, "`items` of the ResourceList is no list")
                .with_help("write a list of objects"),
        ]),
    }
}

fn no_resource_list(message: &str) -> Diagnostic {
    Diagnostic::new(&INVALID_YAML, message).with_help(
        "give a ResourceList, as kustomize and kpt do; plain manifests are read by `rollstep render -f -`",
    )
}
