//! Several names in one message.

use std::fmt::Display;

/// Returns the names in backticks, with commas between them.
pub(crate) fn listed(names: impl IntoIterator<Item = impl Display>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
