//! Mappings: duplicate keys and merge keys, in the order of the text.
//!
//! go-yaml applies a merge key where it stands: it overrides keys before it and is overridden by
//! keys after it (goyaml.v2/decode.go `mapping`, `merge`). Of a list of maps the first wins.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Composer, Keep, Oddity, Sized};
use crate::manifest::event::{Event, EventKind, ReadError, ScalarStyle};
use crate::manifest::node::{Content, Entry, Node};
use crate::manifest::resolve;

const MERGE_TAG: &str = "tag:yaml.org,2002:merge";

impl<'t> Composer<'_, '_, 't> {
    pub(super) fn mapping(
        &mut self,
        span: Range<usize>,
        flow: bool,
        keep: Keep,
    ) -> Result<Sized, ReadError> {
        let depth = self.depth;
        self.depth += 1;
        let mut entries = Entries::default();
        let mut end = span.end;
        let mut size = 1;
        loop {
            let event = self.next()?;
            if event.kind == EventKind::MappingEnd {
                end = if flow { event.span.end } else { end };
                break;
            }
            let merge = is_merge(&event);
            let key_span = event.span.clone();
            let key = self.key(event)?;
            let value_event = self.next()?;
            let keep = if merge { Keep::Everything } else { keep.below(&key, depth) };
            let value = self.node(value_event, keep)?;
            size += 1 + value.size;
            end = end.max(key_span.end).max(value.node.span.end);
            if merge {
                self.merge(&mut entries, &value.node)?;
            } else {
                self.insert(
                    &mut entries,
                    Entry { key, key_span, value: value.node, merged: false },
                    keep,
                );
            }
        }
        self.depth = depth;
        let content = Content::Mapping { entries: entries.list, flow };
        Ok(Sized { node: Node { span: span.start..end, content, alias: false }, size })
    }

    /// Reads a key, which must be a scalar or an alias of one.
    fn key(&mut self, event: Event<'t>) -> Result<String, ReadError> {
        let offset = event.span.start;
        self.aliases.count_node(offset)?;
        let invalid = || ReadError::syntax(offset, "a key must be a string");
        match &event.kind {
            EventKind::Scalar { text, style } => {
                let plain = *style == ScalarStyle::Plain;
                let tag = event.properties.tag.as_deref().filter(|tag| *tag != MERGE_TAG);
                if event.properties.anchor.is_some() {
                    self.define_key(&event, text, plain)?;
                }
                resolve::key(text, plain, tag)
                    .map_err(|error| ReadError::syntax(offset, error.to_string()))
            }
            EventKind::Alias(id) => {
                let (node, _) = self.aliases.expand(*id, self.depth, offset)?;
                match &node.content {
                    Content::Scalar { value: serde_json::Value::Null, .. } => Err(invalid()),
                    Content::Scalar { value, .. } => {
                        Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                    }
                    _ => Err(invalid()),
                }
            }
            _ => Err(invalid()),
        }
    }

    /// Notes the anchor of a key.
    fn define_key(&mut self, event: &Event<'t>, text: &str, plain: bool) -> Result<(), ReadError> {
        let offset = event.span.start;
        let value = resolve::value(text, plain, event.properties.tag.as_deref())
            .map_err(|error| ReadError::syntax(offset, error.to_string()))?;
        let content = Content::Scalar { value, plain };
        let node = Node { span: event.span.clone(), content, alias: false };
        if let Some(anchor) = event.properties.anchor {
            self.aliases.define(anchor, &Sized { node, size: 1 })?;
        }
        Ok(())
    }

    /// Adds an entry of the text; the last of a name wins.
    fn insert(&mut self, entries: &mut Entries, entry: Entry, keep: Keep) {
        let Entry { key, key_span, .. } = &entry;
        match entries.find(key) {
            Some(Earlier::Written) => {
                let (key, offset) = (key.clone(), key_span.start);
                self.oddities.push(Oddity::DuplicateKey { key, offset });
            }
            Some(Earlier::Merged) | None => {}
        }
        entries.put(entry, keep);
    }

    fn merge(&mut self, entries: &mut Entries, value: &Node) -> Result<(), ReadError> {
        let sources: Vec<&Node> = match &value.content {
            Content::Mapping { .. } => vec![value],
            Content::Sequence { items, .. } => items.iter().rev().collect(),
            Content::Scalar { .. } => Vec::new(),
        };
        let all_maps = sources.iter().all(|node| matches!(node.content, Content::Mapping { .. }));
        if !all_maps || matches!(value.content, Content::Scalar { .. }) {
            let message = "a merge key takes a map or a list of maps";
            return Err(ReadError::syntax(value.span.start, message));
        }
        for entry in sources.into_iter().flat_map(Node::entries) {
            if entries.find(&entry.key) == Some(Earlier::Written) {
                let (key, offset) = (entry.key.clone(), value.span.start);
                self.oddities.push(Oddity::MergeOverrides { key, offset });
            }
            entries.put(Entry { merged: true, ..entry.clone() }, Keep::Everything);
        }
        Ok(())
    }
}

/// A plain `<<`, or one tagged as a merge key.
fn is_merge(event: &Event<'_>) -> bool {
    let EventKind::Scalar { text, style } = &event.kind else { return false };
    let untagged_plain = *style == ScalarStyle::Plain && event.properties.tag.is_none();
    text == "<<" && (untagged_plain || event.properties.tag.as_deref() == Some(MERGE_TAG))
}

/// Where an entry of the same key came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Earlier {
    Written,
    Merged,
}

/// Entries by key in the order of the text, also where only the keys are kept.
#[derive(Default)]
struct Entries {
    list: Vec<Entry>,
    /// Where an entry came from, and its index in the list, if it is there.
    by_key: BTreeMap<String, (Earlier, Option<usize>)>,
}

impl Entries {
    fn find(&self, key: &str) -> Option<Earlier> {
        self.by_key.get(key).map(|(earlier, _)| *earlier)
    }

    fn put(&mut self, entry: Entry, keep: Keep) {
        let earlier = if entry.merged { Earlier::Merged } else { Earlier::Written };
        let slot = self.by_key.get(&entry.key).and_then(|(_, index)| *index);
        let index = match slot.and_then(|index| self.list.get_mut(index)) {
            Some(existing) => {
                self.by_key.insert(entry.key.clone(), (earlier, slot));
                *existing = entry;
                return;
            }
            None if keep == Keep::Nothing => None,
            None => Some(self.list.len()),
        };
        self.by_key.insert(entry.key.clone(), (earlier, index));
        if index.is_some() {
            self.list.push(entry);
        }
    }
}
