//! Mappings: duplicate keys and merge keys, in the order of the text.
//!
//! go-yaml applies a merge key where it stands: it overrides keys before it and is overridden by
//! keys after it (goyaml.v2/decode.go `mapping`, `merge`). Of a list of maps the first wins.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::{Composer, HandedOver, Keep, Oddity, Sized, Written, scalar};
use crate::effort;
use crate::manifest::event::{Event, EventKind, ReadError, ScalarStyle};
use crate::manifest::node::{Content, Entry, Node, Span};
use crate::manifest::resolve;
use crate::manifest::scalar::Scalar;

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
        let mut event = self.next()?;
        while event.kind != EventKind::MappingEnd {
            let merge = is_merge(&event);
            let key_span = event.span.clone();
            let key = self.key(event)?;
            let keep = if merge { Keep::Everything } else { keep.below(&key, depth) };
            if keep == Keep::HandedOver {
                (self.take)(HandedOver::Begin);
            }
            let value_event = self.next()?;
            let value = self.node(value_event, keep)?;
            size += 1 + value.size;
            end = end.max(key_span.end).max(value.node.span.end());
            if merge {
                self.merge(&mut entries, &value.node)?;
            } else {
                effort::count(1);
                self.tell_duplicate(&entries, &key, key_span.start);
                let kept = (keep != Keep::Nothing).then_some((Span::of(key_span), value.node));
                entries.put(key, Origin::Written, kept);
            }
            event = self.next()?;
        }
        self.depth = depth;
        let end = if flow { event.span.end } else { end };
        entries.list.shrink_to_fit();
        let content = Content::Mapping { entries: entries.list, flow };
        Ok(Sized { node: Node { span: Span::of(span.start..end), content, alias: false }, size })
    }

    /// Reports the first of two entries of one key, of which the last wins.
    fn tell_duplicate(&mut self, entries: &Entries<'t>, key: &str, offset: usize) {
        if entries.origin(key) == Some(Origin::Written) {
            self.oddities.push(Oddity::DuplicateKey { key: key.to_owned(), offset });
        }
    }

    /// Reads a key, which must be a scalar or an alias of one.
    fn key(&mut self, event: Event<'t>) -> Result<Cow<'t, str>, ReadError> {
        let Event { kind, span, properties } = event;
        let offset = span.start;
        self.aliases.count_node(offset)?;
        let invalid = || ReadError::syntax(offset, "a key must be a string");
        match kind {
            EventKind::Scalar { text, style } => {
                let plain = style == ScalarStyle::Plain;
                if let Some(anchor) = properties.anchor {
                    let written = Written { text: &text, style, tag: properties.tag.as_deref() };
                    let value = scalar(&written, span, Keep::Everything)?;
                    self.aliases.define(anchor, &value)?;
                }
                let tag = properties.tag.as_deref().filter(|tag| *tag != MERGE_TAG);
                resolve::key(text, plain, tag)
                    .map_err(|error| ReadError::syntax(offset, error.to_string()))
            }
            EventKind::Alias(id) => {
                let (node, _) = self.aliases.expand(id, self.depth, offset)?;
                match &node.content {
                    Content::Scalar { value: Scalar::Null, .. } => Err(invalid()),
                    Content::Scalar { value, .. } => Ok(Cow::Owned(value.to_string())),
                    _ => Err(invalid()),
                }
            }
            _ => Err(invalid()),
        }
    }

    fn merge(&mut self, entries: &mut Entries<'t>, value: &Node) -> Result<(), ReadError> {
        let sources: Vec<&Node> = match &value.content {
            Content::Mapping { .. } => vec![value],
            Content::Sequence { items, .. } => items.iter().rev().collect(),
            Content::Scalar { .. } => Vec::new(),
        };
        let all_maps = sources.iter().all(|node| matches!(node.content, Content::Mapping { .. }));
        if !all_maps || matches!(value.content, Content::Scalar { .. }) {
            let message = "a merge key takes a map or a list of maps";
            return Err(ReadError::syntax(value.span.start(), message));
        }
        for entry in sources.into_iter().flat_map(Node::entries) {
            if entries.origin(&entry.key) == Some(Origin::Written) {
                let (key, offset) = (entry.key.to_string(), value.span.start());
                self.oddities.push(Oddity::MergeOverrides { key, offset });
            }
            let kept = (entry.key_span, entry.value.clone());
            entries.put(Cow::Owned(entry.key.to_string()), Origin::Merged, Some(kept));
        }
        Ok(())
    }
}

/// Returns whether a key is a plain `<<`, or one tagged as a merge key.
fn is_merge(event: &Event<'_>) -> bool {
    let EventKind::Scalar { text, style } = &event.kind else { return false };
    let untagged_plain = *style == ScalarStyle::Plain && event.properties.tag.is_none();
    text == "<<" && (untagged_plain || event.properties.tag.as_deref() == Some(MERGE_TAG))
}

/// Where an entry came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Written,
    Merged,
}

/// How many keys are compared one by one. Most maps have fewer.
const FEW: usize = 16;

/// Entries by key in the order of the text, also where only the keys are kept.
#[derive(Default)]
struct Entries<'t> {
    list: Vec<Entry>,
    keys: Vec<Key<'t>>,
    /// The indices of the keys, where there are more than a few.
    by_key: BTreeMap<Cow<'t, str>, usize>,
}

/// A key of a map.
struct Key<'t> {
    text: Cow<'t, str>,
    origin: Origin,
    /// The index of its entry in the list, if it is there.
    entry: Option<usize>,
}

impl<'t> Entries<'t> {
    fn origin(&self, key: &str) -> Option<Origin> {
        self.keys.get(self.find(key)?).map(|key| key.origin)
    }

    fn find(&self, key: &str) -> Option<usize> {
        if self.keys.len() <= FEW {
            return self.keys.iter().position(|known| known.text == key);
        }
        self.by_key.get(key).copied()
    }

    /// Adds a key, and the bytes of the key with its value where they are kept; the last wins.
    fn put(&mut self, key: Cow<'t, str>, origin: Origin, kept: Option<(Span, Node)>) {
        let entry = kept.map(|(key_span, value)| {
            let merged = origin == Origin::Merged;
            Entry { key: key.as_ref().into(), key_span, value, merged }
        });
        let index = self.find(&key).unwrap_or_else(|| self.add_key(key, origin));
        let Some(known) = self.keys.get_mut(index) else { return };
        known.origin = origin;
        let Some(entry) = entry else { return };
        match known.entry.and_then(|index| self.list.get_mut(index)) {
            Some(existing) => *existing = entry,
            None => {
                known.entry = Some(self.list.len());
                self.list.push(entry);
            }
        }
    }

    fn add_key(&mut self, text: Cow<'t, str>, origin: Origin) -> usize {
        let index = self.keys.len();
        self.keys.push(Key { text, origin, entry: None });
        if self.keys.len() > FEW {
            for (index, key) in self.keys.iter().enumerate().skip(self.by_key.len()) {
                self.by_key.insert(key.text.clone(), index);
            }
        }
        index
    }
}
