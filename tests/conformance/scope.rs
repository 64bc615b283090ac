//! Which cases are about something that is not rendered, and why.

use super::Case;

/// Returns why the case is none of ours, if it is not.
pub(crate) fn out_of_scope(case: &Case) -> Option<&'static str> {
    let input = &case.value["input"];
    let release = &input["release"]["spec"]["releasePlan"];
    let operations = input["operations"].as_array();
    let operates = |name: &str| operations.is_some_and(|all| all.iter().any(|one| one == name));
    let kind = case.kind.as_str();
    if kind == "httproute" || kind.starts_with("ingress") {
        return Some("routes of this kind are not rendered yet");
    }
    let style = release["rollingStyle"].as_str();
    let operation = input["op"].as_str().unwrap_or_default();
    let in_place = ["(partition ", "(blueGreen "].iter().any(|style| operation.contains(style));
    if in_place || (kind == "deployment" && style.is_some_and(|style| style != "Canary")) {
        return Some("partition and blue-green style have no canary Deployment");
    }
    if operates("finalizeStable") && operates("create") && !operates("upgrade") {
        return Some("a canary that is made but not scaled yet is no stage");
    }
    if input["op"] == "IsControlledByBatchRelease" {
        return Some("who controls a workload is a question to a running controller");
    }
    if input["op"] == "IsCurrentMoreThanOrEqualToDesired" {
        return Some("what runs is compared with what should run in a cluster only");
    }
    if input["revisionLabelKey"] == "controller-revision-hash" {
        return Some("only Deployments are rolled out");
    }
    None
}
