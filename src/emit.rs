//! Values as YAML, and edits as changes of a text.
//!
//! Writes what `kubectl`, `kustomize` and every other reader take for the same value, in the manner
//! of `kubectl -o yaml` but with nothing folded and keys in the order they came. What is to be
//! written is decided in [`render`](mod@crate::render).

mod block;
mod line;
mod list;
mod scalar;
mod splice;
mod stream;
mod style;

use serde_json::Value;

pub(crate) use list::{ItemText, as_item, is_item, item_text};
pub(crate) use splice::{splice, splice_whole};
pub(crate) use stream::{to_json, to_parts, values};
use style::{Strings, Style};

/// Returns a value as a YAML document, with a newline at its end.
///
/// Keys keep their order, lists stand at the column of their key, and every string that some reader
/// could take for something else is quoted.
///
/// ```
/// let value = serde_json::json!({"on": [0.5, "yes"], "script": "set -e\nls\n"});
/// assert_eq!(
///     "\"on\":\n- 0.5\n- \"yes\"\nscript: |\n  set -e\n  ls\n",
///     rollstep::to_yaml(&value),
/// );
/// ```
pub fn to_yaml(value: &Value) -> String {
    block::document(value, &Style::default())
}

/// Does the same, and keeps the lines of every string that a literal block can hold.
pub(crate) fn to_yaml_whole(value: &Value) -> String {
    let text = block::document(value, &Style { strings: Strings::Whole, ..Style::default() });
    if splice::says(&text, value) { text } else { to_yaml(value) }
}
