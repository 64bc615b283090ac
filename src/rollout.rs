//! Rollouts as every controller has them: definitions, steps, quantities, labels and names.
//!
//! No controller's word is in these types. A reader of definitions fills them, and every room above
//! works with them.

mod definition;
mod object_name;
mod part;
mod quantity;
mod reference;
mod selector;
mod stage;
mod stage_name;
mod step;

pub(crate) use definition::{
    CanaryAddress, Definition, PodMetadata, Reference, Revisions, TrafficReference,
};
pub use object_name::ObjectName;
pub(crate) use part::{Part, Places};
pub(crate) use quantity::{Amount, Percent, Replicas, parse_percent};
pub(crate) use reference::{Wanted, find, suggest};
pub(crate) use selector::{LabelSelector, Labels, labels_of, read_labels, read_selector, selects};
pub(crate) use stage::{Stage, find_stage, stages};
pub use stage_name::{NoStageName, StageName};
pub(crate) use step::{
    HeaderChange, NamedMatch, PathMatch, Pause, RequestMatch, Step, StepTraffic, ValueMatch,
};
