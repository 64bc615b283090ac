//! The Deployments of a step: the stable one held back, the canary beside it.

use serde_json::{Map, Value, json};

use super::input::Asked;
use super::projection::{compare, is_canary};
use super::table::Verdict;

/// Checks a case of canary style: the batches of its BatchRelease are the steps of a rollout.
pub(crate) fn check(case: &Value) -> Verdict {
    let input = &case["input"];
    if let Some(stable) = input.get("deployment") {
        return check_stable(stable, &case["expected"]);
    }
    let plan = &input["release"]["spec"]["releasePlan"];
    let batches = plan["batches"].as_array().unwrap().iter();
    let steps = batches.map(|batch| json!({"replicas": batch["canaryReplicas"]})).collect();
    let operations = input["operations"].as_array().unwrap().iter();
    let step = 1 + operations.filter(|operation| **operation == "nextBatch").count();
    let mut settings = Map::new();
    if let Some(patch) = plan.get("patchPodTemplateMetadata") {
        settings.insert("patchPodTemplateMetadata".to_owned(), patch.clone());
    }
    let asked = Asked {
        routing: None,
        steps,
        settings,
        objects: input["objects"].as_array().unwrap().clone(),
        stage: step.to_string(),
        revisions: ["stable1", "canary1"].map(str::to_owned),
    };
    match asked.render() {
        Ok(ours) => {
            compare(&ours, case["expected"]["objects"].as_array().unwrap(), &["Deployment"])
        }
        Err(codes) => Verdict::Refused(codes),
    }
}

/// Checks the stable Deployment alone, held back at a step and let go afterwards.
fn check_stable(stable: &Value, expected: &Value) -> Verdict {
    for (stage, recorded) in [("1", "stableAfterInitialize"), ("done", "stableAfterFinalize")] {
        let asked = Asked {
            routing: None,
            steps: vec![json!({"replicas": 1})],
            settings: Map::new(),
            objects: vec![stable.clone()],
            stage: stage.to_owned(),
            revisions: ["stable1", "canary1"].map(str::to_owned),
        };
        let verdict = match asked.render() {
            Ok(mut ours) => {
                ours.retain(|object| !is_canary(object));
                compare(&ours, std::slice::from_ref(&expected[recorded]), &["Deployment"])
            }
            Err(codes) => Verdict::Refused(codes),
        };
        if !matches!(verdict, Verdict::Passed) {
            return verdict;
        }
    }
    Verdict::Passed
}
