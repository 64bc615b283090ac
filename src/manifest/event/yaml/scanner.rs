//! Tokens of a document, in the order of the text.
//!
//! The rules are those of goyaml.v2/scannerc.go, the translation of libyaml's scanner.c that
//! `sigs.k8s.io/yaml` carries: `yaml_parser_fetch_next_token` decides what begins at a place,
//! `yaml_parser_unroll_indent` closes the collections that a line has left, and the `Key` of a simple
//! key is put before tokens that were already found ([`SimpleKeys`]). The queue holds no more tokens
//! than such a key can have.

use std::collections::VecDeque;
use std::ops::Range;

use super::cursor::Cursor;
use super::simple_key::{SimpleKey, SimpleKeys};
use super::token::{Token, TokenKind};
use crate::manifest::event::{ReadError, ReadErrorKind};

/// The tokens that were found and not yet taken, and what decides about the next ones.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    pub(super) cursor: Cursor<'t>,
    tokens: VecDeque<Token<'t>>,
    /// How many tokens were taken.
    taken: usize,
    /// Whether the first token in the queue will stay the first.
    ready: bool,
    pub(super) simple_keys: SimpleKeys,
    /// The first column that is within the innermost block collection; 0 outside of all.
    pub(super) margin: usize,
    /// The margins of the collections around it.
    margins: Vec<usize>,
    over: bool,
    /// The last scalar in quotes that goes over lines.
    pub(super) long_quote: Option<Range<usize>>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            ready: false,
            simple_keys: SimpleKeys::new(),
            margin: 0,
            margins: Vec::new(),
            over: false,
            long_quote: None,
        }
    }

    /// Returns the next token.
    pub(super) fn peek(&mut self) -> Result<&Token<'t>, ReadError> {
        while !self.ready {
            if self.is_first_certain()? {
                self.ready = true;
            } else {
                self.fetch()?;
            }
        }
        self.tokens.front().ok_or_else(|| ReadError::syntax(self.cursor.offset(), "no token"))
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Result<Token<'t>, ReadError> {
        self.peek()?;
        self.ready = false;
        self.taken += 1;
        self.tokens.pop_front().ok_or_else(|| ReadError::syntax(self.cursor.offset(), "no token"))
    }

    /// Returns whether there is a token, and no `Key` can come before it any more.
    fn is_first_certain(&mut self) -> Result<bool, ReadError> {
        if self.tokens.is_empty() {
            return Ok(false);
        }
        let may_be_key = self.simple_keys.is_possible_at(self.taken, &self.cursor, self.over)?;
        Ok(!may_be_key)
    }

    pub(super) fn in_flow(&self) -> bool {
        self.simple_keys.flow_level() > 0
    }

    /// Finds the next token.
    fn fetch(&mut self) -> Result<(), ReadError> {
        self.skip_to_token();
        if !self.in_flow() {
            self.unroll(self.cursor.column() + 1);
        }
        if self.cursor.is_end() {
            return self.fetch_end();
        }
        if self.cursor.column() == 0 && self.cursor.byte(0) == b'%' {
            return self.fetch_directive();
        }
        if self.cursor.is_document_marker() {
            return self.fetch_document_marker();
        }
        let (flow, space_follows) = (self.in_flow(), self.cursor.is_space(1));
        match self.cursor.byte(0) {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if space_follows => self.fetch_block_entry(),
            b'?' if flow || space_follows => self.fetch_key(),
            b':' if flow || space_follows => self.fetch_value(),
            b'*' | b'&' => self.fetch_node_start(Self::scan_anchor),
            b'!' => self.fetch_node_start(Self::scan_tag),
            b'|' | b'>' if !flow => self.fetch_block_scalar(),
            b'\'' => self.fetch_node_start(Self::scan_single_quoted),
            b'"' => self.fetch_node_start(Self::scan_double_quoted),
            b'\t' => Err(tab(self.cursor.offset())),
            b'%' | b'@' | b'`' | b'|' | b'>' => Err(self.no_token()),
            _ => self.fetch_plain(),
        }
    }

    /// Moves past blanks, comments and line breaks.
    ///
    /// A tab is a blank only where no key of a block mapping can begin.
    fn skip_to_token(&mut self) {
        loop {
            while self.cursor.byte(0) == b' '
                || (self.cursor.byte(0) == b'\t' && (self.in_flow() || !self.simple_keys.allowed))
            {
                self.cursor.skip(1);
            }
            self.cursor.skip_comment();
            if self.cursor.skip_break().is_none() {
                return;
            }
            if !self.in_flow() {
                self.simple_keys.allowed = true;
            }
        }
    }

    fn no_token(&self) -> ReadError {
        let character = self.cursor.slice(self.cursor.offset()..self.cursor.offset() + 1);
        let message = format!("a value without quotes cannot begin with `{character}`");
        ReadError::syntax(self.cursor.offset(), message)
    }

    pub(super) fn push(&mut self, kind: TokenKind<'t>, start: usize) {
        self.tokens.push_back(Token { kind, span: start..self.cursor.offset() });
    }

    /// Adds a token of so many bytes.
    fn push_mark(&mut self, kind: TokenKind<'t>, bytes: usize) {
        let start = self.cursor.offset();
        self.cursor.skip(bytes);
        self.push(kind, start);
    }

    /// Opens a block collection at a column that is within the innermost one; its token comes before
    /// the token with that number, or last.
    fn roll(&mut self, column: usize, kind: TokenKind<'t>, before: Option<&SimpleKey>) {
        if self.in_flow() || column < self.margin {
            return;
        }
        self.margins.push(self.margin);
        self.margin = column + 1;
        match before {
            Some(key) => self.insert(kind, key),
            None => self.push(kind, self.cursor.offset()),
        }
    }

    fn insert(&mut self, kind: TokenKind<'t>, key: &SimpleKey) {
        let index = key.token.saturating_sub(self.taken).min(self.tokens.len());
        self.tokens.insert(index, Token { kind, span: key.offset..key.offset });
    }

    /// Closes the block collections whose margin lies to the right.
    fn unroll(&mut self, margin: usize) {
        while self.margin > margin {
            self.push(TokenKind::BlockEnd, self.cursor.offset());
            self.margin = self.margins.pop().unwrap_or_default();
        }
    }

    /// Closes all block collections, where no bracket is open, and forgets the possible key.
    fn unroll_all(&mut self) -> Result<(), ReadError> {
        if !self.in_flow() {
            self.unroll(0);
        }
        self.simple_keys.remove()?;
        self.simple_keys.allowed = false;
        Ok(())
    }

    fn fetch_end(&mut self) -> Result<(), ReadError> {
        self.over = true;
        self.unroll_all()?;
        self.push(TokenKind::StreamEnd, self.cursor.offset());
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), ReadError> {
        self.unroll_all()?;
        let start = self.cursor.offset();
        let kind = self.scan_directive()?;
        self.push(kind, start);
        Ok(())
    }

    fn fetch_document_marker(&mut self) -> Result<(), ReadError> {
        self.unroll_all()?;
        let starts = self.cursor.byte(0) == b'-';
        let kind = if starts { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
        self.push_mark(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'t>) -> Result<(), ReadError> {
        self.save_simple_key()?;
        self.simple_keys.enter_flow();
        self.simple_keys.allowed = true;
        self.push_mark(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'t>) -> Result<(), ReadError> {
        self.simple_keys.remove()?;
        self.simple_keys.leave_flow();
        self.simple_keys.allowed = false;
        self.push_mark(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), ReadError> {
        self.simple_keys.remove()?;
        self.simple_keys.allowed = true;
        self.push_mark(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), ReadError> {
        self.begin_entry(TokenKind::BlockSequenceStart, "an item of a list cannot begin here")?;
        self.simple_keys.remove()?;
        self.simple_keys.allowed = true;
        self.push_mark(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), ReadError> {
        self.begin_entry(TokenKind::BlockMappingStart, "a key cannot begin here")?;
        self.simple_keys.remove()?;
        self.simple_keys.allowed = !self.in_flow();
        self.push_mark(TokenKind::Key, 1);
        Ok(())
    }

    /// A `:` behind a simple key, whose tokens come first, or one that a `?` came before.
    fn fetch_value(&mut self) -> Result<(), ReadError> {
        if let Some(key) = self.simple_keys.take_possible(&self.cursor)? {
            self.insert(TokenKind::Key, &key);
            self.roll(key.column, TokenKind::BlockMappingStart, Some(&key));
            self.simple_keys.allowed = false;
        } else {
            let message = "a value cannot hold `:` with a blank behind it, unless in quotes";
            self.begin_entry(TokenKind::BlockMappingStart, message)?;
            self.simple_keys.allowed = !self.in_flow();
        }
        self.push_mark(TokenKind::Value, 1);
        Ok(())
    }

    /// Begins an entry of a block collection at the cursor, outside of brackets.
    fn begin_entry(&mut self, kind: TokenKind<'t>, message: &str) -> Result<(), ReadError> {
        if self.in_flow() {
            return Ok(());
        }
        if !self.simple_keys.allowed {
            return Err(ReadError::syntax(self.cursor.offset(), message));
        }
        self.roll(self.cursor.column(), kind, None);
        Ok(())
    }

    /// Scans what may begin a simple key, and what no other such key can follow on the line.
    fn fetch_node_start(
        &mut self,
        scan: fn(&mut Self) -> Result<TokenKind<'t>, ReadError>,
    ) -> Result<(), ReadError> {
        self.save_simple_key()?;
        self.simple_keys.allowed = false;
        let start = self.cursor.offset();
        let kind = scan(self)?;
        self.push(kind, start);
        Ok(())
    }

    fn fetch_block_scalar(&mut self) -> Result<(), ReadError> {
        self.simple_keys.remove()?;
        self.simple_keys.allowed = true;
        let start = self.cursor.offset();
        let (kind, end) = self.scan_block_scalar()?;
        self.tokens.push_back(Token { kind, span: start..end });
        Ok(())
    }

    fn fetch_plain(&mut self) -> Result<(), ReadError> {
        self.save_simple_key()?;
        self.simple_keys.allowed = false;
        let start = self.cursor.offset();
        let (kind, end) = self.scan_plain()?;
        self.tokens.push_back(Token { kind, span: start..end });
        Ok(())
    }

    fn save_simple_key(&mut self) -> Result<(), ReadError> {
        let token = self.taken + self.tokens.len();
        let required = !self.in_flow() && self.margin == self.cursor.column() + 1;
        self.simple_keys.save(&self.cursor, token, required)
    }
}

pub(super) fn tab(offset: usize) -> ReadError {
    ReadError { kind: ReadErrorKind::Tab, message: "a tab cannot indent".to_owned(), offset }
}
