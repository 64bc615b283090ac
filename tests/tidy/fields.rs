//! Fields of a controller's definitions, which its reader alone names.

use super::library;

/// The fields of OpenKruise's Rollout whose names mean nothing else.
const FIELDS_OF_KRUISE: &[&str] = &[
    "blueGreen",
    "canaryStatus",
    "customNetworkRefs",
    "disableGenerateCanaryService",
    "enableExtraWorkloadForCanary",
    "objectRef",
    "patchPodTemplateMetadata",
    "podTemplateHash",
    "requestHeaderModifier",
    "rolloutID",
    "stableRevision",
    "trafficRoutingRef",
    "trafficRoutings",
    "workloadRef",
    "\"strategy\", \"canary\"",
    "\"strategy\", \"paused\"",
    "\"spec\", \"disabled\"",
    "spec.disabled",
    "strategy.canary",
    "strategy.paused",
];

/// Other files that may name them.
const NAME_FIELDS_OF_KRUISE: &[(&str, &str)] = &[
    ("diagnostic/codes/", "the meaning of a code speaks of what its reader wrote"),
    ("diagnostic/explanation/", "an explanation shows manifests as its reader writes them"),
    ("diagnostic.rs", "an example of a printed diagnostic"),
    ("pipeline/rollouts.rs", "the example of a public function reads a manifest"),
];

#[test]
fn fields_of_a_controller_are_named_by_its_reader_alone() {
    let mut wrong = Vec::new();
    for (name, text) in library() {
        let may = NAME_FIELDS_OF_KRUISE.iter().any(|(exempt, _)| name.starts_with(exempt));
        if may || name.starts_with("definition/kruise") {
            continue;
        }
        for field in FIELDS_OF_KRUISE.iter().filter(|field| text.contains(**field)) {
            wrong.push(format!("{name} names {field}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (exempt, _) in NAME_FIELDS_OF_KRUISE {
        let names = library().into_iter().any(|(name, text)| {
            name.starts_with(exempt) && FIELDS_OF_KRUISE.iter().any(|field| text.contains(field))
        });
        assert!(names, "{exempt} names no field and needs no exemption");
    }
}
