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
        if self.differs(&self.node) {
            self.collect(&self.node, &FieldPath::default(), &mut found);
        }
        found
    }

    fn differs(&self, node: &Node) -> bool {
        match &node.content {
            Content::Scalar { .. } => self.difference(node).is_some(),
            Content::Sequence { items, .. } => items.iter().any(|item| self.differs(item)),
            Content::Mapping { entries, .. } => {
                entries.iter().any(|entry| !entry.merged && self.differs(&entry.value))
            }
        }
    }

    fn collect(&self, node: &Node, path: &FieldPath, found: &mut Vec<Problem<'a>>) {
        match &node.content {
            Content::Scalar { .. } => {
                let written = self.difference(node);
                found.extend(written.map(|written| self.problem(path, written)));
            }
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

    /// Returns the text of a scalar that kustomize reads otherwise.
    fn difference(&self, node: &Node) -> Option<&'a str> {
        let Content::Scalar { plain: true, value } = &node.content else { return None };
        let written = self.document.text().get(node.span.clone())?;
        let word = value.is_boolean() && !is_common_boolean(written);
        let date = value.as_str().is_some_and(is_date);
        (!node.alias && (word || date)).then_some(written)
    }

    fn problem(&self, path: &FieldPath, written: &str) -> Problem<'a> {
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
