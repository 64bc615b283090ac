//! Differences between two results, object by object.
//!
//! Objects are matched by group, kind, namespace and name, and differ where Kubernetes would see another
//! value: comments and layout alone are no difference, though they are shown. Values of Secrets are
//! masked here, before any format sees them.

mod fold;
mod identity;
mod json;
mod json_patch;
mod lines;
mod markdown;
mod merge_patch;
mod stat;
mod text;
mod unified;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

pub use identity::Labels;
pub use json::to_json;
pub use json_patch::to_json_patches;
pub use lines::{Hunk, Line, LineKind, Piece, hunks};
pub use markdown::{Comment, TooShort, to_markdown};
pub use merge_patch::to_merge_patches;
pub use stat::to_stat;
pub use unified::{Color, Unified, to_unified};

use super::{mask, mask_repeated};
use crate::manifest::ObjectKey;
use crate::pipeline::{RenderedDocument, RenderedObject};

/// What differs between two results.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The objects that differ: those that are there after in their order, then those that are gone.
    pub changes: Vec<ObjectChange>,
    /// How many objects are the same.
    pub unchanged: usize,
}

/// An object that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectChange {
    /// Who it is.
    pub key: ObjectKey,
    /// The object before, and after.
    pub states: States,
    /// Whether values of a Secret in it are masked, so that no patch of it can be applied.
    pub masked: bool,
}

/// An object before and after.
#[derive(Debug, Clone, PartialEq)]
pub enum States {
    /// It is not there before.
    Created(State),
    /// It is not there after.
    Removed(State),
    /// It is there, and differs.
    Changed(State, State),
}

/// An object at one time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The text, as written where it is a document of its own.
    pub text: String,
    /// The object as Kubernetes sees it.
    pub value: Value,
}

/// How many objects differ, in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects that are there after only.
    pub created: usize,
    /// Objects that differ.
    pub changed: usize,
    /// Objects that are there before only.
    pub removed: usize,
}

impl Comparison {
    /// Returns whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns how many objects differ, in which way.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for change in &self.changes {
            match change.states {
                States::Created(_) => counts.created += 1,
                States::Changed(..) => counts.changed += 1,
                States::Removed(_) => counts.removed += 1,
            }
        }
        counts
    }

    /// Returns the comparison with long annotations folded in the texts; the values stay.
    #[must_use]
    pub fn folded(mut self) -> Self {
        for change in &mut self.changes {
            match &mut change.states {
                States::Created(state) | States::Removed(state) => fold::fold(state),
                States::Changed(before, after) => {
                    fold::fold(before);
                    fold::fold(after);
                }
            }
        }
        self
    }
}

impl States {
    fn of(before: Option<State>, after: Option<State>) -> Option<Self> {
        match (before, after) {
            (None, None) => None,
            (None, Some(after)) => Some(Self::Created(after)),
            (Some(before), None) => Some(Self::Removed(before)),
            (Some(before), Some(after)) => Some(Self::Changed(before, after)),
        }
    }
}

impl ObjectChange {
    /// Returns the object before and after, as far as it is there.
    pub fn sides(&self) -> (Option<&State>, Option<&State>) {
        match &self.states {
            States::Created(after) => (None, Some(after)),
            States::Removed(before) => (Some(before), None),
            States::Changed(before, after) => (Some(before), Some(after)),
        }
    }

    /// Returns what became of the object, in one word.
    pub fn word(&self) -> &'static str {
        match self.states {
            States::Created(_) => "created",
            States::Removed(_) => "removed",
            States::Changed(..) => "changed",
        }
    }

    /// Returns the texts before and after, empty where the object is not there.
    fn texts(&self) -> (&str, &str) {
        let (before, after) = self.sides();
        (before.map_or("", |state| &state.text), after.map_or("", |state| &state.text))
    }
}

/// An object, and the document that it is of.
type Found<'d> = (&'d RenderedDocument<'d>, &'d RenderedObject<'d>);

/// Returns what differs between two results.
///
/// Objects of one key, which only those without a name can be, are matched in their order.
///
/// ```
/// use rollstep::review::diff::{compare, to_stat};
/// use rollstep::{Origin, RenderedDocument, RenderedObject};
/// use serde_json::json;
///
/// let document = |size: &str| {
///     let name = json!({"name": "web"});
///     let value = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": name, "data": {"size": size}});
///     let text = rollstep::to_yaml(&value);
///     let object = RenderedObject::new(Origin::Untouched, value, "default");
///     RenderedDocument { text: text.into(), objects: vec![object], ..RenderedDocument::default() }
/// };
/// let comparison = compare(&[document("small")], &[document("large")]);
/// assert_eq!(
///     to_stat(&comparison),
///     " ConfigMap default/web | 2 +-\n 1 changed; 1 line added, 1 removed\n"
/// );
/// ```
pub fn compare(before: &[RenderedDocument<'_>], after: &[RenderedDocument<'_>]) -> Comparison {
    let mut left = by_key(before);
    let mut comparison = Comparison::default();
    for found @ (_, object) in objects(after) {
        let twin = left.get_mut(&object.key).and_then(VecDeque::pop_front);
        match twin {
            Some((_, old)) if is_same(old, object) => comparison.unchanged += 1,
            twin => comparison.changes.extend(change(twin, Some(found))),
        }
    }
    for found @ (_, object) in objects(before) {
        let rest = left.get_mut(&object.key);
        let gone = rest.and_then(VecDeque::pop_front);
        comparison.changes.extend(gone.and_then(|_| change(Some(found), None)));
    }
    comparison
}

/// Returns whether two objects have one value; the same bytes of the input are not read for that.
fn is_same(one: &RenderedObject<'_>, other: &RenderedObject<'_>) -> bool {
    one.is_same_document(other) || one.value() == other.value()
}

fn objects<'d>(documents: &'d [RenderedDocument<'d>]) -> impl Iterator<Item = Found<'d>> {
    documents.iter().flat_map(|document| document.objects.iter().map(move |one| (document, one)))
}

fn by_key<'d>(
    documents: &'d [RenderedDocument<'d>],
) -> BTreeMap<&'d ObjectKey, VecDeque<Found<'d>>> {
    let mut found: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
    for (document, object) in objects(documents) {
        found.entry(&object.key).or_default().push_back((document, object));
    }
    found
}

/// How many lines around a change are shown, where nobody says.
const CONTEXT: usize = 3;

/// Returns the hunks between two states of an object, written from its values: masked and folded.
pub(super) fn diff_values(
    key: &ObjectKey,
    mut before: Option<Value>,
    mut after: Option<Value>,
) -> String {
    let masked = mask(before.as_mut(), after.as_mut());
    let state = |value: Value| {
        let mut state = State { text: text::of_value(&value), value };
        fold::fold(&mut state);
        state
    };
    let Some(states) = States::of(before.map(state), after.map(state)) else {
        return String::new();
    };
    unified::plain(&hunks(&ObjectChange { key: key.clone(), states, masked }, CONTEXT))
}

/// Returns the change between two states of an object, masked.
fn change(before: Option<Found<'_>>, after: Option<Found<'_>>) -> Option<ObjectChange> {
    let key = after.or(before)?.1.key.clone();
    let value = |found: Option<Found<'_>>| found.map(|(_, object)| object.value().into_owned());
    let (mut old, mut new) = (value(before), value(after));
    let none = BTreeSet::new();
    let repeated =
        [before, after].map(|found| found.map_or(&none, |(document, _)| &*document.secrets));
    let masked =
        mask(old.as_mut(), new.as_mut()) | mask_repeated(old.as_mut(), new.as_mut(), repeated);
    let state = |found: Option<Found<'_>>, value: Option<Value>| {
        let (document, _) = found?;
        let value = value?;
        let text = if masked { text::of_value(&value) } else { text::of(document, &value) };
        Some(State { text, value })
    };
    let states = States::of(state(before, old), state(after, new))?;
    Some(ObjectChange { key, states, masked })
}
