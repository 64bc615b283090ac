//! Where kustomize reads a scalar otherwise than `kubectl`.
//!
//! kustomize keeps `yes`, `no`, `on`, `off`, `y` and `n` as strings and makes timestamps of dates. An
//! object that goes through it would mean something else than what is rendered here.

use super::node::{Content, Node};
use super::path::FieldPath;
use super::resolve::is_date;
use super::resource::Resource;
use crate::diagnostic::Problem;
use crate::diagnostic::codes::KUSTOMIZE_DIFFERS;

impl<'a> Resource<'a> {
    /// Returns a warning for each scalar of the object that kustomize reads otherwise.
    pub(crate) fn kustomize_differences(&self) -> Vec<Problem<'a>> {
        let mut found = Vec::new();
        self.collect(&self.node, &FieldPath::default(), &mut found);
        found
    }

    fn collect(&self, node: &Node, path: &FieldPath, found: &mut Vec<Problem<'a>>) {
        match &node.content {
            Content::Scalar { plain: true, value } if !node.alias => {
                let written = self.document.text().get(node.span.clone()).unwrap_or_default();
                let word = value.is_boolean() && !is_common_boolean(written);
                let date = value.as_str().is_some_and(is_date);
                if word || date {
                    found.push(self.difference(path, written));
                }
            }
            Content::Scalar { .. } => {}
            Content::Sequence { items, .. } => {
                for (index, item) in items.iter().enumerate() {
                    self.collect(item, &path.index(index), found);
                }
            }
            Content::Mapping { entries, .. } => {
                for entry in entries.iter().filter(|entry| !entry.merged) {
                    self.collect(&entry.value, &path.key(&entry.key), found);
                }
            }
        }
    }

    fn difference(&self, path: &FieldPath, written: &str) -> Problem<'a> {
        let message = format!("`{written}` is one thing to `kubectl` and another to kustomize");
        let help = if is_date(written) {
            "put the value in quotes"
        } else {
            "write true or false, or put the value in quotes if it is a string"
        };
        self.problem_at(path, &KUSTOMIZE_DIFFERS, message).help(help)
    }
}

/// `true` and `false` in any case are booleans to everybody.
fn is_common_boolean(written: &str) -> bool {
    written.eq_ignore_ascii_case("true") || written.eq_ignore_ascii_case("false")
}
