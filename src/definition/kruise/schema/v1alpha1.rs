//! The fields of a Rollout of `rollouts.kruise.io/v1alpha1`.
//!
//! From openkruise/rollouts:api/v1alpha1/rollout_types.go and trafficrouting_types.go.

use super::http::{HEADER_MODIFIER, HEADERS};
use super::{PAUSE, POD_METADATA, REFERENCE, TRAFFIC_ROUTINGS};
use crate::schema::{Property, Schema, optional, required};

/// The whole object.
pub(in crate::definition::kruise) const ROLLOUT: Schema = Schema::Object(&[
    required("apiVersion", Schema::Text),
    required("kind", Schema::Text),
    required("metadata", Schema::Any),
    required("spec", Schema::Object(SPEC)),
    optional("status", Schema::Any),
]);

/// The webhook reports that a workload or a strategy is absent.
const SPEC: &[Property] = &[
    optional("objectRef", Schema::Object(&[optional("workloadRef", REFERENCE)])),
    optional("strategy", Schema::Object(STRATEGY)),
    optional("rolloutID", Schema::Text),
    optional("disabled", Schema::Boolean),
];

const STRATEGY: &[Property] =
    &[optional("paused", Schema::Boolean), optional("canary", Schema::Object(CANARY))];

const CANARY: &[Property] = &[
    optional("steps", Schema::List(&Schema::Object(STEP))),
    optional("trafficRoutings", TRAFFIC_ROUTINGS),
    optional("failureThreshold", Schema::IntegerOrText),
    optional("patchPodTemplateMetadata", Schema::Object(POD_METADATA)),
    optional("disableGenerateCanaryService", Schema::Boolean),
];

const STEP: &[Property] = &[
    optional("weight", Schema::Integer),
    optional("replicas", Schema::IntegerOrText),
    optional("pause", PAUSE),
    optional("matches", Schema::List(&Schema::Object(&[optional("headers", HEADERS)]))),
    optional("requestHeaderModifier", HEADER_MODIFIER),
];
