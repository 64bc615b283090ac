//! The difference between a folder and what would be written, for a person and for `git apply`.
//!
//! Values of Secrets are not shown, and nothing of a file that cannot be read.

use std::path::Path;

use rollstep::Source;
use rollstep::escape;
use rollstep::review::{comments_on_secret, mask, mask_repeated, repeated_secrets};
use serde_json::Value;
use similar::TextDiff;

use super::inventory::INVENTORY;
use super::standing::Difference;

const NOWHERE: &str = "/dev/null";

/// Returns the differences as unified diffs.
pub(crate) fn show_difference(folder: &Path, differences: &[Difference]) -> String {
    let shown = differences.iter().map(|difference| escape::patch(&show(folder, difference)));
    shown.collect()
}

fn show(folder: &Path, difference: &Difference) -> String {
    let Difference { path, before, after, left_behind } = difference;
    let is_inventory = path == INVENTORY;
    let path = folder.join(path).display().to_string();
    let path = escape::line(&path);
    let name = |there: bool| if there { &*path } else { NOWHERE };
    let header = (name(before.is_some()), name(after.is_some()));
    if *left_behind {
        return format!(
            "--- {path}\n+++ {NOWHERE}\n# left by a run that was killed; the next one removes it\n"
        );
    }
    let text = |bytes: &Vec<u8>| std::str::from_utf8(bytes).map(str::to_owned);
    let before = match before.as_ref().map(text).transpose() {
        Ok(before) => before.unwrap_or_default(),
        Err(_) => return unshown(header),
    };
    let after = after.as_deref().unwrap_or_default();
    if is_inventory {
        return unified(&before, after, header).unwrap_or_else(|| unshown(header));
    }
    let (Some(mut old), Some(mut new)) = (objects(&before), objects(after)) else {
        return unshown(header);
    };
    let mut masked = mask_secrets(&mut old, &mut new);
    let repeated = |text: &str| repeated_secrets(&Source::new("file", text));
    let repeated = [repeated(&before), repeated(after)];
    let [gone, come] = &repeated;
    for object in &mut old {
        masked |= mask_repeated(Some(object), None, [gone, come]);
    }
    for object in &mut new {
        masked |= mask_repeated(None, Some(object), [gone, come]);
    }
    let shown = if masked || [&before, after].into_iter().any(comments_on_secret) {
        unified(&written(&old), &written(&new), header)
    } else {
        unified(&before, after, header)
    };
    shown.unwrap_or_else(|| unshown(header))
}

fn unified(before: &str, after: &str, (from, to): (&str, &str)) -> Option<String> {
    let shown = TextDiff::from_lines(before, after).unified_diff().header(from, to).to_string();
    (!shown.is_empty()).then_some(shown)
}

/// Returns what is said of a difference that is not shown.
fn unshown((from, to): (&str, &str)) -> String {
    format!("--- {from}\n+++ {to}\n# differs in what is not shown\n")
}

/// Returns the objects of a file, if it can be read.
fn objects(text: &str) -> Option<Vec<Value>> {
    rollstep::read(&[Source::new("file", text)]).ok()
}

/// Masks the Secrets of both sides, and returns whether there are any.
///
/// What has the name of a Secret on the other side is taken for it: the kind may be what differs.
fn mask_secrets(old: &mut [Value], new: &mut [Value]) -> bool {
    let mut left: Vec<&mut Value> = new.iter_mut().collect();
    let (mut unmatched, mut masked) = (Vec::new(), false);
    for before in old {
        match take(&mut left, |after| name(after) == name(before) && kind(after) == kind(before)) {
            Some(after) => masked |= mask(Some(before), Some(after)),
            None => unmatched.push(before),
        }
    }
    for before in unmatched {
        let after = take(&mut left, |after| name(after) == name(before));
        masked |= mask(Some(before), after);
    }
    left.into_iter().fold(masked, |masked, after| mask(None, Some(after)) || masked)
}

fn take<'v>(
    left: &mut Vec<&'v mut Value>,
    is_wanted: impl Fn(&Value) -> bool,
) -> Option<&'v mut Value> {
    let at = left.iter().position(|value| is_wanted(value))?;
    Some(left.remove(at))
}

fn kind(object: &Value) -> Option<&Value> {
    object.get("kind")
}

fn name(object: &Value) -> [Option<&Value>; 2] {
    ["/metadata/namespace", "/metadata/name"].map(|path| object.pointer(path))
}

fn written(objects: &[Value]) -> String {
    objects.iter().map(rollstep::to_yaml).collect::<Vec<_>>().join("---\n")
}
