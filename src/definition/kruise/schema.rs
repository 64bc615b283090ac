//! The fields of a Rollout of `rollouts.kruise.io/v1beta1`.
//!
//! From openkruise/rollouts:api/v1beta1/rollout_types.go and trafficrouting.go, with the bounds of its
//! CRD (config/crd/bases/rollouts.kruise.io_rollouts.yaml). Further demands of its webhook,
//! also that a field is there, are in [`validation`](super::validation).

mod http;
pub(super) mod v1alpha1;

use crate::schema::{ListBounds, Property, Schema, Unique, optional, required};
use http::{HEADER_MODIFIER, MATCHES};

/// The whole object.
pub(super) const ROLLOUT: Schema = Schema::Object(&[
    required("apiVersion", Schema::Text),
    required("kind", Schema::Text),
    required("metadata", Schema::Any),
    required("spec", Schema::Object(SPEC)),
    optional("status", Schema::Any),
]);

const SPEC: &[Property] = &[
    required("workloadRef", REFERENCE),
    // The webhook reports its absence.
    optional("strategy", Schema::Object(STRATEGY)),
    optional("disabled", Schema::Boolean),
];

const REFERENCE: Schema = Schema::Object(&[
    required("apiVersion", Schema::Text),
    required("kind", Schema::Text),
    required("name", Schema::Text),
]);

const STRATEGY: &[Property] = &[
    optional("paused", Schema::Boolean),
    optional("canary", Schema::Object(CANARY)),
    optional("blueGreen", Schema::Object(BLUE_GREEN)),
];

const CANARY: &[Property] = &[
    // The webhook reports its absence.
    optional("steps", STEPS),
    optional("trafficRoutings", TRAFFIC_ROUTINGS),
    optional("failureThreshold", Schema::IntegerOrText),
    optional("patchPodTemplateMetadata", Schema::Object(POD_METADATA)),
    optional("enableExtraWorkloadForCanary", Schema::Boolean),
    optional("trafficRoutingRef", Schema::Text),
    optional("disableGenerateCanaryService", Schema::Boolean),
];

const BLUE_GREEN: &[Property] = &[
    optional("steps", STEPS),
    optional("trafficRoutings", TRAFFIC_ROUTINGS),
    optional("failureThreshold", Schema::IntegerOrText),
    optional("trafficRoutingRef", Schema::Text),
    optional("disableGenerateCanaryService", Schema::Boolean),
];

const POD_METADATA: &[Property] =
    &[optional("labels", Schema::LabelValues), optional("annotations", Schema::Labels)];

const STEPS: Schema =
    Schema::ListWithin(&Schema::Object(STEP), ListBounds { most: 50, unique: Unique::Nothing });

const STEP: &[Property] = &[
    optional("traffic", Schema::Text),
    optional("replicas", Schema::IntegerOrText),
    optional("pause", PAUSE),
    optional("matches", MATCHES),
    optional("requestHeaderModifier", HEADER_MODIFIER),
];

const PAUSE: Schema = Schema::Object(&[optional("duration", Schema::Integer)]);

const TRAFFIC_ROUTINGS: Schema = Schema::List(&Schema::Object(TRAFFIC_ROUTING));

const TRAFFIC_ROUTING: &[Property] = &[
    required("service", Schema::Text),
    optional("gracePeriodSeconds", Schema::Integer),
    optional("ingress", Schema::Object(INGRESS)),
    optional("gateway", Schema::Object(&[optional("httpRouteName", Schema::Text)])),
    optional("customNetworkRefs", Schema::List(&REFERENCE)),
];

const INGRESS: &[Property] = &[optional("classType", Schema::Text), required("name", Schema::Text)];
