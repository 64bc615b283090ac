//! Events of a document from its tokens.
//!
//! The grammar and its states are those of goyaml.v2/parserc.go (`yaml_parser_state_machine`), the
//! translation of libyaml's parser.c. What a collection goes on with when a node within it is over lies
//! on a stack, so that nothing recurses. Only the first document is read: it ends at `...`, at `---`,
//! or before whatever cannot be a part of it, and what follows is dropped, as `yaml.Unmarshal` does.

use std::collections::BTreeMap;
use std::ops::Range;

use super::scanner::Scanner;
use super::token::{Tag, TagDirective, Token, TokenKind};
use crate::manifest::event::{
    Event, EventKind, MAX_DEPTH, Properties, ReadError, ReadErrorKind, ScalarStyle,
};

/// What the next event is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    DocumentStart,
    DocumentEnd,
    BlockSequenceEntry,
    /// An item of a list whose dashes are at the column of its key.
    IndentlessSequenceEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequenceEntry,
    /// The key of a map of one entry that has no braces.
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    /// The value of a key without `:`.
    FlowMappingNoValue,
    Over,
}

/// Which nodes can stand at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Block,
    /// A key or value of a block mapping, which may be a list whose dashes are at its column.
    BlockEntry,
    Flow,
}

#[derive(Debug)]
pub(super) struct Parser<'t> {
    pub(super) scanner: Scanner<'t>,
    pub(super) state: State,
    /// The states to go on with, the innermost last.
    pub(super) states: Vec<State>,
    /// Where the open collections begin.
    pub(super) open: Vec<usize>,
    /// Where the last token ends that was taken.
    pub(super) end: usize,
    anchors: BTreeMap<&'t str, usize>,
    anchored: usize,
    tag_directives: Vec<TagDirective<'t>>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            scanner: Scanner::new(text),
            state: State::DocumentStart,
            states: Vec::new(),
            open: Vec::new(),
            end: 0,
            anchors: BTreeMap::new(),
            anchored: 0,
            tag_directives: Vec::new(),
        }
    }

    /// Returns the next event; nothing once the document is over.
    pub(super) fn next_event(&mut self) -> Result<Option<Event<'t>>, ReadError> {
        let event = match self.state {
            State::DocumentStart => self.document_start(),
            State::DocumentEnd => self.document_end(),
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst | State::FlowSequenceEntry => self.flow_sequence_entry(),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => self.flow_pair_end(),
            State::FlowMappingFirst | State::FlowMappingKey => self.flow_mapping_key(),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingNoValue => self.empty_scalar(State::FlowMappingKey, self.end),
            State::Over => return Ok(None),
        };
        event.map(Some)
    }

    pub(super) fn peek(&mut self) -> Result<&TokenKind<'t>, ReadError> {
        self.scanner.peek().map(|token| &token.kind)
    }

    pub(super) fn take(&mut self) -> Result<Token<'t>, ReadError> {
        let token = self.scanner.take()?;
        self.end = token.span.end;
        Ok(token)
    }

    /// Returns where the next token begins.
    pub(super) fn next_start(&mut self) -> Result<usize, ReadError> {
        self.scanner.peek().map(|token| token.span.start)
    }

    fn document_start(&mut self) -> Result<Event<'t>, ReadError> {
        if *self.peek()? == TokenKind::StreamEnd {
            return self.document_end();
        }
        let explicit = matches!(
            self.peek()?,
            TokenKind::VersionDirective { .. }
                | TokenKind::TagDirective(_)
                | TokenKind::DocumentStart
        );
        if explicit {
            self.directives()?;
            if *self.peek()? != TokenKind::DocumentStart {
                let message = "`---` must follow the directives, and `kubectl` splits there first";
                return Err(ReadError::syntax(self.next_start()?, message));
            }
            self.take()?;
            let is_empty = matches!(
                self.peek()?,
                TokenKind::VersionDirective { .. }
                    | TokenKind::TagDirective(_)
                    | TokenKind::DocumentStart
                    | TokenKind::DocumentEnd
                    | TokenKind::StreamEnd
            );
            if is_empty {
                return self.empty_scalar(State::DocumentEnd, self.end);
            }
        }
        self.node_then(State::DocumentEnd, Context::Block)
    }

    /// Reads the lines with `%`; only `%YAML 1.1` and `%TAG` are known, each once.
    fn directives(&mut self) -> Result<(), ReadError> {
        let mut versions = 0;
        loop {
            let offset = self.next_start()?;
            match self.peek()? {
                TokenKind::VersionDirective { major: 1, minor: 1 } if versions == 0 => {
                    versions += 1;
                }
                TokenKind::VersionDirective { .. } => {
                    let message = "the only version of YAML that `kubectl` knows is `%YAML 1.1`";
                    return Err(ReadError::syntax(offset, message));
                }
                TokenKind::TagDirective(directive) => {
                    let directive = TagDirective::clone(directive);
                    self.declare(directive, offset)?;
                }
                _ => return Ok(()),
            }
            self.take()?;
        }
    }

    fn declare(&mut self, directive: TagDirective<'t>, offset: usize) -> Result<(), ReadError> {
        if self.tag_directives.iter().any(|other| other.handle == directive.handle) {
            return Err(ReadError::syntax(offset, "the handle is given twice"));
        }
        self.tag_directives.push(directive);
        Ok(())
    }

    fn document_end(&mut self) -> Result<Event<'t>, ReadError> {
        let start = self.next_start()?;
        let mut span = start..start;
        if *self.peek()? == TokenKind::DocumentEnd {
            span = self.take()?.span;
        }
        self.state = State::Over;
        Ok(Event { kind: EventKind::DocumentEnd, span, properties: Properties::default() })
    }

    /// Reads a node, and goes on with `then` once it is over.
    pub(super) fn node_then(
        &mut self,
        then: State,
        context: Context,
    ) -> Result<Event<'t>, ReadError> {
        self.states.push(then);
        self.node(context)
    }

    fn node(&mut self, context: Context) -> Result<Event<'t>, ReadError> {
        if let TokenKind::Alias(name) = *self.peek()? {
            let span = self.take()?.span;
            let Some(anchor) = self.anchors.get(name) else {
                return Err(ReadError::syntax(span.start, format!("there is no anchor `{name}`")));
            };
            let kind = EventKind::Alias(*anchor);
            self.pop_state();
            return Ok(Event { kind, span, properties: Properties::default() });
        }
        let properties = self.properties()?;
        let start = self.next_start()?;
        let block = context != Context::Flow;
        let (kind, state) = match self.peek()? {
            TokenKind::Scalar { .. } => return self.scalar(properties),
            TokenKind::BlockEntry if context == Context::BlockEntry => {
                (EventKind::SequenceStart { flow: false }, State::IndentlessSequenceEntry)
            }
            TokenKind::FlowSequenceStart => {
                (EventKind::SequenceStart { flow: true }, State::FlowSequenceFirst)
            }
            TokenKind::FlowMappingStart => {
                (EventKind::MappingStart { flow: true }, State::FlowMappingFirst)
            }
            TokenKind::BlockSequenceStart if block => {
                (EventKind::SequenceStart { flow: false }, State::BlockSequenceEntry)
            }
            TokenKind::BlockMappingStart if block => {
                (EventKind::MappingStart { flow: false }, State::BlockMappingKey)
            }
            _ if properties.start.is_some() => {
                self.pop_state();
                return Ok(missing(self.end, properties));
            }
            _ => return Err(self.unexpected(start, "a value")),
        };
        let mut span = start..start;
        if state != State::IndentlessSequenceEntry {
            span = self.take()?.span;
        }
        self.open_collection(start)?;
        self.state = state;
        Ok(Event { kind, span, properties })
    }

    /// Notes that a collection begins, as long as it is not one too many within others.
    pub(super) fn open_collection(&mut self, start: usize) -> Result<(), ReadError> {
        self.open.push(start);
        if self.open.len() > MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(ReadError { kind: ReadErrorKind::TooDeep, message, offset: start });
        }
        Ok(())
    }

    fn scalar(&mut self, properties: Properties) -> Result<Event<'t>, ReadError> {
        let Token { kind, span } = self.take()?;
        let TokenKind::Scalar { text, style } = kind else {
            return Err(ReadError::syntax(span.start, "expected a scalar"));
        };
        self.pop_state();
        Ok(Event { kind: EventKind::Scalar { text, style }, span, properties })
    }

    /// Reads an anchor and a tag, in either order.
    fn properties(&mut self) -> Result<Properties, ReadError> {
        let mut properties = Properties::default();
        let mut name = None;
        loop {
            let start = self.next_start()?;
            match self.peek()? {
                TokenKind::Anchor(anchor) if name.is_none() => name = Some(*anchor),
                TokenKind::Tag(tag) if properties.tag.is_none() => {
                    let tag = Tag::clone(tag);
                    properties.tag = Some(self.resolve_tag(&tag, start)?);
                }
                _ => break,
            }
            properties.start = properties.start.or(Some(start));
            self.take()?;
        }
        if let Some(name) = name {
            self.anchored += 1;
            self.anchors.insert(name, self.anchored);
            properties.anchor = Some(self.anchored);
        }
        Ok(properties)
    }

    /// Returns the tag in full.
    fn resolve_tag(&self, tag: &Tag<'t>, offset: usize) -> Result<String, ReadError> {
        let declared = self.tag_directives.iter().find(|known| known.handle == tag.handle);
        let prefix = match (declared, tag.handle) {
            (_, "") => "",
            (Some(declared), _) => &declared.prefix,
            (None, "!") => "!",
            (None, "!!") => "tag:yaml.org,2002:",
            (None, handle) => {
                let message = format!("the tag's handle `{handle}` is not declared");
                return Err(ReadError::syntax(offset, message));
            }
        };
        Ok(format!("{prefix}{}", tag.suffix))
    }

    pub(super) fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::Over);
    }

    /// Returns a null that is not written, and goes on with `then`.
    pub(super) fn empty_scalar(
        &mut self,
        then: State,
        offset: usize,
    ) -> Result<Event<'t>, ReadError> {
        self.state = then;
        Ok(missing(offset, Properties::default()))
    }

    /// Closes the innermost collection, whose end lies there.
    pub(super) fn close(&mut self, kind: EventKind<'t>, span: Range<usize>) -> Event<'t> {
        self.open.pop();
        self.pop_state();
        Event { kind, span, properties: Properties::default() }
    }

    /// Returns an error at a token that is not what could stand there.
    pub(super) fn unexpected(&self, offset: usize, expected: &str) -> ReadError {
        ReadError::syntax(offset, format!("expected {expected} here"))
    }
}

/// Returns the event of a scalar that is not written.
fn missing<'t>(offset: usize, properties: Properties) -> Event<'t> {
    let kind = EventKind::Scalar { text: "".into(), style: ScalarStyle::Plain };
    Event { kind, span: offset..offset, properties }
}
