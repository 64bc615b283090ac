//! Lists and maps between brackets and braces.
//!
//! The states are those of goyaml.v2/parserc.go (`yaml_parser_parse_flow_sequence_entry`,
//! `yaml_parser_parse_flow_mapping_key` and their neighbours). An entry with a `:` or `?` within
//! brackets is a map of its own.

use super::parser::{Context, Parser, State};
use super::token::TokenKind;
use crate::manifest::event::{Event, EventKind, Properties, ReadError};

impl<'t> Parser<'t> {
    pub(super) fn flow_sequence_entry(&mut self) -> Result<Event<'t>, ReadError> {
        if self.state == State::FlowSequenceEntry {
            self.next_flow_entry(&TokenKind::FlowSequenceEnd, "`,` or `]`")?;
        }
        match self.peek()? {
            TokenKind::FlowSequenceEnd => {
                let span = self.take()?.span;
                Ok(self.close(EventKind::SequenceEnd, span))
            }
            TokenKind::Key => {
                let span = self.take()?.span;
                self.open_collection(span.start)?;
                self.states.push(State::FlowSequenceEntry);
                self.state = State::FlowPairKey;
                let kind = EventKind::MappingStart { flow: true };
                Ok(Event { kind, span, properties: Properties::default() })
            }
            _ => self.flow_node(State::FlowSequenceEntry, "`]`"),
        }
    }

    pub(super) fn flow_pair_key(&mut self) -> Result<Event<'t>, ReadError> {
        match self.peek()? {
            // The next state does not see this token any more, as go-yaml's does not.
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                self.take()?;
                self.empty_scalar(State::FlowPairValue, self.end)
            }
            _ => self.flow_node(State::FlowPairValue, "`]`"),
        }
    }

    pub(super) fn flow_pair_value(&mut self) -> Result<Event<'t>, ReadError> {
        if *self.peek()? != TokenKind::Value {
            return self.empty_scalar(State::FlowPairEnd, self.end);
        }
        self.take()?;
        if matches!(self.peek()?, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
            return self.empty_scalar(State::FlowPairEnd, self.end);
        }
        self.flow_node(State::FlowPairEnd, "`]`")
    }

    pub(super) fn flow_pair_end(&mut self) -> Result<Event<'t>, ReadError> {
        Ok(self.close(EventKind::MappingEnd, self.end..self.end))
    }

    pub(super) fn flow_mapping_key(&mut self) -> Result<Event<'t>, ReadError> {
        if self.state == State::FlowMappingKey {
            self.next_flow_entry(&TokenKind::FlowMappingEnd, "`,` or `}`")?;
        }
        match self.peek()? {
            TokenKind::FlowMappingEnd => {
                let span = self.take()?.span;
                Ok(self.close(EventKind::MappingEnd, span))
            }
            TokenKind::Key => {
                self.take()?;
                let is_empty = matches!(
                    self.peek()?,
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd
                );
                if is_empty {
                    return self.empty_scalar(State::FlowMappingValue, self.end);
                }
                self.flow_node(State::FlowMappingValue, "`}`")
            }
            _ => self.flow_node(State::FlowMappingNoValue, "`}`"),
        }
    }

    pub(super) fn flow_mapping_value(&mut self) -> Result<Event<'t>, ReadError> {
        if *self.peek()? != TokenKind::Value {
            return self.empty_scalar(State::FlowMappingKey, self.end);
        }
        self.take()?;
        if matches!(self.peek()?, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
            return self.empty_scalar(State::FlowMappingKey, self.end);
        }
        self.flow_node(State::FlowMappingKey, "`}`")
    }

    /// Moves past the `,` before an entry that is not the first, unless the collection is over.
    fn next_flow_entry(&mut self, end: &TokenKind<'t>, expected: &str) -> Result<(), ReadError> {
        let token = self.peek()?;
        if token == end {
            return Ok(());
        }
        if *token == TokenKind::FlowEntry {
            self.take()?;
            return Ok(());
        }
        Err(self.unexpected_in_flow(expected))
    }

    fn flow_node(&mut self, then: State, close: &str) -> Result<Event<'t>, ReadError> {
        let begins_node = matches!(
            self.peek()?,
            TokenKind::Alias(_)
                | TokenKind::Anchor(_)
                | TokenKind::Tag(_)
                | TokenKind::Scalar { .. }
                | TokenKind::FlowSequenceStart
                | TokenKind::FlowMappingStart
        );
        if begins_node {
            return self.node_then(then, Context::Flow);
        }
        Err(self.unexpected_in_flow(&format!("a value or {close}")))
    }

    /// Returns an error at the next token, or at the bracket that was left open on a line before.
    fn unexpected_in_flow(&mut self, expected: &str) -> ReadError {
        let start = match self.next_start() {
            Ok(start) => start,
            Err(error) => return error,
        };
        let Some(open) = self.open.last().copied() else { return self.unexpected(start, expected) };
        let between = self.scanner.cursor.slice(open..start);
        match between.chars().next() {
            Some(bracket @ ('[' | '{')) if between.contains('\n') => {
                ReadError::syntax(open, format!("`{bracket}` is not closed"))
            }
            _ => self.unexpected(start, expected),
        }
    }
}
