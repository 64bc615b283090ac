//! A document after edits has the value that the edits make of the value before.
//!
//! The first byte is the number of edits, three bytes choose each of them, and the rest is the text.

use rollstep::Source;

use crate::same::is_same;

const MAX_EDITS: usize = 8;

pub fn edit(bytes: &[u8]) {
    let Some((count, rest)) = bytes.split_first() else { return };
    let Some((picks, text)) = rest.split_at_checked(usize::from(*count) % (MAX_EDITS + 1) * 3)
    else {
        return;
    };
    let (picks, _) = picks.as_chunks::<3>();
    let Ok(source) = Source::from_bytes("input.yaml", text.to_vec()) else { return };
    let Some(edited) = rollstep::fuzzing::edit(&source, picks) else { return };
    let same = edited.found.as_ref().is_some_and(|found| is_same(&edited.expected, found));
    assert!(same && edited.after.ends_with('\n'), "{edited:#?}");
}
