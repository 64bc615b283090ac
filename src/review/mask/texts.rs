//! Secrets in texts that objects hold: JSON, and manifests in YAML.
//!
//! What can be read is masked value by value and written anew, without its comments. What cannot be
//! read, such as a template of Helm or a script, and has a field `kind: Secret` is hidden as a whole.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{mask, mask_repeated, mask_value};
use crate::emit;
use crate::manifest::{self, comments_on_secret, has_kind_secret, may_be_secret, repeated_secrets};
use crate::pipeline;
use crate::source::Source;

/// What a text that may hold a Secret is read as.
enum Content {
    /// One value, written as JSON.
    Json([Value; 1]),
    /// The objects of manifests, or one value, in YAML.
    Yaml(Vec<Value>),
    /// Something that only who runs it can read.
    Unread,
}

impl Content {
    fn values(&mut self) -> &mut [Value] {
        match self {
            Self::Json(value) => value,
            Self::Yaml(objects) => objects,
            Self::Unread => &mut [],
        }
    }

    fn is_unread(&self) -> bool {
        matches!(self, Self::Unread)
    }
}

/// Masks Secrets in a text before and after, and returns whether there was anything to mask.
pub(super) fn mask_texts(before: Option<&mut Value>, after: Option<&mut Value>) -> bool {
    let mut contents = [read(before.as_deref()), read(after.as_deref())];
    if contents.iter().flatten().any(Content::is_unread) {
        mask_value(before, after);
        return true;
    }
    let commented = |text: &Option<&mut Value>| {
        text.as_deref().and_then(Value::as_str).is_some_and(comments_on_secret)
    };
    // What a comment holds goes with the comments.
    let commented =
        contents.iter().any(Option::is_some) && (commented(&before) || commented(&after));
    let masked = mask_in_turn(&mut contents) || commented;
    if masked {
        let [old, new] = contents;
        write(before, old);
        write(after, new);
    }
    masked
}

fn read(text: Option<&Value>) -> Option<Content> {
    let text = text?.as_str().filter(|text| may_be_secret(text))?;
    let may_be_json = text.trim_start().starts_with(['{', '[']);
    if let Some(value) = may_be_json.then(|| serde_json::from_str(text).ok()).flatten() {
        return Some(Content::Json([value]));
    }
    if !text.contains("kind") {
        return None;
    }
    let source = Source::new("text", text);
    if let Ok(mut objects) = pipeline::read(std::slice::from_ref(&source)) {
        let (repeated, none) = (repeated_secrets(&source), BTreeSet::new());
        for object in &mut objects {
            mask_repeated(Some(object), None, [&repeated, &none]);
        }
        return Some(Content::Yaml(objects));
    }
    let value = manifest::parse(text).map(|root| root.to_value());
    let value = value.filter(|value| value.is_object() || value.is_array());
    let yaml = value.map(|value| Content::Yaml(vec![value]));
    yaml.or_else(|| has_kind_secret(text).then_some(Content::Unread))
}

/// Masks the first object before with the first after, and so on.
fn mask_in_turn([old, new]: &mut [Option<Content>; 2]) -> bool {
    let old = old.as_mut().map(Content::values).unwrap_or_default();
    let new = new.as_mut().map(Content::values).unwrap_or_default();
    let mut masked = false;
    for index in 0..old.len().max(new.len()) {
        masked |= mask(old.get_mut(index), new.get_mut(index));
    }
    masked
}

fn write(into: Option<&mut Value>, content: Option<Content>) {
    let (Some(into), Some(content)) = (into, content) else { return };
    let text = match content {
        Content::Json([value]) => value.to_string(),
        Content::Yaml(objects) => {
            objects.iter().map(emit::to_yaml).collect::<Vec<_>>().join("---\n")
        }
        Content::Unread => return,
    };
    *into = Value::from(text);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::mask;

    fn masked(before: &str, after: &str) -> [String; 2] {
        let holder = |text: &str| json!({"kind": "ConfigMap", "data": {"text": text}});
        let (mut old, mut new) = (holder(before), holder(after));
        mask(Some(&mut old), Some(&mut new));
        [old, new].map(|one| one.pointer("/data/text").and_then(Value::as_str).unwrap().to_owned())
    }

    const WEB: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";

    #[test]
    fn manifests_in_a_text_are_masked_value_by_value() {
        let text = |value: &str| {
            format!(
                "# about\n{WEB}---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  a: {value}\n"
            )
        };
        let [before, after] = masked(&text("one"), &text("two"));
        assert_eq!(before, text("'*** (before)'").replace("# about\n", ""));
        assert_eq!(after, text("'*** (after)'").replace("# about\n", ""));
        let inside = format!("values:\n  objects:\n{}", "  - kind: Secret\n    data: {a: b}\n");
        let [before, _] = masked(&inside, "");
        assert_eq!(before, "values:\n  objects:\n  - kind: Secret\n    data:\n      a: '***'\n");
    }

    #[test]
    fn what_an_alias_repeats_in_a_text_is_masked() {
        let list = "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Secret, data: {a: &a VALUE}}\n\
                    - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {*a : *a}}\n";
        let [before, after] = masked(list, WEB);
        assert!(!before.contains("VALUE"), "{before}");
        assert_eq!(after, WEB);
    }

    #[test]
    fn what_a_comment_holds_goes_with_the_comments() {
        let commented = format!("# kind: Secret\n# data: {{a: hunter2}}\n{WEB}");
        assert_eq!(masked(&commented, WEB), [WEB, WEB]);
        let harmless = format!("# The Secret is made elsewhere.\n{WEB}");
        assert_eq!(masked(&harmless, WEB), [harmless.as_str(), WEB]);
    }

    #[test]
    fn what_cannot_be_read_is_hidden_as_a_whole() {
        let script = "kubectl apply -f - <<END\nkind: Secret\ndata: {a: b}\nEND\n";
        assert_eq!(masked(script, script), ["***", "***"]);
        assert_eq!(masked(script, WEB), ["*** (before)", "*** (after)"]);
        let template = "{{- if .Values.a }}\napiVersion: v1\nkind: Secret\n{{ end }}\n";
        assert_eq!(masked(template, template), ["***", "***"]);
    }

    #[test]
    fn texts_without_a_secret_stay() {
        for text in
            ["kind: [", "a kind of Secret", "# {\nkind: Deployment\n", "{\"kind\": \"\\u0041\"}"]
        {
            assert_eq!(masked(text, ""), [text, ""]);
        }
        let reference = "kind: HelmRelease # why\nvaluesFrom:\n- kind: Secret\n  name: a\n";
        assert_eq!(masked(reference, ""), [reference, ""]);
    }
}
