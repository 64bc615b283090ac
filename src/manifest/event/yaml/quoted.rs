//! Scalars in quotes.
//!
//! They end at their quote, wherever that is: lines need not be indented, and go on at any column but
//! with `---` or `...` (goyaml.v2/scannerc.go `yaml_parser_scan_flow_scalar`). Escapes are those of
//! YAML 1.1 and `\'`, without `\/`; halves of surrogate pairs are refused.

use std::borrow::Cow;

use super::cursor::{fold, keep_breaks};
use super::scanner::Scanner;
use super::token::TokenKind;
use crate::manifest::event::{ReadError, ReadErrorKind, ScalarStyle};

/// A quoted scalar as far as it was read.
struct Quoted {
    /// Where the quote stands that opens it.
    start: usize,
    /// What was read, without what lies from `from` on.
    text: Option<String>,
    from: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn scan_single_quoted(&mut self) -> Result<TokenKind<'t>, ReadError> {
        self.scan_quoted(b'\'')
    }

    pub(super) fn scan_double_quoted(&mut self) -> Result<TokenKind<'t>, ReadError> {
        self.scan_quoted(b'"')
    }

    fn scan_quoted(&mut self, quote: u8) -> Result<TokenKind<'t>, ReadError> {
        let (start, first_line) = (self.cursor.offset(), self.cursor.line());
        self.cursor.skip(1);
        let mut quoted = Quoted { start, text: None, from: self.cursor.offset() };
        loop {
            self.cursor.skip_while(|byte| !is_special(byte));
            match self.cursor.byte(0) {
                0 => return Err(not_closed(start)),
                b'\'' if quote == b'\'' && self.cursor.byte(1) == b'\'' => {
                    self.cursor.skip(1);
                    self.copy(&mut quoted);
                    self.cursor.skip(1);
                    quoted.from = self.cursor.offset();
                }
                byte if byte == quote => break,
                b'\\' if quote == b'"' => self.scan_escape(&mut quoted)?,
                _ if self.cursor.is_break(0) => self.scan_gap(&mut quoted)?,
                _ => self.cursor.skip_character(),
            }
        }
        let last = self.cursor.slice(quoted.from..self.cursor.offset());
        self.cursor.skip(1);
        if self.cursor.line() > first_line {
            self.long_quote = Some(start..self.cursor.offset());
        }
        let text = match quoted.text {
            Some(text) => Cow::Owned(text + last),
            None => Cow::Borrowed(last),
        };
        Ok(TokenKind::Scalar { text, style: ScalarStyle::Quoted })
    }

    /// Adds what was read up to the cursor.
    fn copy<'q>(&self, quoted: &'q mut Quoted) -> &'q mut String {
        let text = quoted.text.get_or_insert_with(String::new);
        text.push_str(self.cursor.slice(quoted.from..self.cursor.offset()));
        text
    }

    /// Folds the line breaks at the cursor, with the blanks around them.
    fn scan_gap(&mut self, quoted: &mut Quoted) -> Result<(), ReadError> {
        let line = self.cursor.slice(quoted.from..self.cursor.offset());
        let text = quoted.text.get_or_insert_with(String::new);
        text.push_str(line.trim_end_matches([' ', '\t']));
        let start = self.cursor.offset();
        self.skip_gap();
        fold(self.cursor.slice(start..self.cursor.offset()), text);
        self.check_line(quoted)
    }

    fn skip_gap(&mut self) {
        while self.cursor.is_blank(0) || self.cursor.is_break(0) {
            self.cursor.skip_blanks();
            self.cursor.skip_break();
        }
    }

    /// Begins a line within the quotes.
    fn check_line(&mut self, quoted: &mut Quoted) -> Result<(), ReadError> {
        if self.cursor.is_document_marker() {
            return Err(not_closed(quoted.start));
        }
        quoted.from = self.cursor.offset();
        Ok(())
    }

    fn scan_escape(&mut self, quoted: &mut Quoted) -> Result<(), ReadError> {
        if self.cursor.is_break(1) {
            self.copy(quoted);
            self.cursor.skip(1);
            self.cursor.skip_break();
            let start = self.cursor.offset();
            self.skip_gap();
            let gap = self.cursor.slice(start..self.cursor.offset());
            keep_breaks(gap, quoted.text.get_or_insert_default());
            return self.check_line(quoted);
        }
        let character = match self.cursor.byte(1) {
            b'x' => self.scan_code(2)?,
            b'u' => self.scan_code(4)?,
            b'U' => self.scan_code(8)?,
            byte => simple_escape(byte).ok_or_else(|| self.unknown_escape())?,
        };
        let digits = match self.cursor.byte(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        self.copy(quoted).push(character);
        self.cursor.skip(2 + digits);
        quoted.from = self.cursor.offset();
        Ok(())
    }

    /// Reads the character that so many hexadecimal digits behind `\x` stand for.
    fn scan_code(&self, digits: usize) -> Result<char, ReadError> {
        let start = self.cursor.offset() + 2;
        let code = self.cursor.slice(start..start + digits);
        let is_hexadecimal =
            code.len() == digits && code.bytes().all(|byte| byte.is_ascii_hexdigit());
        let character = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
        character.filter(|_| is_hexadecimal).ok_or_else(|| {
            let message = format!("`\\` takes {digits} hexadecimal digits of a character here");
            ReadError::syntax(self.cursor.offset(), message)
        })
    }

    fn unknown_escape(&self) -> ReadError {
        let message = match self.cursor.byte(1) {
            b'/' => "this escape is valid in JSON only, not in YAML",
            _ => "`\\` and what follows is not an escape; a backslash itself is written `\\\\`",
        };
        ReadError::syntax(self.cursor.offset(), message)
    }
}

fn simple_escape(byte: u8) -> Option<char> {
    Some(match byte {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}

pub(super) fn not_closed(offset: usize) -> ReadError {
    let message = "the quote is not closed".to_owned();
    ReadError { kind: ReadErrorKind::Quote, message, offset }
}

/// Returns whether the byte may mean something within quotes.
fn is_special(byte: u8) -> bool {
    matches!(byte, 0 | b'\'' | b'"' | b'\\' | b'\n' | b'\r' | 0xC2 | 0xE2)
}
