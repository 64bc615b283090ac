//! What is written on objects for Argo CD, and how it comes off again.
//!
//! A rendered tree may be rendered again, so an object says itself which annotations are ours: those
//! that a person wrote are never touched. Which object gets what is decided in `plan`.

use serde_json::{Map, Value};

/// The annotation that says in which wave of a sync an object is applied.
///
/// From argoproj/argo-cd:gitops-engine/pkg/sync/common/types.go `AnnotationSyncWave`.
const SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";

/// The annotation that holds options of a sync, with commas between them; `AnnotationSyncOptions` of
/// the same file.
const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";

/// The option by which an object is pruned behind the last wave; `SyncOptionPruneLast` of the same file.
const PRUNE_LAST: &str = "PruneLast";

/// The annotation that names what is ours, in the form of options.
const STAMPED: &str = "rollstep.dev/stamped";

const WAVE_OPTION: &str = "sync-wave";

/// Returns the wave that a person gave the object; nothing where it is in the default one.
///
/// What is no number counts as nothing, as it does for Argo CD
/// (gitops-engine/pkg/sync/syncwaves/waves.go `Wave`).
pub(crate) fn sync_wave(object: &Value) -> Option<i64> {
    let annotations = object.pointer("/metadata/annotations")?.as_object()?;
    let wave = text(annotations, SYNC_WAVE)?;
    let ours = options(text(annotations, STAMPED)).contains(&wave_option(wave));
    if ours { None } else { wave.parse().ok() }
}

/// Puts the object into a wave, unless a person has.
pub(crate) fn stamp_wave(object: &mut Value, wave: i64) {
    let Some(annotations) = annotations(object) else { return };
    if !annotations.contains_key(SYNC_WAVE) {
        annotations.insert(SYNC_WAVE.to_owned(), Value::from(wave.to_string()));
        add_option(annotations, STAMPED, wave_option(&wave.to_string()));
    }
}

/// Has the object pruned behind the last wave, unless a person decided about that.
pub(crate) fn stamp_prune_last(object: &mut Value) {
    let Some(annotations) = annotations(object) else { return };
    let decided = options(text(annotations, SYNC_OPTIONS));
    let is_about = |option: &String| option.split('=').next() == Some(PRUNE_LAST);
    if !decided.iter().any(is_about) {
        add_option(annotations, SYNC_OPTIONS, format!("{PRUNE_LAST}=true"));
        add_option(annotations, STAMPED, format!("{PRUNE_LAST}=true"));
    }
}

/// Returns whether an earlier render has stamped the object.
pub(crate) fn is_stamped(object: &Value) -> bool {
    let annotations = object.pointer("/metadata/annotations").and_then(Value::as_object);
    annotations.is_some_and(|annotations| annotations.contains_key(STAMPED))
}

/// Takes off what an earlier render stamped; what a person has changed since is theirs.
pub(crate) fn unstamp(object: &mut Value) {
    let annotations = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    let Some(annotations) = annotations else { return };
    let Some(stamped) = annotations.shift_remove(STAMPED) else { return };
    for option in options(stamped.as_str()) {
        if text(annotations, SYNC_WAVE).is_some_and(|wave| wave_option(wave) == option) {
            annotations.shift_remove(SYNC_WAVE);
        } else {
            remove_option(annotations, &option);
        }
    }
    if annotations.is_empty()
        && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
    {
        metadata.shift_remove("annotations");
    }
}

fn wave_option(wave: &str) -> String {
    format!("{WAVE_OPTION}={wave}")
}

fn text<'m>(annotations: &'m Map<String, Value>, key: &str) -> Option<&'m str> {
    annotations.get(key).and_then(Value::as_str)
}

fn options(text: Option<&str>) -> Vec<String> {
    let options = text.unwrap_or_default().split(',').map(str::trim);
    options.filter(|option| !option.is_empty()).map(str::to_owned).collect()
}

fn add_option(annotations: &mut Map<String, Value>, key: &str, option: String) {
    let mut all = options(text(annotations, key));
    all.push(option);
    annotations.insert(key.to_owned(), Value::from(all.join(",")));
}

fn remove_option(annotations: &mut Map<String, Value>, option: &str) {
    let mut all = options(text(annotations, SYNC_OPTIONS));
    if !all.iter().any(|one| one == option) {
        return;
    }
    all.retain(|one| one != option);
    match all.is_empty() {
        true => drop(annotations.shift_remove(SYNC_OPTIONS)),
        false => drop(annotations.insert(SYNC_OPTIONS.to_owned(), Value::from(all.join(",")))),
    }
}

/// Returns the annotations of the object, which are made where there are none.
fn annotations(object: &mut Value) -> Option<&mut Map<String, Value>> {
    let metadata = object.get_mut("metadata")?.as_object_mut()?;
    let annotations = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()));
    if annotations.is_null() {
        *annotations = Value::Object(Map::new());
    }
    annotations.as_object_mut()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{stamp_prune_last, stamp_wave, sync_wave, unstamp};

    fn stamped(annotations: &Value) -> Value {
        let mut object = json!({"metadata": {"name": "web", "annotations": annotations}});
        stamp_wave(&mut object, 1);
        stamp_prune_last(&mut object);
        object
    }

    #[test]
    fn stamps_come_off_again() {
        for annotations in [
            json!({"a": "b"}),
            json!({"argocd.argoproj.io/sync-wave": "3"}),
            json!({"argocd.argoproj.io/sync-options": "Replace=true"}),
            json!({"argocd.argoproj.io/sync-options": "PruneLast=false"}),
        ] {
            let mut object = stamped(&annotations);
            unstamp(&mut object);
            assert_eq!(annotations, object["metadata"]["annotations"]);
        }
        let mut bare = json!({"metadata": {"name": "web"}});
        stamp_wave(&mut bare, 1);
        unstamp(&mut bare);
        assert_eq!(json!({"metadata": {"name": "web"}}), bare);
    }

    #[test]
    fn what_a_person_wrote_wins() {
        let object = stamped(&json!({"argocd.argoproj.io/sync-wave": "3"}));
        assert_eq!(Some(3), sync_wave(&object));
        let ours = stamped(&json!({}));
        assert_eq!("1", ours["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]);
        assert_eq!(None, sync_wave(&ours), "ours is no wish");
    }

    #[test]
    fn what_a_person_changed_stays() {
        let mut object = stamped(&json!({}));
        object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] = Value::from("7");
        unstamp(&mut object);
        assert_eq!(json!({"argocd.argoproj.io/sync-wave": "7"}), object["metadata"]["annotations"]);
    }
}
