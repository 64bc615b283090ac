//! How the folder differs from what would be written, for a person and for `git apply`.
//!
//! Values of Secrets are not shown, and nothing of a file that cannot be read.

use std::path::Path;

use rollstep::Source;
use serde_json::Value;
use similar::TextDiff;

use super::inventory::INVENTORY;
use super::standing::Difference;

const NOWHERE: &str = "/dev/null";

const LAST_APPLIED: &str =
    "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";

/// Returns the differences as unified diffs.
pub(crate) fn show_difference(folder: &Path, differences: &[Difference]) -> String {
    differences.iter().map(|difference| show(folder, difference)).collect()
}

fn show(folder: &Path, Difference { path, before, after }: &Difference) -> String {
    let is_inventory = path == INVENTORY;
    let path = folder.join(path).display().to_string();
    let name = |there: bool| if there { path.as_str() } else { NOWHERE };
    let header = (name(before.is_some()), name(after.is_some()));
    let text = |bytes: &Vec<u8>| std::str::from_utf8(bytes).map(str::to_owned);
    let before = match before.as_ref().map(text).transpose() {
        Ok(before) => before.unwrap_or_default(),
        Err(_) => return unshown(header),
    };
    let after = after.as_deref().unwrap_or_default();
    if is_inventory {
        return unified(&before, after, header).unwrap_or_else(|| unshown(header));
    }
    match (objects(&before), objects(after)) {
        (Some(old), Some(new)) if old.iter().chain(&new).any(is_secret) => {
            let (shown, other) = (mask(&old, &new, "before"), mask(&new, &old, "after"));
            unified(&shown, &other, header).unwrap_or_else(|| unshown(header))
        }
        (Some(_), Some(_)) => unified(&before, after, header).unwrap_or_else(|| unshown(header)),
        (None, _) | (_, None) => unshown(header),
    }
}

fn unified(before: &str, after: &str, (from, to): (&str, &str)) -> Option<String> {
    let shown = TextDiff::from_lines(before, after).unified_diff().header(from, to).to_string();
    (!shown.is_empty()).then_some(shown)
}

/// What is left to say of a difference that is not shown.
fn unshown((from, to): (&str, &str)) -> String {
    format!("--- {from}\n+++ {to}\n# differs in what is not shown\n")
}

/// Returns the objects of a file, if it can be read.
fn objects(text: &str) -> Option<Vec<Value>> {
    rollstep::read(&[Source::new("file", text)]).ok()
}

fn is_secret(object: &Value) -> bool {
    object.get("kind").and_then(Value::as_str) == Some("Secret")
}

/// What of a Secret anyone may see.
const SHOWN: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];

/// Writes objects with the values of Secrets hidden, those that differ from `others` with a mark.
///
/// What has the name of a Secret on the other side is taken for one: the kind may be what differs.
fn mask(objects: &[Value], others: &[Value], mark: &str) -> String {
    let name = |object: &Value| {
        ["/metadata/namespace", "/metadata/name"].map(|path| object.pointer(path).cloned())
    };
    let masked = objects.iter().map(|object| {
        let mut namesakes = others.iter().filter(|other| name(other) == name(object));
        let mut shown = object.clone();
        if is_secret(object) {
            hide(
                &mut shown,
                namesakes.find(|other| is_secret(other)).unwrap_or(&Value::Null),
                mark,
            );
        } else if namesakes.any(is_secret) {
            hide(&mut shown, &Value::Null, mark);
        }
        rollstep::to_yaml(&shown)
    });
    masked.collect::<Vec<_>>().join("---\n")
}

/// Hides the values, and the copy of them that `kubectl apply` leaves in an annotation.
fn hide(object: &mut Value, other: &Value, mark: &str) {
    if let Some(value) = object.pointer_mut(LAST_APPLIED) {
        hide_value(value, other.pointer(LAST_APPLIED), mark);
    }
    let fields = object.as_object_mut().into_iter().flatten();
    for (field, value) in fields.filter(|(field, _)| !SHOWN.contains(&field.as_str())) {
        let other = other.get(field);
        match value {
            Value::Object(values) => values.iter_mut().for_each(|(name, value)| {
                hide_value(value, other.and_then(|other| other.get(name)), mark);
            }),
            value => hide_value(value, other, mark),
        }
    }
}

fn hide_value(value: &mut Value, other: Option<&Value>, mark: &str) {
    let differs = other.is_some_and(|other| other != value);
    *value = Value::from(if differs { format!("*** ({mark})") } else { "***".to_owned() });
}
