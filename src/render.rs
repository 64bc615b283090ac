//! One stage of a rollout as edits of objects.
//!
//! Says what changes, as data; how it is written is left to [`emit`](crate::emit).

mod edit;

pub(crate) use edit::{Changes, Edit, Own, apply};
