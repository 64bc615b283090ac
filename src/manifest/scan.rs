//! A light scanner for documents that are plainly written, one entry a line.
//!
//! Nearly all manifests are, and of most of them only the identity matters. The scanner accepts a
//! document where it is sure that the reader would read it without an error or a warning, and finds
//! the identity on the way; it builds no tree and copies nothing. Every other document goes to the
//! reader: what the scanner does not accept takes longer, and never means anything else.
//!
//! Accepted are block maps and block lists, also as items of lists, and on their lines:
//!
//! - keys that are one plain word of up to 1,000 bytes, are strings, and stand once in their map;
//! - values that are empty, plain, quoted, or a flow list or map ([`flow`]), each on one line;
//! - block scalars without an indentation indicator ([`scalar`]);
//! - comments and empty lines.
//!
//! The document itself is a map whose keys begin their lines. Anchors, aliases, tags, merge keys,
//! carriage returns, and tabs outside of text are left to the reader, as are lists of objects.

mod characters;
mod flow;
mod scalar;
#[cfg(test)]
mod tests;

use characters::{are_printable, is_in_key};
use scalar::Scalar;

use super::identity::IdentityFields;
use super::resolve::is_plain_string;

/// The longest key that is scanned. The reader refuses one of more than 1,024 characters, as `kubectl`
/// does.
const MAX_KEY: usize = 1000;

/// The deepest nesting that is accepted; the reader's limit lies far above.
const MAX_DEPTH: usize = 64;

/// A scanner, whose memory serves one document after the other.
#[derive(Debug, Default)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// The block collections that are open, from the outermost to the innermost.
    open: Vec<Collection>,
    /// The keys of all maps that are open.
    keys: Vec<&'t str>,
    /// Whether the last key or dash has no value yet: it may stand on the next lines.
    pending: bool,
    /// Whether the last key of the document is `metadata`.
    in_metadata: bool,
    found: Found<'t>,
}

/// What is known of the identity so far.
#[derive(Debug, Default, Clone, Copy)]
struct Found<'t> {
    api_version: Option<&'t str>,
    kind: Option<&'t str>,
    namespace: Option<&'t str>,
    name: Option<&'t str>,
}

/// A block list or map that is open.
#[derive(Debug, Clone, Copy)]
struct Collection {
    column: usize,
    list: bool,
    /// How many keys were open before those of the map.
    keys: usize,
}

impl<'t> Scanner<'t> {
    /// Returns the identity of the document, if it is accepted.
    pub(super) fn scan(&mut self, text: &'t str) -> Option<IdentityFields<'t>> {
        if !are_printable(text) {
            return None;
        }
        self.start(text);
        while self.at < text.len() {
            let column = self.skip_spaces();
            match self.peek()? {
                b'\n' => self.at += 1,
                b'#' => self.skip_line()?,
                _ => self.line(column)?,
            }
        }
        while !self.open.is_empty() {
            self.close()?;
        }
        self.identity()
    }

    fn start(&mut self, text: &'t str) {
        (self.text, self.at) = (text, 0);
        self.open.clear();
        self.keys.clear();
        (self.pending, self.in_metadata) = (true, false);
        self.found = Found::default();
    }

    fn identity(&self) -> Option<IdentityFields<'t>> {
        let Found { api_version, kind, namespace, name } = self.found;
        let (namespace, name) = (namespace.filter(is_given), name.filter(is_given));
        let (api_version, kind) = (api_version?, kind?);
        let is_object = is_given(&api_version) && is_given(&kind) && !kind.ends_with("List");
        is_object.then_some(IdentityFields { api_version, kind, namespace, name })
    }

    /// Reads a line that begins a key or an item at `column`.
    fn line(&mut self, column: usize) -> Option<()> {
        if !self.is_at_dash() {
            self.enter(column, false)?;
            let key = self.key()?;
            return self.entry(key, column);
        }
        self.enter(column, true)?;
        self.item(column)
    }

    /// Closes what ends before a line at `column`, and opens what begins with it.
    fn enter(&mut self, column: usize, list: bool) -> Option<()> {
        let stays = |last: &Collection| last.column == column && last.list == list;
        if self.pending && self.begins_value(column, list) {
            return self.open(column, list);
        }
        if self.open.last().is_some_and(stays) {
            return Some(());
        }
        while let Some(last) = self.open.last() {
            // A list may stand at the column of its key; the next key then ends it.
            let over = last.column > column || (last.column == column && last.list && !list);
            if !over {
                break;
            }
            self.close()?;
        }
        self.open.last().is_some_and(stays).then_some(())
    }

    /// Returns whether a line is the value of the key or dash before it.
    fn begins_value(&self, column: usize, list: bool) -> bool {
        match self.open.last() {
            None => column == 0 && !list,
            Some(last) => column > last.column || (column == last.column && list && !last.list),
        }
    }

    fn open(&mut self, column: usize, list: bool) -> Option<()> {
        if self.open.len() == MAX_DEPTH {
            return None;
        }
        self.open.push(Collection { column, list, keys: self.keys.len() });
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        let last = self.open.pop()?;
        self.check_keys(last.keys)
    }

    /// Drops the keys from `start` on, if each stands there once.
    fn check_keys(&mut self, start: usize) -> Option<()> {
        let unique = are_unique(self.keys.get_mut(start..)?);
        self.keys.truncate(start);
        unique.then_some(())
    }

    /// Reads an item, whose dash stands at `column`.
    fn item(&mut self, column: usize) -> Option<()> {
        let mut dash = column;
        loop {
            self.at += 1;
            let start = dash + 1 + self.skip_spaces();
            if self.is_at_dash() {
                self.open(start, true)?;
                dash = start;
                continue;
            }
            if let Some(key) = self.key() {
                self.open(start, false)?;
                return self.entry(key, start);
            }
            return self.value(dash).map(|_| ());
        }
    }

    /// Reads the value of a key that stands at `column`, which lies behind its colon.
    fn entry(&mut self, key: &'t str, column: usize) -> Option<()> {
        self.keys.push(key);
        self.skip_spaces();
        let value = self.value(column)?;
        match (self.open.len(), key) {
            (1, "apiVersion") => self.found.api_version = Some(value.string()?),
            (1, "kind") => self.found.kind = Some(value.string()?),
            // A flow map would hold the name.
            (1, "metadata") if !self.pending => return None,
            (2, "name") if self.in_metadata => self.found.name = Some(value.string()?),
            (2, "namespace") if self.in_metadata => self.found.namespace = Some(value.string()?),
            _ => {}
        }
        if self.open.len() == 1 {
            self.in_metadata = key == "metadata";
        }
        Some(())
    }

    /// Reads what stands behind a key or a dash to the end of its line; block scalars must lie deeper
    /// than `column`.
    fn value(&mut self, column: usize) -> Option<Scalar<'t>> {
        let first = self.peek()?;
        self.pending = matches!(first, b'\n' | b'#');
        let value = match first {
            b'\n' | b'#' => Scalar::Other,
            b'|' | b'>' => return self.block_scalar(column),
            b'"' | b'\'' => self.quoted(first)?,
            b'[' | b'{' => self.flow()?,
            _ => self.plain()?,
        };
        self.end_line()?;
        Some(value)
    }

    /// Reads a key that is a plain word and a string, with the colon behind it.
    fn key(&mut self) -> Option<&'t str> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = rest.iter().position(|&byte| !is_in_key(byte))?;
        let [b':', b' ' | b'\n', ..] = rest.get(length..)? else { return None };
        let is_other = matches!(rest, [b'-' | b':', ..] | [b'.', b'.', ..]);
        if is_other || length > MAX_KEY {
            return None;
        }
        let key = self.text.get(self.at..self.at + length)?;
        if !is_string(key) {
            return None;
        }
        self.at += length + 1;
        Some(key)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Returns whether a dash stands here that begins an item.
    fn is_at_dash(&self) -> bool {
        let bytes = self.text.as_bytes();
        bytes.get(self.at) == Some(&b'-') && matches!(bytes.get(self.at + 1), Some(b' ' | b'\n'))
    }

    /// Skips spaces, and returns how many.
    fn skip_spaces(&mut self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let spaces = rest.iter().take_while(|&&byte| byte == b' ').count();
        self.at += spaces;
        spaces
    }

    /// Skips what is left of the line, and its end.
    fn skip_line(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += memchr::memchr(b'\n', rest)? + 1;
        Some(())
    }

    /// Skips the end of a line, and a comment before it.
    fn end_line(&mut self) -> Option<()> {
        let separated = self.skip_spaces() > 0 || self.pending;
        match self.peek()? {
            b'\n' => {
                self.at += 1;
                Some(())
            }
            b'#' if separated => self.skip_line(),
            _ => None,
        }
    }
}

fn is_given(text: &&str) -> bool {
    !text.is_empty()
}

/// Returns whether a plain word is a string to Kubernetes, mostly by its first letter: booleans and
/// null are short words, and numbers begin with no letter.
fn is_string(word: &str) -> bool {
    const LONGEST: usize = "false".len();
    let Some(first) = word.as_bytes().first() else { return false };
    let short = word.len() <= LONGEST;
    let may_be_word = short && matches!(first | 0x20, b'y' | b'n' | b'o' | b't' | b'f');
    (first.is_ascii_alphabetic() && !may_be_word) || is_plain_string(word)
}

/// Returns whether no key is there twice; they may be put in another order.
fn are_unique(keys: &mut [&str]) -> bool {
    const FEW: usize = 12;
    if keys.len() > FEW {
        keys.sort_unstable();
        return keys.windows(2).all(|pair| pair.first() != pair.last());
    }
    let mut rest = &*keys;
    while let [first, others @ ..] = rest {
        // Most keys differ in their lengths.
        if others.iter().any(|other| other.len() == first.len() && other == first) {
            return false;
        }
        rest = others;
    }
    true
}
