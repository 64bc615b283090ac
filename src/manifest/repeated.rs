//! Values of Secrets that aliases repeat elsewhere in a document.
//!
//! An alias may stand in the Secret or outside of it, for a value, a whole map or a key. Who shows the
//! other place has to hide the value there as well. A value that two places merely have in common is not
//! repeated: an image may well be called as a database is.

use std::collections::BTreeSet;

use super::Manifest;
use super::compose::Keep;
use super::document::Document;
use super::node::{Content, Node};
use super::secret::may_be_secret;
use crate::diagnostic::Collector;
use crate::source::Source;

/// Fields of a Secret that anyone may see; what is in any other may be a value in the wrong place.
pub(crate) const SHOWN: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];

/// Fields of a Secret that hold what is secret.
pub(crate) const HIDDEN: [&str; 2] = ["data", "stringData"];

/// Returns the values of Secrets that aliases repeat in the documents of a source.
///
/// ```
/// use rollstep::Source;
/// use rollstep::review::repeated_secrets;
///
/// let text = "kind: List\nitems:\n- {kind: Secret, data: {a: &a aHVudGVyMg==}}\n- {note: *a}\n";
/// let repeated = repeated_secrets(&Source::new("list.yaml", text));
/// assert!(repeated.contains("aHVudGVyMg=="));
/// ```
pub fn repeated_secrets(source: &Source) -> BTreeSet<String> {
    let mut problems = Collector::default();
    Manifest::read(std::slice::from_ref(source), super::DEFAULT_NAMESPACE, &mut problems)
        .repeated_secrets()
}

impl Manifest<'_> {
    /// Returns the values of Secrets that aliases repeat, those of all documents.
    pub(crate) fn repeated_secrets(&self) -> BTreeSet<String> {
        self.documents.iter().flat_map(repeated_in).collect()
    }
}

fn repeated_in(document: &Document<'_>) -> BTreeSet<String> {
    let text = document.text();
    if !text.contains('&') || !text.contains('*') || !may_be_secret(text) {
        return BTreeSet::new();
    }
    let Some(root) = document.compose(Keep::Everything).ok().and_then(|read| read.root) else {
        return BTreeSet::new();
    };
    let mut found = Found { text, repeated: BTreeSet::new(), secret: BTreeSet::new() };
    found.visit(&root, Within::default());
    found.repeated.intersection(&found.secret).cloned().collect()
}

/// What a node stands in.
#[derive(Debug, Clone, Copy, Default)]
struct Within {
    alias: bool,
    /// A hidden field of a Secret.
    hidden: bool,
    /// A list of Secrets, whose items need not say their kind.
    list: bool,
}

/// The texts that were found in a document.
struct Found<'t> {
    text: &'t str,
    repeated: BTreeSet<String>,
    secret: BTreeSet<String>,
}

impl Found<'_> {
    fn visit(&mut self, node: &Node, within: Within) {
        let within = Within { alias: within.alias || node.alias, ..within };
        match &node.content {
            Content::Scalar { value, .. } => {
                self.note(&value.to_string(), within);
            }
            Content::Sequence { items, .. } => {
                for item in items {
                    self.visit(item, within);
                }
            }
            Content::Mapping { .. } => self.visit_map(node, within),
        }
    }

    fn visit_map(&mut self, map: &Node, within: Within) {
        let kind = map.child("kind").and_then(Node::as_str).unwrap_or_default();
        let is_list = kind.eq_ignore_ascii_case("SecretList");
        let is_secret = kind.eq_ignore_ascii_case("Secret") || within.list;
        // What refers to a Secret has its kind and a name that anyone may see.
        let whole = map.child("metadata").is_some();
        for entry in map.entries() {
            let key = &*entry.key;
            let hidden = HIDDEN.contains(&key) || (whole && !SHOWN.contains(&key));
            let alias = within.alias || entry.merged;
            let hidden = within.hidden || (is_secret && hidden);
            let within = Within { alias, hidden, list: is_list && key == "items" };
            let written = self.text.get(entry.key_span.range()).unwrap_or_default();
            if written.starts_with('*') {
                self.note(key, Within { alias: true, hidden: false, list: false });
            }
            self.visit(&entry.value, within);
        }
    }

    fn note(&mut self, text: &str, within: Within) {
        if within.alias && !text.is_empty() {
            self.repeated.insert(text.to_owned());
        }
        if within.hidden {
            self.secret.insert(text.to_owned());
        }
    }
}
