//! The second opinion: events of libyaml-safer, a translation of the parser that `kubectl` uses.
//!
//! For tests only, since three inputs make it panic.

use std::borrow::Cow;
use std::collections::BTreeMap;

use libyaml_safer::{EventData, MappingStyle, Parser, ScalarStyle as LibyamlStyle, SequenceStyle};

use super::{Event, EventKind, Properties, ReadError, ScalarStyle};

/// Returns the events of the first document of `text`, all spans empty.
pub(in crate::manifest) fn events(text: &str) -> Vec<Result<Event<'static>, ReadError>> {
    // `kubectl` ends the last line, and folds what it takes for one line break.
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let text = [text, newline].concat().replace("\r\r\n", "\r\n");
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let mut anchors = Anchors::default();
    let mut events = Vec::new();
    for event in &mut parser {
        let translated = match event {
            Err(error) => Some(Err(ReadError::syntax(0, error.to_string()))),
            Ok(event) => translate(event.data, &mut anchors).transpose(),
        };
        let over =
            matches!(translated, Some(Err(_) | Ok(Event { kind: EventKind::DocumentEnd, .. })));
        events.extend(translated);
        if over {
            break;
        }
    }
    events
}

#[derive(Default)]
struct Anchors {
    by_name: BTreeMap<String, usize>,
    count: usize,
}

impl Anchors {
    fn define(&mut self, name: Option<String>) -> Option<usize> {
        let name = name?;
        self.count += 1;
        self.by_name.insert(name, self.count);
        Some(self.count)
    }
}

fn translate(data: EventData, anchors: &mut Anchors) -> Result<Option<Event<'static>>, ReadError> {
    let (kind, anchor, tag) = match data {
        EventData::Scalar { anchor, tag, value, style, .. } => {
            let style = match style {
                LibyamlStyle::SingleQuoted | LibyamlStyle::DoubleQuoted => ScalarStyle::Quoted,
                LibyamlStyle::Literal | LibyamlStyle::Folded => ScalarStyle::Block,
                _ => ScalarStyle::Plain,
            };
            (EventKind::Scalar { text: Cow::Owned(value), style }, anchor, tag)
        }
        EventData::SequenceStart { anchor, tag, style, .. } => {
            (EventKind::SequenceStart { flow: style == SequenceStyle::Flow }, anchor, tag)
        }
        EventData::MappingStart { anchor, tag, style, .. } => {
            (EventKind::MappingStart { flow: style == MappingStyle::Flow }, anchor, tag)
        }
        EventData::SequenceEnd => (EventKind::SequenceEnd, None, None),
        EventData::MappingEnd => (EventKind::MappingEnd, None, None),
        EventData::Alias { anchor } => match anchors.by_name.get(&anchor) {
            Some(&id) => (EventKind::Alias(id), None, None),
            None => return Err(ReadError::syntax(0, "unknown anchor")),
        },
        EventData::DocumentEnd { .. } => (EventKind::DocumentEnd, None, None),
        EventData::DocumentStart { version_directive: Some(_), .. } => {
            return Err(ReadError::syntax(0, "directive"));
        }
        _ => return Ok(None),
    };
    let properties = Properties { anchor: anchors.define(anchor), tag, start: None };
    Ok(Some(Event { kind, span: 0..0, properties }))
}
