//! Where we differ from the controller, and why: known.jsonc.
//!
//! An entry names a `case`, or a `rule` by which the file of a kind tells a whole class of cases.

use serde_json::Value;

const KNOWN: &str = include_str!("known.jsonc");

/// The differences that are known.
pub(crate) struct Known(Vec<Value>);

impl Known {
    pub(crate) fn read() -> Self {
        let entries: Vec<Value> = serde_json::from_str(KNOWN).unwrap();
        for entry in &entries {
            assert!(entry["reason"].is_string(), "{entry} gives no reason");
            assert!(entry["case"].is_string() != entry["rule"].is_string(), "{entry}");
        }
        Self(entries)
    }

    pub(crate) fn lists_case(&self, file: &str) -> bool {
        self.0.iter().any(|entry| entry["case"] == file)
    }

    pub(crate) fn lists_rule(&self, rule: &str) -> bool {
        self.0.iter().any(|entry| entry["rule"] == rule)
    }
}
