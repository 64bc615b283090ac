//! An object without the fields that its schema does not know, as the API server stores it.

use super::{Property, Schema};
use crate::manifest::{Content, Entry, Node};

/// Returns the node without unknown fields.
pub(crate) fn prune(node: &Node, schema: Schema) -> Node {
    let content = match (&node.content, schema) {
        (
            Content::Mapping { entries, flow },
            Schema::Object(properties) | Schema::Ruled(properties, _),
        ) => {
            let entries = entries.iter().filter_map(|entry| prune_entry(entry, properties));
            Content::Mapping { entries: entries.collect(), flow: *flow }
        }
        (Content::Sequence { items, flow }, Schema::List(item) | Schema::ListWithin(item, _)) => {
            let items = items.iter().map(|node| prune(node, *item)).collect();
            Content::Sequence { items, flow: *flow }
        }
        (content, _) => content.clone(),
    };
    Node { span: node.span, content, alias: node.alias }
}

fn prune_entry(entry: &Entry, properties: &[Property]) -> Option<Entry> {
    let property = properties.iter().find(|property| property.name == &*entry.key)?;
    Some(Entry { value: prune(&entry.value, property.schema), ..entry.clone() })
}
