//! Simple keys: what may turn out to be a key once a `:` follows.
//!
//! A key without `?` is found by its `:` only, so each flow level keeps the place of the last token
//! that could begin one. It has to end on its line and within 1,024 characters
//! (goyaml.v2/scannerc.go `yaml_simple_key_is_valid`), and at the column of its block mapping there has
//! to be one (`yaml_parser_save_simple_key`).

use super::cursor::Cursor;
use crate::manifest::event::ReadError;

/// The longest simple key, in characters.
const MAX_LENGTH: usize = 1024;

/// Where a simple key may have begun.
#[derive(Debug, Clone)]
pub(super) struct SimpleKey {
    /// The number of its first token.
    pub(super) token: usize,
    pub(super) offset: usize,
    pub(super) column: usize,
    line: usize,
    /// Whether nothing but a key can stand there.
    required: bool,
}

/// The simple keys that are possible, at most one a flow level.
#[derive(Debug)]
pub(super) struct SimpleKeys {
    /// Whether one may begin at the cursor.
    pub(super) allowed: bool,
    possible: Option<SimpleKey>,
    /// Those of the levels around, the outermost first.
    around: Vec<Option<SimpleKey>>,
}

impl SimpleKeys {
    pub(super) fn new() -> Self {
        Self { allowed: true, possible: None, around: Vec::new() }
    }

    /// Returns how many brackets and braces are open.
    pub(super) fn flow_level(&self) -> usize {
        self.around.len()
    }

    pub(super) fn enter_flow(&mut self) {
        self.around.push(self.possible.take());
    }

    pub(super) fn leave_flow(&mut self) {
        if let Some(possible) = self.around.pop() {
            self.possible = possible;
        }
    }

    /// Notes that a simple key may begin at the cursor, if one is allowed there.
    pub(super) fn save(
        &mut self,
        cursor: &Cursor<'_>,
        token: usize,
        required: bool,
    ) -> Result<(), ReadError> {
        if !self.allowed {
            return Ok(());
        }
        self.remove()?;
        let (offset, column, line) = (cursor.offset(), cursor.column(), cursor.line());
        self.possible = Some(SimpleKey { token, offset, column, line, required });
        Ok(())
    }

    /// Forgets the possible key of the innermost level.
    pub(super) fn remove(&mut self) -> Result<(), ReadError> {
        match self.possible.take() {
            Some(key) if key.required => Err(key.missing()),
            _ => Ok(()),
        }
    }

    /// Takes the key that a `:` at the cursor belongs to.
    pub(super) fn take_possible(
        &mut self,
        cursor: &Cursor<'_>,
    ) -> Result<Option<SimpleKey>, ReadError> {
        match self.possible.take() {
            Some(key) if !key.is_stale(cursor) => Ok(Some(key)),
            Some(key) if key.required => Err(key.missing()),
            _ => Ok(None),
        }
    }

    /// Returns whether the token of that number may be the first of a simple key.
    pub(super) fn is_possible_at(
        &mut self,
        token: usize,
        cursor: &Cursor<'_>,
        over: bool,
    ) -> Result<bool, ReadError> {
        let mut keys = self.around.iter_mut().chain([&mut self.possible]);
        let Some(slot) = keys.find(|key| key.as_ref().is_some_and(|key| key.token == token)) else {
            return Ok(false);
        };
        let Some(key) = slot.take_if(|key| over || key.is_stale(cursor)) else { return Ok(true) };
        if key.required { Err(key.missing()) } else { Ok(false) }
    }
}

impl SimpleKey {
    fn is_stale(&self, cursor: &Cursor<'_>) -> bool {
        self.line < cursor.line() || self.is_too_long(cursor)
    }

    fn is_too_long(&self, cursor: &Cursor<'_>) -> bool {
        cursor.offset() - self.offset > MAX_LENGTH
            && cursor.slice(self.offset..cursor.offset()).chars().count() > MAX_LENGTH
    }

    fn missing(&self) -> ReadError {
        ReadError::syntax(self.offset, "expected a key with `:` behind it")
    }
}
