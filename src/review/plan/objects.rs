//! Changes of objects at a stage, against the stage before it.

use serde_json::Value;

use crate::manifest::ObjectKey;
use crate::review::diff::diff_values;

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The stage before lacks it.
    Created,
    /// The stage before has it otherwise.
    Changed,
    /// The stage before has it, and this one lacks it.
    Removed,
}

impl Change {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Created, Self::Changed, Self::Removed];

    /// Returns the sign that stands before what changes so.
    pub fn sign(self) -> char {
        match self {
            Self::Created => '+',
            Self::Changed => '~',
            Self::Removed => '-',
        }
    }

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// An object that a stage changes.
#[derive(Debug, Clone, PartialEq)]
pub struct AffectedObject {
    /// What names it.
    pub key: ObjectKey,
    /// What happens to it.
    pub change: Change,
    /// Whether it is in another namespace than the rollout.
    pub elsewhere: bool,
    before: Option<Snapshot>,
    after: Option<Snapshot>,
}

/// An object as JSON. A plan keeps many, and a tree of values would take ten times the room of a text.
#[derive(Debug, Clone, PartialEq)]
struct Snapshot(Box<str>);

impl Snapshot {
    fn of(value: &Value) -> Self {
        Self(value.to_string().into_boxed_str())
    }

    fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl AffectedObject {
    /// Returns kind and name, as in `deployment web-canary`.
    pub fn called(&self) -> String {
        format!("{} {}", self.key.kind.to_lowercase(), self.name())
    }

    /// Returns the name, with the namespace where it is not the rollout's.
    pub fn name(&self) -> String {
        let ObjectKey { namespace, name, .. } = &self.key;
        if self.elsewhere { format!("{namespace}/{name}") } else { name.clone() }
    }

    /// Returns the unified diff of the object as YAML, without the lines that name files.
    ///
    /// Values of Secrets are masked, and long annotations folded.
    pub fn diff(&self) -> String {
        let value = |snapshot: &Option<Snapshot>| snapshot.as_ref().map(Snapshot::value);
        diff_values(&self.key, value(&self.before), value(&self.after))
    }
}

/// An object of a stage.
pub(super) type Present = (ObjectKey, Value);

/// Returns what differs between two stages of a rollout of `namespace`, in the order of the second.
pub(super) fn changes(
    (before, after): (&[Present], &[Present]),
    namespace: &str,
) -> Vec<AffectedObject> {
    let elsewhere = |key: &ObjectKey| key.namespace != namespace;
    let mut all = Vec::new();
    for (key, value) in after {
        let earlier = find(before, key);
        let change = match earlier {
            None => Change::Created,
            Some((_, earlier)) if earlier != value => Change::Changed,
            Some(_) => continue,
        };
        all.push(AffectedObject {
            key: key.clone(),
            change,
            elsewhere: elsewhere(key),
            before: earlier.map(|(_, earlier)| Snapshot::of(earlier)),
            after: Some(Snapshot::of(value)),
        });
    }
    for (key, value) in before.iter().filter(|(key, _)| find(after, key).is_none()) {
        all.push(AffectedObject {
            key: key.clone(),
            change: Change::Removed,
            elsewhere: elsewhere(key),
            before: Some(Snapshot::of(value)),
            after: None,
        });
    }
    all.sort_by_key(|object| object.change);
    all
}

fn find<'p>(stage: &'p [Present], key: &ObjectKey) -> Option<&'p Present> {
    stage.iter().find(|(other, _)| other == key)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Change, changes};
    use crate::manifest::ObjectKey;

    fn present(value: Value) -> (ObjectKey, Value) {
        (ObjectKey::of(&value, "default"), value)
    }

    fn secret(text: &str) -> (ObjectKey, Value) {
        let data = json!({"key": text, "same": "hidden"});
        present(
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": data}),
        )
    }

    #[test]
    fn what_is_only_on_one_side_is_created_or_removed() {
        let (a, b) = (secret("a"), present(json!({"kind": "Service", "metadata": {"name": "b"}})));
        let found = changes((std::slice::from_ref(&a), std::slice::from_ref(&b)), "default");
        let told: Vec<_> = found.iter().map(|one| (one.change, one.called())).collect();
        let expected = [(Change::Created, "service b"), (Change::Removed, "secret a")];
        assert_eq!(told, expected.map(|(change, called)| (change, called.to_owned())));
        assert!(
            changes((std::slice::from_ref(&a), std::slice::from_ref(&a)), "default").is_empty()
        );
    }

    #[test]
    fn values_of_secrets_are_masked() {
        let found = changes((&[secret("old-value")], &[secret("new-value")]), "default");
        let diff = found[0].diff();
        assert!(
            diff.contains("-  key: '*** (before)'\n+  key: '*** (after)'\n   same: '***'"),
            "{diff}"
        );
        for found in [
            changes((&[], &[secret("value")]), "default"),
            changes((&[secret("value")], &[]), "default"),
        ] {
            assert!(!found[0].diff().contains("value"), "{}", found[0].diff());
        }
    }
}
