//! Flow lists and maps on one line.
//!
//! Here readers of YAML 1.1 and 1.2 differ on what a colon or a question mark within a word means, so
//! words that hold one are left to the reader, and so are entries without a value.

use super::Scanner;
use super::characters::is_in_flow_plain;
use super::scalar::{Scalar, is_finite};

/// The deepest nesting of brackets and braces that is accepted.
const MAX_DEPTH: usize = 16;

impl<'t> Scanner<'t> {
    /// Reads a list or map to its closing bracket or brace.
    pub(super) fn flow(&mut self) -> Option<Scalar<'t>> {
        self.flow_collection(0)?;
        Some(Scalar::Other)
    }

    fn flow_collection(&mut self, depth: usize) -> Option<()> {
        let map = self.peek()? == b'{';
        let close = if map { b'}' } else { b']' };
        let keys = self.keys.len();
        self.at += 1;
        self.skip_spaces();
        if self.peek()? == close || depth == MAX_DEPTH {
            self.at += 1;
            return (depth < MAX_DEPTH).then_some(());
        }
        loop {
            if map {
                let key = self.key()?;
                self.keys.push(key);
                self.skip_spaces();
            }
            self.flow_value(depth)?;
            self.skip_spaces();
            let stop = self.peek()?;
            self.at += 1;
            match stop {
                b',' => self.skip_spaces(),
                _ if stop == close => return self.check_keys(keys),
                _ => return None,
            };
        }
    }

    fn flow_value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            quote @ (b'"' | b'\'') => self.quoted(quote).map(|_| ()),
            b'[' | b'{' => self.flow_collection(depth + 1),
            _ => self.flow_plain(),
        }
    }

    fn flow_plain(&mut self) -> Option<()> {
        self.check_plain_start(is_in_flow_plain)?;
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = rest.iter().position(|&byte| !is_in_flow_plain(byte))?;
        let text = self.text.get(self.at..self.at + length)?.trim_end_matches(' ');
        self.at += length;
        is_finite(text).then_some(())
    }
}
