//! Values of Secrets, masked as `kubectl diff` masks them.
//!
//! A value that is the same on both sides is `***`; one that differs is `*** (before)` and `*** (after)`,
//! so that a reviewer sees that it changes and not to what. Secrets are also found inside other objects
//! and inside texts that these hold, such as the annotation of `kubectl apply` or the old manifest of a
//! RollStep.

mod repeated;
mod texts;

use std::collections::BTreeSet;

pub use repeated::mask_repeated;
pub(crate) use repeated::repeats_secret;
use serde_json::Value;
use texts::mask_texts;

use crate::manifest::{HIDDEN, SHOWN};

const SAME: &str = "***";
const BEFORE: &str = "*** (before)";
const AFTER: &str = "*** (after)";

/// Parts of the names of annotations that tools keep an older form of the object in.
const COPIES: [&str; 2] = ["applied", "original"];

/// Masks an object before and after, and returns whether there was anything to mask.
///
/// An object that is a Secret on one side only is masked on both.
pub fn mask(before: Option<&mut Value>, after: Option<&mut Value>) -> bool {
    let is_text = |value: &Option<&mut Value>| value.as_deref().is_some_and(Value::is_string);
    match (is_text(&before), is_text(&after)) {
        (true, true) => mask_texts(before, after),
        (true, false) => mask_tree(None, after) | mask_texts(before, None),
        (false, true) => mask_tree(before, None) | mask_texts(None, after),
        (false, false) => mask_tree(before, after),
    }
}

/// Returns whether a Secret is in the object, as itself or in whatever it holds.
pub fn holds_secret(object: &Value) -> bool {
    mask(Some(&mut object.clone()), None)
}

fn mask_tree(mut before: Option<&mut Value>, mut after: Option<&mut Value>) -> bool {
    let is = |kind| is_kind(before.as_deref(), kind) || is_kind(after.as_deref(), kind);
    let (secret, listed) = (is("Secret"), is("SecretList"));
    let mut masked = secret && mask_secret(before.as_deref_mut(), after.as_deref_mut());
    if listed {
        masked |=
            mask_items(child(before.as_deref_mut(), "items"), child(after.as_deref_mut(), "items"));
    }
    for key in keys(before.as_deref(), after.as_deref()) {
        let (old, new) = (child(before.as_deref_mut(), &key), child(after.as_deref_mut(), &key));
        masked |= mask(old, new);
    }
    masked | each_item(before, after, mask)
}

/// Masks the items of a list of Secrets, which need not say their kind.
fn mask_items(before: Option<&mut Value>, after: Option<&mut Value>) -> bool {
    each_item(before, after, mask_secret)
}

/// How one item is masked, before and after.
type MaskItem = fn(Option<&mut Value>, Option<&mut Value>) -> bool;

fn each_item(
    mut before: Option<&mut Value>,
    mut after: Option<&mut Value>,
    mask: MaskItem,
) -> bool {
    let longest = items(before.as_deref()).max(items(after.as_deref()));
    let mut masked = false;
    for index in 0..longest {
        let old = before.as_deref_mut().and_then(|value| value.get_mut(index));
        let new = after.as_deref_mut().and_then(|value| value.get_mut(index));
        masked |= mask(old, new);
    }
    masked
}

fn is_kind(value: Option<&Value>, kind: &str) -> bool {
    let own = value.and_then(|value| value.get("kind")).and_then(Value::as_str);
    own.is_some_and(|own| own.eq_ignore_ascii_case(kind))
}

fn child<'v>(value: Option<&'v mut Value>, key: &str) -> Option<&'v mut Value> {
    value.and_then(|value| value.get_mut(key))
}

fn keys(before: Option<&Value>, after: Option<&Value>) -> BTreeSet<String> {
    let maps = [before, after].into_iter().filter_map(|value| value?.as_object());
    maps.flat_map(|map| map.keys().cloned()).collect()
}

fn items(value: Option<&Value>) -> usize {
    value.and_then(Value::as_array).map_or(0, Vec::len)
}

/// Masks what a Secret holds, whatever its form, and returns whether it holds anything.
fn mask_secret(before: Option<&mut Value>, after: Option<&mut Value>) -> bool {
    let has = |value: Option<&Value>, field| value.is_some_and(|value| value.get(field).is_some());
    let either = |field| has(before.as_deref(), field) || has(after.as_deref(), field);
    let (whole, holding) = (either("metadata"), HIDDEN.into_iter().any(either));
    if whole {
        mask_fields(before, after, |field| !SHOWN.contains(&field));
    } else {
        // What refers to a Secret has its kind and a name that anyone may see.
        mask_fields(before, after, |field| HIDDEN.contains(&field));
    }
    whole || holding
}

fn mask_fields(
    mut before: Option<&mut Value>,
    mut after: Option<&mut Value>,
    is_hidden: fn(&str) -> bool,
) {
    let mut values = BTreeSet::new();
    for side in [before.as_deref(), after.as_deref()].into_iter().flatten() {
        let hidden = side.as_object().into_iter().flatten().filter(|(field, _)| is_hidden(field));
        hidden.for_each(|(_, value)| collect_texts(value, &mut values));
    }
    let fields = keys(before.as_deref(), after.as_deref()).into_iter();
    for field in fields.filter(|field| is_hidden(field)) {
        let (old, new) =
            (child(before.as_deref_mut(), &field), child(after.as_deref_mut(), &field));
        mask_field(old, new);
    }
    mask_aliases(before.as_deref_mut(), &values);
    mask_aliases(after.as_deref_mut(), &values);
    let annotations = |value| child(child(value, "metadata"), "annotations");
    let (mut old, mut new) = (annotations(before), annotations(after));
    for key in keys(old.as_deref(), new.as_deref()) {
        if COPIES.iter().any(|part| key.contains(part)) {
            mask_copy(child(old.as_deref_mut(), &key), child(new.as_deref_mut(), &key));
        }
    }
}

/// The shortest text that is taken for a value of the Secret wherever it stands.
const LEAST: usize = 4;

fn collect_texts(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() >= LEAST => drop(texts.insert(text.clone())),
        Value::Array(items) => {
            for item in items {
                collect_texts(item, texts);
            }
        }
        Value::Object(fields) => fields.values().for_each(|field| collect_texts(field, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Masks labels and annotations that hold a value of the Secret, as an alias of YAML gives it.
fn mask_aliases(object: Option<&mut Value>, values: &BTreeSet<String>) {
    let Some(metadata) = child(object, "metadata") else { return };
    for list in ["labels", "annotations"] {
        let fields = metadata.get_mut(list).and_then(Value::as_object_mut);
        for field in fields.into_iter().flat_map(|fields| fields.values_mut()) {
            if field.as_str().is_some_and(|text| values.contains(text)) {
                *field = Value::from(SAME);
            }
        }
    }
}

/// Masks each value of the field, or the whole of it where it is no map.
fn mask_field(mut before: Option<&mut Value>, mut after: Option<&mut Value>) {
    let is_map = |value: Option<&Value>| value.is_none_or(Value::is_object);
    if !is_map(before.as_deref()) || !is_map(after.as_deref()) {
        mask_value(before, after);
        return;
    }
    for key in keys(before.as_deref(), after.as_deref()) {
        mask_value(child(before.as_deref_mut(), &key), child(after.as_deref_mut(), &key));
    }
}

fn mask_value(before: Option<&mut Value>, after: Option<&mut Value>) {
    let differ = matches!((&before, &after), (Some(before), Some(after)) if before != after);
    let (old, new) = if differ { (BEFORE, AFTER) } else { (SAME, SAME) };
    for (value, mask) in [(before, old), (after, new)] {
        if let Some(value) = value {
            *value = Value::from(mask);
        }
    }
}

/// Masks a copy of a Secret: the values in it where it is JSON, else all of it.
fn mask_copy(before: Option<&mut Value>, after: Option<&mut Value>) {
    let (mut old, mut new) = (parse(before.as_deref()), parse(after.as_deref()));
    let unread =
        |text: &Option<&mut Value>, parsed: &Option<Value>| text.is_some() && parsed.is_none();
    if unread(&before, &old) || unread(&after, &new) {
        mask_value(before, after);
        return;
    }
    mask_fields(old.as_mut(), new.as_mut(), |field| !SHOWN.contains(&field));
    write(before, old);
    write(after, new);
}

fn parse(value: Option<&Value>) -> Option<Value> {
    parse_text(value?.as_str()?)
}

fn parse_text(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

fn write(into: Option<&mut Value>, json: Option<Value>) {
    if let (Some(into), Some(json)) = (into, json) {
        *into = Value::from(json.to_string());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::mask;

    fn masked(mut before: Value, mut after: Value) -> [Value; 2] {
        assert!(mask(Some(&mut before), Some(&mut after)));
        [before, after]
    }

    #[test]
    fn what_changes_can_be_told_from_what_does_not() {
        let secret = |data: Value| json!({"kind": "Secret", "data": data, "type": "Opaque"});
        let [before, after] = masked(
            secret(json!({"same": "YQ==", "other": "YQ==", "gone": "YQ=="})),
            secret(json!({"same": "YQ==", "other": "Yg==", "come": "YQ=="})),
        );
        assert_eq!(before, secret(json!({"same": "***", "other": "*** (before)", "gone": "***"})));
        assert_eq!(after, secret(json!({"same": "***", "other": "*** (after)", "come": "***"})));
    }

    #[test]
    fn a_kind_in_any_case_and_values_behind_aliases_are_masked() {
        let secret = |data: Value, note: &str| {
            let metadata = json!({"name": "a", "annotations": {"note": note}});
            json!({"kind": "secret", "metadata": metadata, "stringData": data})
        };
        let [before, _] = masked(secret(json!({"a": "hunter2"}), "hunter2"), json!({}));
        assert_eq!(before, secret(json!({"a": "***"}), "***"));
    }

    #[test]
    fn what_is_no_map_is_masked_whole() {
        let secret = |data: Value| json!({"kind": "Secret", "stringData": data});
        let [before, after] = masked(secret(json!("a: b")), secret(json!({"a": "b"})));
        assert_eq!([before, after], [secret(json!("*** (before)")), secret(json!("*** (after)"))]);
    }

    #[test]
    fn values_in_the_wrong_field_are_masked_and_names_of_secrets_are_not() {
        let secret = |value: &str| json!({"kind": "Secret", "metadata": {"name": "a"}, "other": {"a": value}});
        let [before, after] = masked(secret("YQ=="), secret("Yg=="));
        assert_eq!([before, after], [secret("*** (before)"), secret("*** (after)")]);
        let mut reference =
            json!({"valuesFrom": [{"kind": "Secret", "name": "a", "valuesKey": "b"}]});
        let same = reference.clone();
        assert!(!mask(Some(&mut reference), None), "nothing is masked, so a patch applies");
        assert_eq!(reference, same);
    }

    #[test]
    fn copies_of_a_secret_are_masked() {
        let copied = |key: &str, copy: &str| json!({"kind": "Secret", "metadata": {"annotations": {key: copy}}});
        let key = "kubectl.kubernetes.io/last-applied-configuration";
        let cases = [
            (r#"{"kind":"Secret","data":{"a":"YQ=="}}"#, r#"{"kind":"Secret","data":{"a":"***"}}"#),
            (r#"{"data":{"a":"YQ=="}}"#, r#"{"data":{"a":"***"}}"#),
            (r#"{"a":"YQ=="}"#, r#"{"a":"***"}"#),
            ("a: YQ==", "***"),
        ];
        for (copy, expected) in cases {
            let [before, after] = masked(copied(key, copy), copied(key, copy));
            assert_eq!([before, after], [copied(key, expected), copied(key, expected)]);
        }
    }

    #[test]
    fn items_of_a_list_of_secrets_are_masked() {
        let list =
            |item: Value| json!({"kind": "Other", "list": {"kind": "SecretList", "items": [item]}});
        let item = |value: &str| list(json!({"metadata": {"name": "a"}, "data": {"a": value}}));
        let [before, after] = masked(item("YQ=="), item("Yg=="));
        assert_eq!([before, after], [item("*** (before)"), item("*** (after)")]);
    }

    #[test]
    fn secrets_inside_other_objects_are_masked() {
        let template = |value: &str| {
            let inner = json!({"kind": "Secret", "data": {"a": value}});
            json!({"kind": "Template", "objects": [inner], "copy": inner.to_string()})
        };
        let [before, after] = masked(template("YQ=="), template("Yg=="));
        assert_eq!([before, after], [template("*** (before)"), template("*** (after)")]);
        assert!(!mask(Some(&mut json!({"kind": "ConfigMap", "data": {"a": "b"}})), None));
    }
}
