//! Lists and maps that are made by indentation.
//!
//! The states are those of goyaml.v2/parserc.go (`yaml_parser_parse_block_sequence_entry`,
//! `yaml_parser_parse_indentless_sequence_entry`, `yaml_parser_parse_block_mapping_key` and `…_value`).

use super::parser::{Context, Parser, State};
use super::token::TokenKind;
use crate::manifest::event::{Event, EventKind, ReadError};

impl<'t> Parser<'t> {
    pub(super) fn block_sequence_entry(&mut self) -> Result<Event<'t>, ReadError> {
        match self.peek()? {
            TokenKind::BlockEntry => {
                self.take()?;
                if matches!(self.peek()?, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                    return self.empty_scalar(State::BlockSequenceEntry, self.end);
                }
                self.node_then(State::BlockSequenceEntry, Context::Block)
            }
            TokenKind::BlockEnd => {
                let span = self.take()?.span;
                Ok(self.close(EventKind::SequenceEnd, span))
            }
            _ => {
                let offset = self.next_start()?;
                Err(self.unexpected(offset, "`-` and the next item of the list"))
            }
        }
    }

    pub(super) fn indentless_sequence_entry(&mut self) -> Result<Event<'t>, ReadError> {
        if *self.peek()? != TokenKind::BlockEntry {
            return Ok(self.close(EventKind::SequenceEnd, self.end..self.end));
        }
        self.take()?;
        let is_empty = matches!(
            self.peek()?,
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
        );
        if is_empty {
            return self.empty_scalar(State::IndentlessSequenceEntry, self.end);
        }
        self.node_then(State::IndentlessSequenceEntry, Context::Block)
    }

    pub(super) fn block_mapping_key(&mut self) -> Result<Event<'t>, ReadError> {
        match self.peek()? {
            TokenKind::Key => {
                self.take()?;
                if self.is_entry_over()? {
                    return self.empty_scalar(State::BlockMappingValue, self.end);
                }
                self.node_then(State::BlockMappingValue, Context::BlockEntry)
            }
            TokenKind::BlockEnd => {
                let span = self.take()?.span;
                Ok(self.close(EventKind::MappingEnd, span))
            }
            _ => {
                let offset = self.next_start()?;
                Err(self.unexpected(offset, "the next key of the map"))
            }
        }
    }

    pub(super) fn block_mapping_value(&mut self) -> Result<Event<'t>, ReadError> {
        if *self.peek()? != TokenKind::Value {
            return self.empty_scalar(State::BlockMappingKey, self.end);
        }
        self.take()?;
        if self.is_entry_over()? {
            return self.empty_scalar(State::BlockMappingKey, self.end);
        }
        self.node_then(State::BlockMappingKey, Context::BlockEntry)
    }

    /// Returns whether no node follows a key's `?` or `:`.
    fn is_entry_over(&mut self) -> Result<bool, ReadError> {
        Ok(matches!(self.peek()?, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd))
    }
}
