//! Cases of kind `validation`: what the webhook refuses when a Rollout is created.
//!
//! A Rollout is refused where ours is an error, and then each of the webhook's words is found in one
//! of our messages; ours may be more, since the webhook stops at the first step.

use rollstep::diagnostic::{Diagnostic, Severity};
use rollstep::{Source, read_rollouts};
use serde_json::Value;

use crate::Case;
use crate::table::Verdict;

/// Where the Rollout that is created lies, after those that are there already.
const CREATED: &str = "created.json";

/// The words of the webhook for the limit of partition style.
const LIMIT: &str = "style rollout: step[x]";

/// The limit that the controller is shipped with.
const SHIPPED_LIMIT: u64 = 50;

/// What the API server refuses before the webhook is asked.
const SCHEMA: [&str; 4] = ["unknown-field", "missing-field", "invalid-field", "duplicate-header"];

pub(crate) fn check(case: &Case) -> Verdict {
    let input = &case.value["input"];
    if input["op"] == "update" || !input["old"].is_null() {
        return Verdict::OutOfScope("update-time validation needs the Rollout as it was");
    }
    let only_conflicts = input["op"] == "validateConflict";
    let said: Vec<_> = read(input)
        .into_iter()
        .filter(|one| !only_conflicts || one.code.name == "shared-object")
        .collect();
    let errors: Vec<_> = said.iter().filter(|one| one.severity == Severity::Error).collect();
    let words = words(case);
    let missing: Vec<_> =
        words.iter().filter(|word| !errors.iter().any(|one| one.message.contains(*word))).collect();
    if missing.is_empty() && errors.is_empty() == is_allowed(case) {
        return Verdict::Passed;
    }
    let of_limit = |text: &str| text.contains(LIMIT);
    let limit_decides =
        words.iter().any(|word| of_limit(word)) || errors.iter().any(|one| of_limit(&one.message));
    if limit_decides && input["partitionPercentLimit"].as_u64() != Some(SHIPPED_LIMIT) {
        return Verdict::OutOfScope("another limit of partition style than the shipped one");
    }
    let assumed = said.iter().any(|one| {
        one.code.name == "style-assumed" && one.message.contains("its webhook would refuse")
    });
    if assumed && !missing.is_empty() && missing.iter().all(|word| of_limit(word)) {
        return Verdict::DiffersBy("style-assumed");
    }
    let by_schema =
        |one: &Diagnostic| SCHEMA.contains(&one.code.name) && !one.message.contains("(webhook: ");
    let refuses_more = missing.is_empty() && errors.iter().all(|one| by_schema(one));
    let refuses_earlier = !is_allowed(case) && errors.iter().any(|one| by_schema(one));
    if !errors.is_empty() && (refuses_more || refuses_earlier) {
        return Verdict::DiffersBy("schema");
    }
    let found: Vec<_> = errors.iter().map(|one| &one.message).collect();
    Verdict::Differs(format!(
        "allowed: {}, missing {missing:?}, found {found:#?}",
        is_allowed(case)
    ))
}

fn is_allowed(case: &Case) -> bool {
    let allowed =
        case.value["expected"]["allowed"].as_bool().or(case.value["expected"]["succeed"].as_bool());
    allowed.unwrap_or_else(|| panic!("{} does not say whether it is allowed", case.name))
}

/// Returns what the webhook says.
fn words(case: &Case) -> Vec<String> {
    let errors = [&case.value["expected"]["errors"], &case.value["observed"]["errors"]];
    let errors = errors.into_iter().filter_map(Value::as_array).flatten();
    errors.filter_map(|error| error["detail"].as_str().map(str::to_owned)).collect()
}

/// Returns what is said of the Rollout that is created beside those that are there.
fn read(input: &Value) -> Vec<Diagnostic> {
    let created = with_kind(&input["rollout"]);
    let is_other = |other: &Value| other["metadata"] != created["metadata"];
    let existing = input["existing"].as_array().into_iter().flatten().map(with_kind);
    let mut sources: Vec<_> = existing
        .filter(is_other)
        .map(|rollout| Source::new("existing.json", rollout.to_string()))
        .collect();
    sources.push(Source::new(CREATED, created.to_string()));
    let mut said = read_rollouts(&sources).diagnostics;
    said.retain(|one| one.location.as_ref().is_none_or(|place| place.file == CREATED));
    said
}

/// Adds what the tests of the controller leave to Go's types.
fn with_kind(rollout: &Value) -> Value {
    let mut rollout = rollout.clone();
    let old = rollout["spec"].get("objectRef").is_some();
    let version = if old { "v1alpha1" } else { "v1beta1" };
    let map = rollout.as_object_mut().unwrap();
    let api_version = format!("rollouts.kruise.io/{version}");
    map.entry("apiVersion").or_insert(Value::String(api_version));
    map.entry("kind").or_insert(Value::String("Rollout".to_owned()));
    rollout
}
