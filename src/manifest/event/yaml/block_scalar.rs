//! Scalars behind `|` and `>`.
//!
//! The indentation is that of the first line with text, or of the longest blank line before it, and at
//! least one column more than the collection around has (goyaml.v2/scannerc.go
//! `yaml_parser_scan_block_scalar`, `yaml_parser_scan_block_scalar_breaks`). `>` joins lines that begin
//! without a blank.

use std::borrow::Cow;

use super::scanner::Scanner;
use super::token::TokenKind;
use crate::manifest::event::{ReadError, ReadErrorKind, ScalarStyle};

/// What becomes of the line breaks at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chomping {
    /// `-`: none is kept.
    Strip,
    /// The first is kept.
    Clip,
    /// `+`: all are kept.
    Keep,
}

/// The line breaks behind a line with text.
#[derive(Default)]
struct Breaks {
    /// The one that ends the line.
    first: Option<char>,
    /// Those of the blank lines behind it.
    others: String,
    /// Where the last of them ends.
    end: usize,
}

impl<'t> Scanner<'t> {
    /// Scans a block scalar, and returns it with its end.
    pub(super) fn scan_block_scalar(&mut self) -> Result<(TokenKind<'t>, usize), ReadError> {
        let folded = self.cursor.byte(0) == b'>';
        self.cursor.skip(1);
        let (chomping, increment) = self.scan_indicators()?;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end(0) {
            let message = "only a comment can stand behind the header of a block scalar";
            return Err(ReadError::syntax(self.cursor.offset(), message));
        }
        self.cursor.skip_break();
        let mut indentation =
            increment.map_or(0, |increment| self.margin.saturating_sub(1) + increment);
        let mut breaks = Breaks::default();
        self.skip_indentation(&mut indentation, &mut breaks)?;
        let mut text = String::new();
        let mut after_blank = false;
        while self.cursor.column() == indentation && !self.cursor.is_end() {
            let blank = self.cursor.is_blank(0);
            let joined = folded && !after_blank && !blank && breaks.first == Some('\n');
            if !joined {
                text.extend(breaks.first);
            } else if breaks.others.is_empty() {
                text.push(' ');
            }
            text.push_str(&breaks.others);
            breaks.others.clear();
            after_blank = blank;
            let line = self.cursor.offset();
            self.cursor.skip_to_break();
            text.push_str(self.cursor.slice(line..self.cursor.offset()));
            breaks.first = self.cursor.skip_break();
            self.skip_indentation(&mut indentation, &mut breaks)?;
        }
        if chomping != Chomping::Strip {
            text.extend(breaks.first);
        }
        if chomping == Chomping::Keep {
            text.push_str(&breaks.others);
        }
        let kind = TokenKind::Scalar { text: Cow::Owned(text), style: ScalarStyle::Block };
        Ok((kind, breaks.end))
    }

    /// Scans what follows `|` or `>`: how to chomp and how far to indent, in either order.
    fn scan_indicators(&mut self) -> Result<(Chomping, Option<usize>), ReadError> {
        let mut chomping = self.scan_chomping();
        let increment = match self.cursor.byte(0) {
            b'0' => {
                let message = "a block scalar is indented by 1 to 9 columns, not by 0";
                return Err(ReadError::syntax(self.cursor.offset(), message));
            }
            digit @ b'1'..=b'9' => {
                self.cursor.skip(1);
                Some(usize::from(digit - b'0'))
            }
            _ => None,
        };
        if chomping.is_none() && increment.is_some() {
            chomping = self.scan_chomping();
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.byte(0) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.skip(1);
        Some(chomping)
    }

    /// Moves past blank lines and the indentation of the next line with text; an `indentation` of 0 is
    /// not known yet.
    fn skip_indentation(
        &mut self,
        indentation: &mut usize,
        breaks: &mut Breaks,
    ) -> Result<(), ReadError> {
        breaks.end = self.cursor.offset();
        let mut longest = 0;
        loop {
            let within = |column| *indentation == 0 || column < *indentation;
            while within(self.cursor.column()) && self.cursor.byte(0) == b' ' {
                self.cursor.skip(1);
            }
            longest = longest.max(self.cursor.column());
            if within(self.cursor.column()) && self.cursor.byte(0) == b'\t' {
                let message = "a tab stands where the indentation of a block scalar should be";
                let (message, offset) = (message.to_owned(), self.cursor.offset());
                return Err(ReadError { kind: ReadErrorKind::Tab, message, offset });
            }
            let Some(found) = self.cursor.skip_break() else { break };
            breaks.others.push(found);
            breaks.end = self.cursor.offset();
        }
        if *indentation == 0 {
            *indentation = longest.max(self.margin).max(1);
        }
        Ok(())
    }
}
