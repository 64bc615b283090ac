//! Probes of containers, as far as the API server would refuse them.
//!
//! A canary with a Deployment that is refused has no pods, while its route has requests.

use crate::diagnostic::Collector;
use crate::diagnostic::codes::INVALID_FIELD;
use crate::manifest::Field;

/// The lists of containers that may have probes.
const CONTAINERS: [&str; 2] = ["containers", "initContainers"];

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// The numbers of a probe; 0 stands for the default.
///
/// From kubernetes/kubernetes:pkg/apis/core/validation/validation.go `validateProbe`.
const NUMBERS: [&str; 5] = [
    "failureThreshold",
    "successThreshold",
    "periodSeconds",
    "timeoutSeconds",
    "initialDelaySeconds",
];

/// Reports numbers that are not whole, or below 0.
pub(super) fn check_probes<'a>(template: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    let Some(spec) = template.child("spec") else { return };
    for container in CONTAINERS.into_iter().flat_map(|list| spec.list(list)) {
        for probe in PROBES.into_iter().filter_map(|probe| container.child(probe)) {
            check_probe(&probe, problems);
        }
    }
}

fn check_probe<'a>(probe: &Field<'_, 'a>, problems: &mut Collector<'a>) {
    for name in NUMBERS {
        let Some(field) = probe.child(name) else { continue };
        let value = field.to_value();
        let is_number = value.as_u64().is_some_and(|number| i32::try_from(number).is_ok());
        if !is_number && !value.is_null() {
            let message = format!("`{name}` must be a whole number that is not below 0");
            let problem = field.problem(&INVALID_FIELD, message);
            problems.push(problem.help("write a whole number without quotes"));
        }
    }
}
