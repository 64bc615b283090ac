//! Events of a YAML text, by the rules of the parser in `kubectl`.
//!
//! `kubectl` reads with `sigs.k8s.io/yaml`, whose goyaml.v2 is go-yaml 2.4, a translation of libyaml:
//! YAML 1.1 with exceptions of its own. A reader of YAML 1.2 finds other values in some texts and says
//! nothing, so the rules here are those of goyaml.v2, and each module names the function that has them:
//! the [`cursor`] knows blanks and line breaks, the [`scanner`] makes tokens, and the [`parser`] makes
//! events of these. Nothing recurses, no queue grows beyond what a key can hold, and scalars borrow
//! from the text where it says what they mean.
//!
//! Some texts that `kubectl` reads are refused: nesting beyond 255 levels, which no object needs; bytes
//! that are not UTF-8, in whose place it puts U+FFFD; a byte order mark behind the first 500 bytes, and a
//! control character behind the end of the document, of which its buffer decides ([`characters`]); and a
//! value that JSON cannot hold under a key that is given again, where it looks at the last one only.
//!
//! What a scalar means is left to [`resolve`](crate::manifest::resolve).

mod block;
mod block_scalar;
mod characters;
mod cursor;
mod flow;
mod parser;
mod plain;
mod properties;
mod quoted;
mod scanner;
mod simple_key;
#[cfg(any(test, feature = "fuzzing"))]
mod soundness;
#[cfg(test)]
mod tests;
mod token;

use super::{Event, ReadError, ReadErrorKind};
use parser::{Parser, State};
#[cfg(any(test, feature = "fuzzing"))]
pub(in crate::manifest) use soundness::unsound;

/// Returns the events of the first document of `text`.
pub(in crate::manifest) fn events(
    text: &str,
) -> impl Iterator<Item = Result<Event<'_>, ReadError>> {
    Reader { parser: Parser::new(text), refused: characters::check(text).err() }
}

struct Reader<'t> {
    parser: Parser<'t>,
    /// The character that makes the text unreadable.
    refused: Option<ReadError>,
}

impl<'t> Iterator for Reader<'t> {
    type Item = Result<Event<'t>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let event = match self.refused.take() {
            Some(error) => Err(error),
            None => self.parser.next_event(),
        };
        event.map_err(|error| self.explain(error)).transpose()
    }
}

impl Reader<'_> {
    /// Ends the events with an error; if it lies right behind a quoted scalar that goes over lines, a
    /// missing quote is the cause.
    fn explain(&mut self, error: ReadError) -> ReadError {
        self.parser.state = State::Over;
        let scanner = &self.parser.scanner;
        match &scanner.long_quote {
            Some(quote)
                if error.kind == ReadErrorKind::Syntax
                    && quote.end <= error.offset
                    && !scanner.cursor.slice(quote.end..error.offset).contains('\n') =>
            {
                quoted::not_closed(quote.start)
            }
            _ => error,
        }
    }
}
