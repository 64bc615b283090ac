//! Events from granit-parser, with the corners filed where it reads otherwise than `kubectl`.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{
    ErrorKind, Event as GranitEvent, Options, Parser, ScalarStyle as GranitStyle, ScanError, Span,
    StrInput, StructureStyle, Tag,
};

use super::{Event, EventKind, MAX_DEPTH, Properties, ReadError, ReadErrorKind, ScalarStyle};

/// Returns the events of the first document of `text`.
pub(in crate::manifest) fn events(
    text: &str,
) -> impl Iterator<Item = Result<Event<'_>, ReadError>> {
    Granit {
        text,
        parser: Parser::new_from_str_with_options(text, options()),
        previous_end: 0,
        over: false,
        flow_depth: 0,
        line_break: find_foreign_line_break(text),
    }
}

fn options() -> Options {
    granit_parser::options! {
        emit_anchor_events: true,
        emit_comments: false,
        disallow_directives: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}

struct Granit<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    /// Where the event before ended; the header of a block scalar lies after it.
    previous_end: usize,
    over: bool,
    /// How many brackets and braces are open.
    flow_depth: usize,
    line_break: Option<usize>,
}

impl<'t> Iterator for Granit<'t> {
    type Item = Result<Event<'t>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(offset) = self.line_break.take() {
            return self.fail(foreign_line_break(offset));
        }
        loop {
            if self.over {
                return None;
            }
            let (event, span) = match self.parser.next_event()? {
                Ok(next) => next,
                Err(error) => return self.fail(self.read_error(&error)),
            };
            match self.translate(event, span) {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) => {}
                Err(error) => return self.fail(error),
            }
        }
    }
}

impl<'t> Granit<'t> {
    fn fail(&mut self, error: ReadError) -> Option<Result<Event<'t>, ReadError>> {
        self.over = true;
        Some(Err(error))
    }

    fn read_error(&self, error: &ScanError) -> ReadError {
        let offset = error.marker().byte_offset().unwrap_or_default();
        let message = error.info();
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => {
                let message = format!("nested deeper than {MAX_DEPTH} levels");
                ReadError { kind: ReadErrorKind::TooDeep, message, offset }
            }
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart => {
                let message = "a tab cannot indent".to_owned();
                ReadError { kind: ReadErrorKind::Tab, message, offset }
            }
            ErrorKind::InvalidQuotedScalarIndent | ErrorKind::UnclosedQuotedScalar => {
                let message = "the quote is not closed".to_owned();
                let offset = self.next_quote().unwrap_or(offset);
                ReadError { kind: ReadErrorKind::Quote, message, offset }
            }
            _ => ReadError { kind: ReadErrorKind::Syntax, message, offset },
        }
    }

    /// Returns where the quoted scalar begins that could not be read to its end.
    fn next_quote(&self) -> Option<usize> {
        let rest = self.text.get(self.previous_end..)?;
        rest.find(['"', '\'']).map(|quote| self.previous_end + quote)
    }

    fn translate(
        &mut self,
        event: GranitEvent<'t>,
        span: Span,
    ) -> Result<Option<Event<'t>>, ReadError> {
        let range = span.byte_range().unwrap_or_default();
        let (kind, anchor, tag) = match event {
            GranitEvent::Scalar(text, style, anchor, tag) => {
                let properties = self.properties((anchor, tag, span))?;
                return self.scalar((text, style), range, properties).map(Some);
            }
            GranitEvent::SequenceStart(style, anchor, tag) => {
                (EventKind::SequenceStart { flow: style == StructureStyle::Flow }, anchor, tag)
            }
            GranitEvent::MappingStart(style, anchor, tag) => {
                (EventKind::MappingStart { flow: style == StructureStyle::Flow }, anchor, tag)
            }
            GranitEvent::SequenceEnd => (EventKind::SequenceEnd, 0, None),
            GranitEvent::MappingEnd => (EventKind::MappingEnd, 0, None),
            GranitEvent::Alias(anchor) => (EventKind::Alias(anchor), 0, None),
            GranitEvent::DocumentEnd => {
                self.over = true;
                (EventKind::DocumentEnd, 0, None)
            }
            _ => return Ok(None),
        };
        if matches!(kind, EventKind::Alias(_)) {
            check_anchor_name(self.text.get(range.start + 1..range.end), range.start)?;
        }
        self.count_flow(&kind);
        let properties = self.properties((anchor, tag, span))?;
        self.previous_end = range.end;
        Ok(Some(Event { kind, span: range, properties }))
    }

    /// Within brackets and braces there is nothing but flow.
    fn count_flow(&mut self, kind: &EventKind<'_>) {
        match kind {
            EventKind::SequenceStart { flow } | EventKind::MappingStart { flow } => {
                self.flow_depth += usize::from(*flow || self.flow_depth > 0);
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                self.flow_depth = self.flow_depth.saturating_sub(1);
            }
            EventKind::Scalar { .. } | EventKind::Alias(_) | EventKind::DocumentEnd => {}
        }
    }

    fn scalar(
        &mut self,
        (text, style): (Cow<'t, str>, GranitStyle),
        range: Range<usize>,
        properties: Properties,
    ) -> Result<Event<'t>, ReadError> {
        if style == GranitStyle::Plain && self.flow_depth > 0 && text.starts_with('?') {
            return Err(question_mark(range.start));
        }
        let (text, style, span) = match style {
            // A node that is not there arrives as `~` without a span.
            GranitStyle::Plain if range.is_empty() => {
                (Cow::Borrowed(""), ScalarStyle::Plain, range)
            }
            GranitStyle::Plain => (text, ScalarStyle::Plain, range),
            GranitStyle::SingleQuoted => (text, ScalarStyle::Quoted, range),
            GranitStyle::DoubleQuoted => {
                check_escapes(self.text.get(range.clone()).unwrap_or_default(), range.start)?;
                (text, ScalarStyle::Quoted, range)
            }
            GranitStyle::Literal | GranitStyle::Folded => {
                let header = block_header(self.text, self.previous_end).unwrap_or(range.start);
                check_block_indentation(
                    self.text.get(header..range.end).unwrap_or_default(),
                    header,
                )?;
                (text, ScalarStyle::Block, header..range.end)
            }
        };
        self.previous_end = span.end;
        Ok(Event { kind: EventKind::Scalar { text, style }, span, properties })
    }

    /// Reads the anchor event that follows an anchored node.
    fn properties(
        &mut self,
        (anchor, tag, span): (usize, Option<Cow<'t, Tag>>, Span),
    ) -> Result<Properties, ReadError> {
        if anchor == 0 && tag.is_none() {
            return Ok(Properties::default());
        }
        let mut start = span.tag_start().and_then(|marker| marker.byte_offset());
        if anchor != 0
            && let Some(Ok((GranitEvent::Anchor(_, name), span))) = self.parser.next_event()
        {
            let at = span.byte_range().unwrap_or_default().start;
            check_anchor_name(Some(&name), at)?;
            start = Some(start.map_or(at, |tag_start| tag_start.min(at)));
        }
        let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
        Ok(Properties { anchor: (anchor != 0).then_some(anchor), tag, start })
    }
}

/// Finds the `|` or `>` of a block scalar behind `from`: past the key's colon or the item's dash,
/// anchors, tags, blanks and comments.
fn block_header(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'|' | b'>' => return Some(at),
            b'#' => at += text.get(at..)?.find('\n')?,
            b'&' | b'!' => at += text.get(at..)?.find(char::is_whitespace)?,
            _ => at += 1,
        }
    }
}

/// libyaml takes no tab where it looks for the indentation of a block scalar.
fn check_block_indentation(block: &str, offset: usize) -> Result<(), ReadError> {
    let mut lines = block.split('\n');
    let header = lines.next().unwrap_or_default();
    let indicators = header.split([' ', '\t', '#', '\r']).next().unwrap_or_default();
    if indicators.contains(|indicator: char| indicator.is_ascii_digit()) {
        return Ok(());
    }
    for line in lines {
        let content = line.trim_start_matches([' ', '\t', '\r']);
        if line.get(..line.len() - content.len()).unwrap_or_default().contains('\t') {
            let message = "a tab stands where the indentation of a block scalar should be";
            return Err(ReadError::syntax(offset, message));
        }
        if !content.is_empty() {
            break;
        }
    }
    Ok(())
}

/// go-yaml takes only letters, digits, `_` and `-` in the name of an anchor.
fn check_anchor_name(name: Option<&str>, offset: usize) -> Result<(), ReadError> {
    let name = name.unwrap_or_default();
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) {
        return Ok(());
    }
    Err(ReadError::syntax(offset, format!("`{name}` is no name for an anchor")))
}

/// go-yaml knows neither `\/` nor halves of surrogate pairs.
fn check_escapes(quoted: &str, offset: usize) -> Result<(), ReadError> {
    let mut rest = quoted;
    while let Some(found) = rest.find('\\') {
        let at = offset + (quoted.len() - rest.len()) + found;
        let escape = rest.get(found + 1..).unwrap_or_default();
        let surrogate = ["ud8", "ud9", "uda", "udb", "udc", "udd", "ude", "udf"];
        let head = escape.get(..3).unwrap_or_default().to_ascii_lowercase();
        if escape.starts_with('/')
            || (surrogate.contains(&head.as_str()) && escape.starts_with('u'))
        {
            return Err(ReadError::syntax(at, "this escape is valid in JSON only, not in YAML"));
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    Ok(())
}

/// YAML 1.1 breaks lines at U+0085, U+2028 and U+2029, YAML 1.2 does not.
fn find_foreign_line_break(text: &str) -> Option<usize> {
    if text.is_ascii() { None } else { text.find(['\u{85}', '\u{2028}', '\u{2029}']) }
}

/// YAML 1.1 takes a `?` between brackets or braces for the mark of a key, whatever follows.
fn question_mark(offset: usize) -> ReadError {
    ReadError {
        kind: ReadErrorKind::Ambiguous,
        message: "`kubectl` takes this `?` for the mark of a key".to_owned(),
        offset,
    }
}

fn foreign_line_break(offset: usize) -> ReadError {
    ReadError {
        kind: ReadErrorKind::Ambiguous,
        message: "the text holds U+0085, U+2028 or U+2029, which `kubectl` reads as a line break"
            .to_owned(),
        offset,
    }
}
