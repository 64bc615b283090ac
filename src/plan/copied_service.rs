//! What the controller's copy of the stable Service does on a cluster.
//!
//! The controller clears addresses and ports of nodes, and copies all else. Where that is asked for it
//! is written, and told where it does harm: openkruise/rollouts:pkg/trafficrouting/manager.go
//! `createCanaryService`.

use crate::diagnostic::Problem;
use crate::diagnostic::codes::COPIED_SERVICE;
use crate::manifest::Field;
use crate::model::{CanaryAddress, Rollout, Traffic};

/// Annotations that say whose object it is, or what was last applied to it.
const CLAIMS: [&str; 3] = [
    "argocd.argoproj.io/tracking-id",
    "kubectl.kubernetes.io/last-applied-configuration",
    "meta.helm.sh/release-name",
];

/// Returns a warning for each.
pub(super) fn find_harm<'a>(rollout: &Rollout<'a>) -> Vec<Problem<'a>> {
    let traffic = rollout.traffic.as_ref();
    let copied = |traffic: &&Traffic<'_>| {
        rollout.compat.is_some() && traffic.canary == CanaryAddress::Service
    };
    let Some(traffic) = traffic.filter(copied) else { return Vec::new() };
    let service = &traffic.service.resource;
    let says =
        |value: &'static str| move |field: &Field<'_, '_>| field.node().as_str() == Some(value);
    let spec = |key| service.field(&["spec", key]);
    let harms = [
        (
            spec("clusterIP").filter(says("None")),
            "the canary Service is not headless: its name leads to an address of its own, not to the pods",
        ),
        (
            spec("type").filter(says("LoadBalancer")),
            "the canary Service is of type LoadBalancer too: it gets an address outside the cluster",
        ),
        (
            spec("healthCheckNodePort"),
            "the canary Service takes the stable one's port for health checks: the API server refuses it",
        ),
    ];
    let claims = CLAIMS.into_iter().map(|key| {
        let found = service.field(&["metadata", "annotations", key]);
        (found, "the canary Service carries this annotation too, which is about the stable one")
    });
    let found = harms.into_iter().chain(claims);
    found
        .filter_map(|(field, message)| {
            let problem = field?.problem(&COPIED_SERVICE, message);
            Some(
                problem
                    .help("render without `--compat`, or remove the field from the stable Service"),
            )
        })
        .collect()
}
