//! What holds of the events of any text, for tests and fuzzing.

use crate::manifest::event::{self, Event, EventKind, ScalarStyle};

/// Returns what is wrong with the events of a text, if anything is: spans that lie outside or go back,
/// a plain word that is not what is written, collections that are not closed, more events than bytes.
pub(in crate::manifest) fn unsound(text: &str) -> Option<String> {
    let mut start = 0;
    let mut open = 0_usize;
    let mut count = 0;
    for event in event::events(text) {
        count += 1;
        let Ok(event) = event else { return None };
        if text.get(event.span.clone()).is_none() || event.span.start < start {
            return Some(format!("{event:?} lies elsewhere"));
        }
        start = event.span.start;
        match event.kind {
            EventKind::SequenceStart { .. } | EventKind::MappingStart { .. } => open += 1,
            EventKind::SequenceEnd | EventKind::MappingEnd if open == 0 => {
                return Some(format!("{event:?} closes nothing"));
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => open -= 1,
            EventKind::DocumentEnd if open > 0 => return Some(format!("{open} are open")),
            EventKind::Scalar { .. } if !is_written(text, &event) => {
                return Some(format!("{event:?} is not what is written"));
            }
            _ => {}
        }
    }
    (count > 2 * text.len() + 3).then(|| format!("{count} events of {} bytes", text.len()))
}

/// Returns whether a plain word of one line is the text at its place.
fn is_written(text: &str, event: &Event<'_>) -> bool {
    let EventKind::Scalar { text: found, style: ScalarStyle::Plain } = &event.kind else {
        return true;
    };
    let written = text.get(event.span.clone()).unwrap_or_default();
    written == found || written.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}
