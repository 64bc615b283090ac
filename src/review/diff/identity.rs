//! How objects and the two sides are named, for people and for machines.

use std::fmt;

use serde_json::{Map, Value};

use super::ObjectChange;
use crate::escape;
use crate::manifest::ObjectKey;
use crate::model::StageName;
use crate::pipeline::Movement;

/// What the two sides of a diff are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// The side before, such as `step 1`.
    pub before: String,
    /// The side after.
    pub after: String,
}

impl Labels {
    /// Returns the labels of rollouts that move within one tree.
    ///
    /// Several that move between different stages have no stage in common to name.
    ///
    /// ```
    /// use rollstep::review::diff::Labels;
    /// use rollstep::{Movement, ObjectName, StageName};
    ///
    /// let movement = |name: &str, after| Movement {
    ///     rollout: ObjectName::from(name),
    ///     before: Some(StageName::Step(1)),
    ///     after: Some(after),
    /// };
    /// let labels = Labels::of(&[movement("web", StageName::Step(2))]);
    /// assert_eq!([labels.before, labels.after], ["step 1", "step 2"]);
    /// let different = [movement("web", StageName::Step(2)), movement("shop", StageName::Done)];
    /// assert_eq!(Labels::of(&different).after, "after");
    /// ```
    pub fn of(movements: &[Movement]) -> Self {
        let one = |stage: fn(&Movement) -> Option<StageName>, otherwise: &str| {
            let mut stages = movements.iter().map(stage);
            let first = stages.next().flatten();
            let same = stages.all(|stage| stage == first);
            first.filter(|_| same).map_or(otherwise.to_owned(), called)
        };
        Self {
            before: one(|movement| movement.before, "before"),
            after: one(|movement| movement.after, "after"),
        }
    }
}

/// Returns a stage as people call it.
pub(super) fn called(stage: StageName) -> String {
    match stage {
        StageName::Step(number) => format!("step {number}"),
        StageName::Stable | StageName::Last | StageName::Promote | StageName::Done => {
            stage.to_string()
        }
    }
}

/// Names an object in one line: `VirtualService shop/web`.
pub(super) struct Called<'k>(pub(super) &'k ObjectKey);

impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ObjectKey { group: _, kind, namespace, name } = self.0;
        let name = if name.is_empty() { "(without a name)" } else { name };
        write!(f, "{} {}/{}", escape::line(kind), escape::line(namespace), escape::line(name))
    }
}

/// Returns who an object is and what became of it, for machines.
pub(super) fn to_map(change: &ObjectChange) -> Map<String, Value> {
    let ObjectKey { group, kind, namespace, name } = &change.key;
    let word = change.word().to_owned();
    let fields = [
        ("group", group),
        ("kind", kind),
        ("namespace", namespace),
        ("name", name),
        ("change", &word),
    ];
    fields.map(|(key, text)| (key.to_owned(), Value::from(text.as_str()))).into_iter().collect()
}
