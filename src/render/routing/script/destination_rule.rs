//! The script for a DestinationRule: a subset for the canary, always the same one.

use serde_json::{Value, json};

use super::{Failure, encode, without_nulls};
use crate::manifest::FieldPath;
use crate::model::{CANARY_SUBSET, GRAY_LABEL};

/// Returns the spec with the canary's subset behind all others, even if there is one of its name.
pub(in crate::render::routing) fn add_subset(original: &Value) -> Result<Value, Failure> {
    let mut spec = without_nulls(original);
    let path = FieldPath::of_keys(&["spec"]);
    let Some(subsets) = spec.get_mut("subsets").and_then(Value::as_array_mut) else {
        return Err(Failure::new(path, "there are no subsets to put the canary's behind"));
    };
    let (key, value) = GRAY_LABEL;
    subsets.push(json!({"labels": {key: value}, "name": CANARY_SUBSET}));
    encode(&spec, &path)
}
