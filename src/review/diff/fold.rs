//! Long annotations, folded: the original of a route is no pleasure to read on one line.
//!
//! A folded value is named by its length and a hash, so that two that differ are told apart.

use crate::manifest::{self, Entry};

use super::State;

/// The longest annotation that is shown, in characters.
const MAX_SHOWN: usize = 80;

/// Folds the long annotations in the text; the value stays.
pub(super) fn fold(state: &mut State) {
    let Some(root) = manifest::parse(&state.text) else { return };
    let annotations = root.child("metadata").and_then(|metadata| metadata.child("annotations"));
    let Some(annotations) = annotations.filter(|annotations| !annotations.alias) else { return };
    // From the last to the first, so that the places of those before stay.
    let mut long: Vec<_> = annotations.entries().iter().filter_map(folded).collect();
    long.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, shown) in long {
        let Some(written) = state.text.get(span.clone()) else { continue };
        // A block ends where the next line begins, whose indentation stays.
        let ending = written.rfind('\n').and_then(|at| written.get(at..));
        let ending =
            ending.filter(|ending| ending.trim().is_empty()).unwrap_or_default().to_owned();
        state.text.replace_range(span, &format!("{shown}{ending}"));
    }
}

/// Returns the bytes of a long value, and what is shown in their place.
fn folded(entry: &Entry) -> Option<(std::ops::Range<usize>, String)> {
    if entry.merged || entry.value.alias {
        return None;
    }
    let text = entry.value.as_str()?;
    let length = text.chars().count();
    let shown = || format!("… ({length} characters, {:08x})", hash(text));
    (length > MAX_SHOWN).then(|| (entry.value.span.range(), shown()))
}

/// Returns the hash of 32-bit FNV-1a, which is short and the same everywhere.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::{State, fold};

    #[test]
    fn long_annotations_are_named_by_length_and_hash() {
        let long = "x".repeat(121);
        let text = format!(
            "# above\nmetadata:\n  annotations:\n    a: short\n    b: '{long}' # beside\n    c: |\n      \
             {long}\n    d: {long}\n  name: web\n"
        );
        let mut state = State { text, ..State::default() };
        fold(&mut state);
        let expected = "# above\nmetadata:\n  annotations:\n    a: short\n    b: … (121 characters, \
             26560ce7) # beside\n    c: … (122 characters, 46765917)\n    d: … (121 characters, \
             26560ce7)\n  name: web\n";
        assert_eq!(state.text, expected);
    }
}
