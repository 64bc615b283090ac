//! Words that a reader of YAML 1.2 reads otherwise than `kubectl`.
//!
//! `kubectl` reads YAML 1.1 with the exceptions of go-yaml, and kustomize agrees with it here; other
//! tools that an object passes through may not. Words that only Kubernetes takes for booleans are the
//! business of [`kustomize`](super::kustomize).

use super::node::{Content, Entry};
use super::resource::{Field, Resource};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::AMBIGUOUS_YAML;

/// What YAML 1.1 alone takes for a line break.
const LINE_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

impl<'a> Resource<'a> {
    /// Returns a warning for each part of the object that readers of YAML 1.2 read otherwise.
    pub(crate) fn yaml_1_2_differences(&self) -> Vec<Problem<'a>> {
        let mut found = Vec::new();
        found.extend(self.line_break());
        self.collect_words(&self.root(), false, &mut found);
        found
    }

    /// Returns a warning for the first line break that is not one in YAML 1.2.
    fn line_break(&self) -> Option<Problem<'a>> {
        let (offset, character) = self.document.text().match_indices(LINE_BREAKS).next()?;
        let message = format!(
            "`{}` is a line break to `kubectl` and a character to readers of YAML 1.2",
            character.escape_unicode()
        );
        let help = "remove it, or write it as an escape between double quotes";
        Some(Problem::new(&AMBIGUOUS_YAML, message).at(self.document.place(offset)).help(help))
    }

    /// Collects the words between brackets and braces that are keys in YAML 1.2, or are none.
    fn collect_words(&self, field: &Field<'_, 'a>, in_flow: bool, found: &mut Vec<Problem<'a>>) {
        let node = field.node();
        if node.alias {
            return;
        }
        let in_flow = in_flow || node.is_flow();
        match &node.content {
            Content::Scalar { plain: true, .. } if in_flow => {
                let written = self.document.text().get(node.span.range()).unwrap_or_default();
                if written.ends_with(':') {
                    found.push(self.colon(written, node.span.start()));
                }
            }
            Content::Scalar { .. } => {}
            Content::Sequence { .. } => {
                for item in field.items() {
                    self.collect_words(&item, in_flow, found);
                }
            }
            Content::Mapping { entries, .. } => {
                if in_flow {
                    let written = entries.iter().filter(|entry| !entry.merged);
                    found.extend(written.filter_map(|entry| self.flow_key(entry)));
                }
                for value in field.written_values() {
                    self.collect_words(&value, in_flow, found);
                }
            }
        }
    }

    fn flow_key(&self, entry: &Entry) -> Option<Problem<'a>> {
        let text = self.document.text();
        let (start, written) = (entry.key_span.start(), text.get(entry.key_span.range())?);
        if written.ends_with(':') {
            return Some(self.colon(written, start));
        }
        if !text.get(..start)?.ends_with('?') {
            return None;
        }
        let message =
            "`?` is the mark of a key to `kubectl` and part of a word to readers of YAML 1.2";
        let problem = Problem::new(&AMBIGUOUS_YAML, message).at(self.document.place(start - 1));
        Some(problem.help("put a blank behind `?`, or the word in quotes"))
    }

    fn colon(&self, written: &str, offset: usize) -> Problem<'a> {
        let message =
            format!("`{written}` is a word to `kubectl` and a key to readers of YAML 1.2");
        Problem::new(&AMBIGUOUS_YAML, message)
            .at(self.document.place(offset))
            .help("put the word in quotes, or a blank behind the colon if it is a key")
    }
}
