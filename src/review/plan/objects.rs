//! What a stage makes of objects, against the stage before it.

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
    /// Who it is.
    pub key: ObjectKey,
    /// What happens to it.
    pub change: Change,
    /// Whether it is in another namespace than the rollout.
    pub elsewhere: bool,
    before: Option<Value>,
    after: Option<Value>,
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
        diff_values(&self.key, self.before.clone(), self.after.clone())
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
    let of = |stage: &[Present], key: &ObjectKey| {
        stage.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    };
    let made = after.iter().filter_map(|(key, value)| {
        let earlier = of(before, key);
        let change = match &earlier {
            None => Change::Created,
            Some(earlier) if earlier != value => Change::Changed,
            Some(_) => return None,
        };
        let after = Some(value.clone());
        let elsewhere = elsewhere(key);
        Some(AffectedObject { key: key.clone(), change, elsewhere, before: earlier, after })
    });
    let gone = before.iter().filter(|(key, _)| of(after, key).is_none());
    let gone = gone.map(|(key, value)| AffectedObject {
        key: key.clone(),
        change: Change::Removed,
        elsewhere: elsewhere(key),
        before: Some(value.clone()),
        after: None,
    });
    let mut all: Vec<_> = made.chain(gone).collect();
    all.sort_by_key(|object| object.change);
    all
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
