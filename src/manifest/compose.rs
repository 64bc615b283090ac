//! Values made of events: scalars resolved, aliases expanded, merge keys applied, as go-yaml does.
//!
//! The same pass serves three ends: [`Keep::Everything`] builds the tree of an object that we act on,
//! [`Keep::Identity`] only checks a document and keeps the identities in it, and [`Keep::WithoutItems`]
//! hands over the items of a long list one by one.

mod aliases;
mod mapping;

use std::ops::Range;

use super::event::{Event, EventKind, Events, Properties, ReadError, ScalarStyle};
use super::node::{Content, Node, Span};
use super::resolve::{self, ResolveError};
use super::scalar::Scalar;
use aliases::Aliases;

/// How much of a document is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Everything,
    /// `apiVersion`, `kind`, and from `metadata` the name and namespace; of a list, those of its items.
    Identity,
    Nothing,
    /// Everything but the items of the list that the document is, which are handed over.
    WithoutItems,
    /// The items that are handed over.
    HandedOver,
}

impl Keep {
    /// Returns what is kept of the value of `key` at `depth`, where the document itself is 0.
    fn below(self, key: &str, depth: usize) -> Self {
        match (self, depth, key) {
            (Self::Identity, 0 | 2, "apiVersion" | "kind")
            | (Self::Identity, 1 | 3, "name" | "namespace" | "generateName") => Self::Everything,
            (Self::Identity, 0 | 2, "metadata") | (Self::Identity, 0, "items") => Self::Identity,
            (Self::Identity, _, _) => Self::Nothing,
            (Self::WithoutItems, 0, "items") => Self::HandedOver,
            (Self::WithoutItems, _, _) => Self::Everything,
            (keep, _, _) => keep,
        }
    }
}

/// What is handed over of a list that is not kept.
pub(crate) enum HandedOver {
    /// The list begins. Where its key is there twice, the last list counts, and what came before does not.
    Begin,
    Item(Node),
}

/// Something that `kubectl` lets pass and a person should see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Oddity {
    DuplicateKey { key: String, offset: usize },
    MergeOverrides { key: String, offset: usize },
}

/// A document as read: nothing where it holds no node.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) root: Option<Node>,
    pub(super) oddities: Vec<Oddity>,
    /// Where the document ends; `kubectl` drops what follows.
    pub(super) end: usize,
}

/// Reads the events of one document.
///
/// # Errors
///
/// The first error of the parser, or of resolving what it found.
pub(super) fn compose(events: &mut Events<'_, '_>, keep: Keep) -> Result<Composed, ReadError> {
    compose_handing_over(events, keep, &mut |_| ())
}

/// Reads the events of one document, and hands each item of a list to `take` where `keep` says so.
///
/// # Errors
///
/// The first error of the parser, or of resolving what it found.
pub(super) fn compose_handing_over(
    events: &mut Events<'_, '_>,
    keep: Keep,
    take: &mut dyn FnMut(HandedOver),
) -> Result<Composed, ReadError> {
    let aliases = Aliases::default();
    let mut composer = Composer { events, take, aliases, oddities: Vec::new(), depth: 0 };
    let first = composer.next()?;
    if first.kind == EventKind::DocumentEnd {
        return Ok(Composed { root: None, oddities: Vec::new(), end: first.span.end });
    }
    let root = composer.node(first, keep)?;
    let end = composer.next()?.span.end;
    Ok(Composed { root: Some(root.node), oddities: composer.oddities, end })
}

struct Composer<'c, 'e, 't> {
    events: &'c mut Events<'e, 't>,
    /// Who gets the items that are handed over.
    take: &'c mut dyn FnMut(HandedOver),
    aliases: Aliases,
    oddities: Vec<Oddity>,
    depth: usize,
}

/// A node, and how many nodes it stands for once aliases are expanded.
struct Sized {
    node: Node,
    size: usize,
}

impl<'t> Composer<'_, '_, 't> {
    fn next(&mut self) -> Result<Event<'t>, ReadError> {
        match self.events.next() {
            Some(event) => event,
            None => Ok(Event {
                kind: EventKind::DocumentEnd,
                span: 0..0,
                properties: Properties::default(),
            }),
        }
    }

    /// Reads the node that begins with `event`.
    fn node(&mut self, event: Event<'t>, keep: Keep) -> Result<Sized, ReadError> {
        let Event { kind, span, properties } = event;
        let anchor = properties.anchor;
        // What an alias refers to is kept whole: it may be expanded where everything is kept.
        let is_list = matches!(kind, EventKind::SequenceStart { .. });
        let keep = match keep {
            Keep::HandedOver if is_list && anchor.is_none() => keep,
            Keep::HandedOver => Keep::Everything,
            _ if anchor.is_some() => Keep::Everything,
            _ => keep,
        };
        self.aliases.count_node(span.start)?;
        let mut sized = match kind {
            EventKind::Alias(id) => return self.alias(id, span, keep),
            EventKind::Scalar { text, style } => {
                let written = Written { text: &text, style, tag: properties.tag.as_deref() };
                scalar(&written, span, keep)?
            }
            EventKind::SequenceStart { flow } => self.sequence(span, flow, keep)?,
            EventKind::MappingStart { flow } => self.mapping(span, flow, keep)?,
            EventKind::SequenceEnd | EventKind::MappingEnd | EventKind::DocumentEnd => {
                return Err(ReadError::syntax(span.start, "the document ends too early"));
            }
        };
        if let Some(start) = properties.start {
            let span = sized.node.span;
            sized.node.span = Span::of(start.min(span.start())..span.end());
        }
        if let Some(anchor) = anchor {
            self.aliases.define(anchor, &sized)?;
        }
        Ok(sized)
    }

    fn alias(&mut self, id: usize, span: Range<usize>, keep: Keep) -> Result<Sized, ReadError> {
        let (node, size) = self.aliases.expand(id, self.depth, span.start)?;
        let content = match keep {
            Keep::Nothing => nothing(),
            _ => node.content.clone(),
        };
        Ok(Sized { node: Node { span: Span::of(span), content, alias: true }, size })
    }

    fn sequence(&mut self, span: Range<usize>, flow: bool, keep: Keep) -> Result<Sized, ReadError> {
        self.depth += 1;
        let mut end = span.end;
        let mut size = 1;
        let mut items = Vec::new();
        let mut event = self.next()?;
        let keep_item = if keep == Keep::HandedOver { Keep::Everything } else { keep };
        while event.kind != EventKind::SequenceEnd {
            let item = self.node(event, keep_item)?;
            size += item.size;
            end = end.max(item.node.span.end());
            match keep {
                Keep::Nothing => {}
                Keep::HandedOver => (self.take)(HandedOver::Item(item.node)),
                _ => items.push(item.node),
            }
            event = self.next()?;
        }
        self.depth -= 1;
        let end = if flow { event.span.end } else { end };
        items.shrink_to_fit();
        let content = Content::Sequence { items, flow };
        Ok(Sized { node: Node { span: Span::of(span.start..end), content, alias: false }, size })
    }
}

fn nothing() -> Content {
    Content::Scalar { value: Scalar::Null, plain: true }
}

/// A scalar as it is written.
struct Written<'w> {
    text: &'w str,
    style: ScalarStyle,
    tag: Option<&'w str>,
}

fn scalar(written: &Written<'_>, span: Range<usize>, keep: Keep) -> Result<Sized, ReadError> {
    let Written { text, style, tag } = *written;
    let plain = style == ScalarStyle::Plain;
    let is_string = || tag.is_none() && (!plain || resolve::is_plain_string(text));
    let content = if keep == Keep::Nothing && is_string() {
        nothing()
    } else {
        let value =
            resolve::value(text, plain, tag).map_err(|error| unresolved(&error, span.start))?;
        Content::Scalar { value, plain }
    };
    Ok(Sized { node: Node { span: Span::of(span), content, alias: false }, size: 1 })
}

fn unresolved(error: &ResolveError, offset: usize) -> ReadError {
    ReadError::syntax(offset, error.to_string())
}

#[cfg(test)]
mod tests;
