//! Scalars that kustomize reads otherwise than `kubectl`.
//!
//! kustomize keeps `yes`, `no`, `on`, `off`, `y` and `n` as strings and makes timestamps of dates. An
//! object that goes through it would mean something else than what is rendered here.

use super::node::Content;
use super::resolve::is_date;
use super::resource::{Field, Resource};
use crate::diagnostic::Problem;
use crate::diagnostic::codes::KUSTOMIZE_DIFFERS;

impl<'a> Resource<'a> {
    /// Returns a warning for each scalar of the object that kustomize reads otherwise.
    pub(crate) fn kustomize_differences(&self) -> Vec<Problem<'a>> {
        let mut found = Vec::new();
        self.collect(&self.root(), &mut found);
        found
    }

    fn collect(&self, field: &Field<'_, 'a>, found: &mut Vec<Problem<'a>>) {
        let node = field.node();
        match &node.content {
            Content::Scalar { plain: true, value } if !node.alias => {
                let written = self.document.text().get(node.span.range()).unwrap_or_default();
                let word = value.is_boolean() && !is_common_boolean(written);
                let date = value.as_str().is_some_and(is_date);
                if word || date {
                    found.push(difference(field, written));
                }
            }
            Content::Scalar { .. } => {}
            Content::Sequence { .. } => {
                for item in field.items() {
                    self.collect(&item, found);
                }
            }
            Content::Mapping { .. } => {
                for value in field.written_values() {
                    self.collect(&value, found);
                }
            }
        }
    }
}

fn difference<'a>(field: &Field<'_, 'a>, written: &str) -> Problem<'a> {
    let message = format!("`{written}` is one thing to `kubectl` and another to kustomize");
    let help = if is_date(written) {
        "put the value in quotes"
    } else {
        "write true or false, or put the value in quotes if it is a string"
    };
    field.problem(&KUSTOMIZE_DIFFERS, message).help(help)
}

/// Returns whether a word is `true` or `false` in any case, which every reader takes for a boolean.
fn is_common_boolean(written: &str) -> bool {
    written.eq_ignore_ascii_case("true") || written.eq_ignore_ascii_case("false")
}
