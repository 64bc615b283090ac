//! Cases of kind `conversion`: v1alpha1 as v1beta1.

use rollstep::{Source, read_rollouts};
use serde_json::Value;

use crate::Case;
use crate::same::is_same;
use crate::table::Verdict;

pub(crate) fn check(case: &Case) -> Verdict {
    if case.value["input"]["direction"] != "v1alpha1->v1beta1" {
        return Verdict::OutOfScope("nothing is written as v1alpha1");
    }
    let text = case.value["input"]["rollout"].to_string();
    let mut read = read_rollouts(&[Source::new("rollout.json", text)]);
    if !case.value["expected"]["controllerPanics"].is_null() {
        let told = !read.diagnostics.is_empty();
        let silent = || Verdict::Differs("nothing is told where the controller panics".to_owned());
        return if told { Verdict::DiffersBy("panic") } else { silent() };
    }
    let found = read.rollouts.pop().map(project).unwrap_or_default();
    let expected = project(case.value["expected"]["result"].clone());
    if is_same(&found, &expected) {
        return Verdict::Passed;
    }
    Verdict::Differs(format!("\n  found    {found}\n  expected {expected}"))
}

/// Leaves out what Go writes of absent fields, and what is no part of the conversion.
fn project(mut rollout: Value) -> Value {
    let map = rollout.as_object_mut().unwrap();
    ["apiVersion", "kind", "status"].into_iter().for_each(|key| drop(map.remove(key)));
    for (pointer, key) in
        [("/spec", "disabled"), ("/spec/strategy/canary", "enableExtraWorkloadForCanary")]
    {
        let map = rollout.pointer_mut(pointer).and_then(Value::as_object_mut);
        let Some(map) = map else { continue };
        if map.get(key) == Some(&Value::Bool(false)) {
            map.remove(key);
        }
    }
    rollout
}
