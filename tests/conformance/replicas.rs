//! How many pods the canary has: every row is a rollout of its own, since steps never scale down.

use serde_json::{Map, Value, json};

use super::input::{Asked, deployment};
use super::projection::is_canary;
use super::table::Verdict;

/// Checks every row of a case, each with a name.
pub(crate) fn check(case: &Value) -> Vec<(String, Verdict)> {
    let rows = case["expected"]["rows"].as_array();
    let checked = |(step, replicas, result): (&Value, &Value, &Value)| {
        (format!("{step} of {replicas}"), check_row(step, replicas, result))
    };
    match rows {
        Some(rows) => rows
            .iter()
            .map(|row| checked((&row["step"], &row["replicas"], &row["result"])))
            .collect(),
        None => {
            let (input, expected) = (&case["input"], &case["expected"]["replicas"]);
            vec![checked((&input["batchReplicas"], &input["workloadReplicas"], expected))]
        }
    }
}

fn check_row(step: &Value, replicas: &Value, result: &Value) -> Verdict {
    let labels = Map::from_iter([("app".to_owned(), json!("web"))]);
    let asked = Asked {
        routing: None,
        steps: vec![json!({"replicas": step})],
        settings: Map::new(),
        objects: vec![deployment((&labels, &Value::Null), replicas, &Value::Null)],
        stage: "1".to_owned(),
        revisions: ["stable1", "canary1"].map(str::to_owned),
    };
    match (asked.render(), is_valid(step)) {
        (Err(_), false) => {
            Verdict::OutOfScope("the webhook refuses such a number of replicas, and so do we")
        }
        (Err(codes), true) => Verdict::Refused(codes),
        (Ok(_), false) => Verdict::Differs("what the webhook refuses is rendered".to_owned()),
        (Ok(objects), true) => {
            let canary = objects.iter().find(|object| is_canary(object));
            let ours = canary.map_or(&Value::Null, |canary| &canary["spec"]["replicas"]);
            if ours == result {
                Verdict::Passed
            } else {
                Verdict::Differs(format!("{ours}, recorded {result}"))
            }
        }
    }
}

/// Returns whether the webhook accepts the number: above 0, and at most 100 %
/// (pkg/webhook/rollout/validating/rollout_create_update_handler.go `validateRolloutSpecCanarySteps`).
fn is_valid(step: &Value) -> bool {
    match step {
        Value::String(text) => {
            let percent = text.strip_suffix('%').and_then(|number| number.parse::<i64>().ok());
            percent.is_some_and(|percent| (1..=100).contains(&percent))
        }
        number => number.as_i64().is_some_and(|number| number > 0),
    }
}
