//! Scalars without quotes.
//!
//! One ends before ` #`, before `:` with a blank behind it, at a line that is not indented, and within
//! brackets before `,`, `?`, `[`, `]`, `{` and `}` (goyaml.v2/scannerc.go `yaml_parser_scan_plain_scalar`).
//! So `[hello:]` and `{a:}` hold words that end with a colon, where YAML 1.2 finds keys.

use std::borrow::Cow;

use super::cursor::fold;
use super::scanner::{Scanner, tab};
use super::token::TokenKind;
use crate::manifest::event::{ReadError, ScalarStyle};

impl<'t> Scanner<'t> {
    /// Scans a plain scalar, and returns it with its end.
    pub(super) fn scan_plain(&mut self) -> Result<(TokenKind<'t>, usize), ReadError> {
        let start = self.cursor.offset();
        let mut text = None;
        let mut from = start;
        let mut end = start;
        let mut on_new_line = false;
        while !self.cursor.is_document_marker() && self.cursor.byte(0) != b'#' {
            let line = self.cursor.offset();
            let Some(line_end) = self.skip_plain_line() else { break };
            if line > start {
                let text = text.get_or_insert_with(String::new);
                text.push_str(self.cursor.slice(from..end));
                fold(self.cursor.slice(end..line), text);
                from = line;
            }
            end = line_end;
            on_new_line = self.cursor.is_break(0);
            if !on_new_line {
                break;
            }
            self.skip_plain_gap()?;
            if !self.in_flow() && self.cursor.column() < self.margin {
                break;
            }
        }
        if on_new_line {
            self.simple_keys.allowed = true;
        }
        let last = self.cursor.slice(from..end);
        let text = match text {
            Some(text) => Cow::Owned(text + last),
            None => Cow::Borrowed(last),
        };
        Ok((TokenKind::Scalar { text, style: ScalarStyle::Plain }, end))
    }

    /// Moves past the words of a line and the blanks behind them, and returns where the words end;
    /// nothing where there is no word.
    fn skip_plain_line(&mut self) -> Option<usize> {
        let mut end = None;
        loop {
            let start = self.cursor.offset();
            self.skip_word();
            if self.cursor.offset() == start {
                return end;
            }
            end = Some(self.cursor.offset());
            self.cursor.skip_blanks();
            if self.cursor.byte(0) == b'#' {
                return end;
            }
        }
    }

    /// Moves to the next blank, or to what ends a plain scalar.
    fn skip_word(&mut self) {
        let flow = self.in_flow();
        loop {
            self.cursor.skip_while(|byte| !may_end_word(byte));
            match self.cursor.byte(0) {
                0 | b' ' | b'\t' | b'\n' | b'\r' => return,
                b':' if self.cursor.is_space(1) => return,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if flow => return,
                0xC2 | 0xE2 if self.cursor.is_break(0) => return,
                _ => self.cursor.skip_character(),
            }
        }
    }

    /// Moves past line breaks and the blanks around them.
    fn skip_plain_gap(&mut self) -> Result<(), ReadError> {
        loop {
            match self.cursor.byte(0) {
                b'\t' if self.cursor.column() < self.margin => {
                    return Err(tab(self.cursor.offset()));
                }
                b' ' | b'\t' => self.cursor.skip(1),
                _ if self.cursor.skip_break().is_some() => {}
                _ => return Ok(()),
            }
        }
    }
}

/// Returns whether the byte can end a word somewhere.
fn may_end_word(byte: u8) -> bool {
    matches!(
        byte,
        0 | b' '
            | b'\t'
            | b'\n'
            | b'\r'
            | b':'
            | b','
            | b'?'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | 0xC2
            | 0xE2
    )
}
